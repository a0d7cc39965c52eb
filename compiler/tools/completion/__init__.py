"""
Shell completion of both tools, generated from what their parsers understand.

`commands.py` reads the parsers, `values.py` says what may stand where, and there is one
module per shell that writes all of it as a script.
"""
