"""What a program executes on a simulator, by function and by kind of instruction."""
