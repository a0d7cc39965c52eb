"""The options of `deployopt`, besides those of xDSL's `xdsl-opt`."""

from __future__ import annotations

import argparse

from ..requests import NAMED
from .command import add_fuse, add_model_options, add_plan, add_plugin, make_strict

EPILOG = f"""
-p also takes the phases of the compiler: {", ".join(NAMED)}. A phase runs the ones it
needs first, and its options go to the passes in it that have them. -t c prints C.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds our options to those that `parser` has."""
    make_strict(parser)
    parser.prog = "deployopt"
    parser.epilog = EPILOG
    add_model_options(parser)
    add_plan(parser)
    add_plugin(parser)
    add_fuse(parser)
    parser.set_defaults(print_debuginfo=True)
    parser.add_argument(
        "--no-debuginfo",
        dest="print_debuginfo",
        action="store_false",
        help="Print no locations",
    )
    parser.add_argument(
        "--print-pipeline",
        action="store_true",
        help="Print the passes that would run, one per line, and stop; without "
        "an input (- is standard input) those for a freshly imported model",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="Refuse where a phase needs other phases first",
    )
