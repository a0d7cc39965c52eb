"""The report: what a program does with memory and time, as one page for a browser."""
