"""What both command line tools share: options, and how they fail."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from pathlib import Path
from textwrap import shorten
from typing import NoReturn

from ..errors import DeployError, UsageError, one_line, printable, refusal
from ..writing import naming
from .start import INTERRUPTED

TRACEBACK_VARIABLE = "DEPLOYOPT_TRACEBACK"
"""Environment variable: when set, mistakes of this project show their traceback."""

LONGEST_INTERNAL = 300
"""Characters of an internal error: some texts hold a whole module."""


HELP_COLUMN = 28
"""Where help begins, at most."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What the operating system says where the call is right, but not the disk."""


class HelpFormatter(argparse.HelpFormatter):
    """Leaves room for the longest of our commands and most options on their line."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=HELP_COLUMN)

    def format_help(self) -> str:
        """The whole text; that commands are indented, argparse forgets to count."""
        self._action_max_length += self._indent_increment
        return super().format_help()


def refuse_usage(message: str) -> NoReturn:
    """What argparse calls when the command line is wrong."""
    raise UsageError(one_line(message))


def make_strict(parser: argparse.ArgumentParser) -> None:
    """Lets `parser` fail in one line, and understand no abbreviated options."""
    parser.allow_abbrev = False
    parser.error = refuse_usage


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what a model is compiled for."""
    parser.add_argument(
        "--machine",
        metavar="M",
        help="machine to compile for: a built-in name or a TOML file (default: host)",
    )
    add_settings(parser)
    add_dim(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds `--set`."""
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="override a figure of the machine, such as ram.size=65536",
    )


def add_dim(parser: argparse.ArgumentParser) -> None:
    """Adds `--dim`."""
    parser.add_argument(
        "--dim",
        metavar="NAME=N",
        action="append",
        default=[],
        help="bind a symbolic dimension of the model",
    )


def add_plugin(parser: argparse.ArgumentParser) -> None:
    """Adds `--plugin`."""
    parser.add_argument(
        "--plugin",
        metavar="FILE.py",
        action="append",
        default=[],
        help="run the passes and rewrite patterns that a Python file defines, too",
    )


def add_fuse(parser: argparse.ArgumentParser) -> None:
    """Adds `--fuse`."""
    parser.add_argument(
        "--fuse",
        metavar="OP+OP…|FILE.toml",
        action="append",
        default=[],
        help="compute operations together wherever they follow each other, such as "
        "nn.conv+nn.relu+nn.conv; may be given again, or be a file of chains",
    )


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Adds `--plan`."""
    parser.add_argument(
        "--plan",
        metavar="FILE",
        help="take every decision from a plan.json instead of searching",
    )


def parse_settings(texts: Iterable[str]) -> dict[str, str]:
    """`--set KEY=VALUE` as a dictionary; raises `UsageError`."""
    return dict(key_and_value("--set", "KEY=VALUE", text) for text in texts)


def parse_dims(texts: Iterable[str]) -> dict[str, int]:
    """`--dim NAME=N` as a dictionary of positive sizes; raises `UsageError`."""
    pairs = [key_and_value("--dim", "NAME=N", text) for text in texts]
    for name, size in pairs:
        if not (size.isascii() and size.isdigit() and int(size) > 0):
            message = f"expected a positive size, got '{size}'"
            raise UsageError(message, node=f"--dim {name}")
    sizes: dict[str, int] = {}
    for name, size in pairs:
        if sizes.setdefault(name, int(size)) != int(size):
            message = f"expected one size, got {sizes[name]} and {int(size)}"
            raise UsageError(message, node=f"--dim {name}")
    return sizes


def existing_file(name: str) -> str:
    """`name`, which must be a file."""
    if Path(name).is_dir():
        raise UsageError("expected a file, got a folder", node=name)
    if not Path(name).is_file():
        raise UsageError("no such file", node=name or "''")
    return name


def key_and_value(option: str, form: str, text: str) -> tuple[str, str]:
    """The two sides of the last `=` in `text`; raises `UsageError` without one."""
    key, equals, value = text.rpartition("=")
    if not (key and equals and value):
        raise UsageError(f"expected {form}, got '{text}'", node=option)
    return key, value


RARELY = (400_000, 20, 20)
"""When Python collects garbage."""


def run_command(action: Callable[[], int | None]) -> int:
    """
    Runs `action` and returns the exit status of the program: what `action` returns (0
    for None), 1 for a refusal, 2 for wrong usage. A failure is one line on stderr.
    """
    # A module is many small objects that live long: looking through them takes time.
    gc.set_threshold(*RARELY)
    prepare_streams()
    try:
        status = action()
        with naming("standard output"):
            sys.stdout.flush()
        return status or 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return complain(DeployError("interrupted"), INTERRUPTED)
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE) and not isinstance(error, DeployError):
            raise
        failure = as_refusal(error)
        return complain(failure, failure.exit_status)


def leave(status: int) -> NoReturn:
    """Ends the program."""
    gc.freeze()  # or all that is left would be looked through, to no one's use
    sys.exit(status)


def prepare_streams() -> None:
    """
    Lets everything be printed: streams that are closed (`1>&-`) take it and forget it,
    encodings without a character escape it.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            nowhere = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nowhere)
        elif name == "stdout" and isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(error: DeployError, status: int) -> int:
    """Prints the one line for `error` and returns `status`."""
    print(f"error: {error}", file=sys.stderr)
    return status


def as_refusal(error: Exception) -> DeployError:
    """The refusal that `error` amounts to; our own mistakes are called internal."""
    from xdsl.utils.exceptions import (
        DiagnosticException,
        ParseError,
        UnregisteredConstructException,
    )

    from ..plugins import place_in_plugin

    match error:
        case DeployError():
            return error
        case ParseError():
            return DeployError(one_line(error.msg), node=str(error.span.get_location()))
        case DiagnosticException():
            return refusal(error)
        case OSError(strerror=str(reason)):
            name = "standard output" if error.filename is None else error.filename
            kind = DeployError if error.errno in FULL else UsageError
            return kind(reason.lower(), node=printable(str(name)))
        case _ if (place := place_in_plugin(error)) is not None:
            failed = f"the plugin failed: {type(error).__name__}: {error}"
            return fault(failed, place)
        case UnregisteredConstructException() | ValueError():
            return DeployError(one_line(str(error)))
        case _:
            return fault(f"internal error: {type(error).__name__}: {error}")


def fault(text: str, node: str | None = None) -> DeployError:
    """An exception that nobody has meant for a user, as one line."""
    message = shorten(one_line(text), LONGEST_INTERNAL, placeholder=" …")
    hint = f"{TRACEBACK_VARIABLE}=1 shows where"
    return DeployError(message, node=node, hint=hint)
