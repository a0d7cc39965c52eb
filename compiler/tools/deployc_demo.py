"""`deployc demo`: a handwritten digit, classified on a simulated RISC-V machine."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from .progress import say


def add_demo(parser: argparse.ArgumentParser) -> None:
    """The options of `demo`."""
    from ..demo.digits import DEFAULT_IMAGE

    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "index",
        metavar="INDEX",
        nargs="?",
        type=int,
        default=DEFAULT_IMAGE,
        help=f"which of the 360 test images (default {DEFAULT_IMAGE})",
    )
    wanted.add_argument(
        "--save",
        metavar="DIR",
        help="only write the two networks and the images to this new folder",
    )


def demo(options: argparse.Namespace) -> None:
    """Compiles the networks, runs them on an image, and prints what came of it."""
    from ..demo.digits import MACHINE, MODELS, find_runner_here, load_digit, run
    from ..demo.page import page
    from ..machine import load_machine

    if options.save is not None:
        return save(options)
    digit, count = load_digit(options.index)
    machine = load_machine(MACHINE)
    runner = find_runner_here(machine)
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8")
    if not options.quiet:
        wrote = f"somebody wrote a {digit.label}"
        print(f"Test image {options.index} of {count}: {wrote}.", flush=True)
    outcomes = {kind: run(n, digit, machine, runner) for kind, n in MODELS.items()}
    if not options.quiet:
        print("\n".join(page(digit, outcomes)))


def save(options: argparse.Namespace) -> None:
    """Copies the networks and the images into a folder, which is made whole."""
    from ..artifact.folder import whole_folder
    from ..demo.digits import IMAGES, MODELS, digits_dir

    with whole_folder(Path(options.save), lambda _: False) as folder:
        for name in (*MODELS.values(), IMAGES):
            shutil.copyfile(digits_dir() / name, folder / name)
    if not options.quiet:
        say(f"{options.save}: {', '.join(MODELS.values())} and {IMAGES}")
