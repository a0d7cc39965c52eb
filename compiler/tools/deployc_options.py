"""The options of each command of `deployc`."""

from __future__ import annotations

import argparse

from .command import (
    add_dim,
    add_fuse,
    add_model_options,
    add_plan,
    add_plugin,
    add_settings,
)


def add_build(parser: argparse.ArgumentParser) -> None:
    """The options of `build`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file")
    result = parser.add_mutually_exclusive_group(required=True)
    result.add_argument("-o", dest="folder", metavar="DIR", help="the folder to write")
    result.add_argument(
        "--frontier",
        metavar="LEVEL",
        help="instead of a folder: what sizes of this level would move how many bytes",
    )
    add_program(parser)
    add_explain(parser)


def add_program(parser: argparse.ArgumentParser) -> None:
    """The options of everything that makes a program of one model."""
    add_model_options(parser)
    add_name(parser)
    add_plan(parser)
    add_computed(parser)
    add_tuned(parser)
    add_weights(parser)


def add_computed(parser: argparse.ArgumentParser) -> None:
    """Adds what changes what is computed: in all that compiles a model."""
    add_plugin(parser)
    add_fuse(parser)
    add_interface(parser)


def add_interface(parser: argparse.ArgumentParser) -> None:
    """Adds `--io-type` and `--io-layout`."""
    parser.add_argument(
        "--io-type",
        metavar="[NAME=]T",
        action="append",
        help="give and get quantised tensors, or the one called NAME, as this type: "
        "float32, or the integers that the model has; may be given again",
    )
    parser.add_argument(
        "--io-layout",
        metavar="[NAME=]L",
        action="append",
        help="give and get images, or the one called NAME, in this order: nchw or "
        "nhwc, with other ranks alike; may be given again",
    )


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Adds how the program holds its constants."""
    parser.add_argument(
        "--weights",
        metavar="F",
        help="hold constants as c, arrays, or as binary, a file that is included "
        "(default: by their size)",
    )
    parser.add_argument(
        "--weights-section", metavar="S", help="put constants into this section"
    )
    parser.add_argument(
        "--weights-at",
        metavar="ADDRESS",
        type=address,
        help="expect constants there, and leave them out of the program",
    )


def address(text: str) -> int:
    """A number in any base that C has; argparse reports what is none."""
    return int(text, 0)


def add_tuned(parser: argparse.ArgumentParser) -> None:
    """Adds `--tuned`."""
    parser.add_argument(
        "--tuned",
        metavar="FILE",
        help="cut kernels as deployc tune has found to be best",
    )


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Adds `--explain`."""
    parser.add_argument(
        "--explain",
        action="store_true",
        help="print what was decided per ONNX node, what it costs, and what came next",
    )


def add_name(parser: argparse.ArgumentParser) -> None:
    """Adds `--name`."""
    parser.add_argument(
        "--name", metavar="N", help="what the C symbols begin with (default: the file)"
    )


def add_running(parser: argparse.ArgumentParser) -> None:
    """The options of everything that runs a program."""
    add_program(parser)
    add_inputs(parser)


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Where a program runs, and on what."""
    parser.add_argument("--runner", metavar="R", help="one of the machine's runners")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--inputs", metavar="I.npz", help="arrays for the inputs")
    given.add_argument(
        "--seed", metavar="S", type=seed, default=0, help="of random inputs (default 0)"
    )


def add_several(parser: argparse.ArgumentParser, what: str, default: str) -> None:
    """Adds what is compiled for several machines: a `--machine` may be given again."""
    parser.add_argument(
        "--machine",
        metavar="M",
        action="append",
        default=[],
        help=f"{what}; may be given again (default: {default})",
    )
    add_settings(parser)
    add_dim(parser)
    add_computed(parser)
    add_tuned(parser)


def seed(text: str) -> int:
    """A seed; argparse reports what is none."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def add_run(parser: argparse.ArgumentParser) -> None:
    """The options of `run`."""
    parser.add_argument("model", metavar="MODEL|DIR", help="an ONNX file or a folder")
    add_running(parser)
    add_checks(parser)
    parser.add_argument("--outputs", metavar="O.npz", help="save the outputs here")
    parser.add_argument(
        "--profile", metavar="P.json", help="save instructions per ONNX node here"
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    parser.add_argument("model", metavar="MODEL|DIR", help="an ONNX file or a folder")
    parser.add_argument(
        "-o", dest="page", metavar="FILE.html", required=True, help="the file to write"
    )
    add_program(parser)
    parser.add_argument(
        "--profile", metavar="P.json", help="what run --profile has saved"
    )


def add_checks(parser: argparse.ArgumentParser) -> None:
    """The options of a program that is watched while it runs."""
    parser.add_argument(
        "--checked",
        action="store_true",
        help="trap kernels that touch anything but their level",
    )
    parser.add_argument(
        "--hal",
        metavar="H",
        help="do transfers sync, deferred or eager, and count them",
    )


def add_check(parser: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file")
    add_running(parser)
    parser.add_argument(
        "--per-node",
        action="store_true",
        help="compare every tensor of the model, and say which node is off first",
    )
    parser.add_argument(
        "--per-pass",
        action="store_true",
        help="interpret the module after each pass, and say which changes its meaning",
    )
    add_explain(parser)
    add_checks(parser)
