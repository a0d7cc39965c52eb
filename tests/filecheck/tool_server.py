"""
Runs the tools for lit without starting Python for each of them.

`tool_server.py serve DESCRIPTOR` imports the tools and forks a child for each call that
comes from a socket, until its standard input is closed. `tool_server.py call PATH TOOL
ARGUMENT…` is such a call: it lends the child its files and ends as the child does.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable

Tool = Callable[[], object]

BYTES = 1 << 20
"""More than a command line has."""
SECONDS = 60
"""After which a child ends whatever it does."""


def call(path: str, command: list[str]) -> int:
    """The status of `command`, which the server at `path` runs here."""
    message = json.dumps({"command": command, "folder": os.getcwd()}).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [message], [0, 1, 2])
        status = connection.recv(1)
    return status[0] if status else 1


def serve(listener: socket.socket) -> None:
    """Runs what is called for until standard input ends."""
    import gc
    import select
    import signal

    tools = imported_tools()
    gc.collect()
    gc.freeze()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.alarm(SECONDS)
            listener.close()
            status = answered(connection, tools)
            connection.send(bytes([status & 0xFF]))
            os._exit(0)
        connection.close()


def imported_tools() -> dict[str, Tool]:
    """The tools by name; all that they import when they need it is imported."""
    import importlib
    import pkgutil

    package = importlib.import_module("deployopt")
    for module in pkgutil.walk_packages(package.__path__, "deployopt."):
        importlib.import_module(module.name)
    places = {"deployopt": "deployopt.tools.deployopt", "filecheck": "filecheck.main"}
    return {name: importlib.import_module(place).main for name, place in places.items()}


def answered(connection: socket.socket, tools: dict[str, Tool]) -> int:
    """The status of the tool that `connection` calls for, run with its files."""
    import traceback

    message, lent, _, _ = socket.recv_fds(connection, BYTES, 3)
    for own, descriptor in enumerate(lent):
        os.dup2(descriptor, own)
        os.close(descriptor)
    # Made anew: what Python knows of a file, it found out when it started.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", closefd=False)
    asked = json.loads(message)
    os.chdir(asked["folder"])
    sys.argv = asked["command"]
    status: object = 1
    try:
        status = tools[sys.argv[0]]()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return status if isinstance(status, int) else int(status is not None)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        sys.exit(call(sys.argv[2], sys.argv[3:]))
