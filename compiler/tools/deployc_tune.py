"""`deployc tune`: measures candidates of the search and keeps the best."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import UsageError, printable
from ..writing import check_writable, whole_file
from .command import add_model_options, existing_file, parse_dims
from .deployc_model import chosen_machine, stated
from .deployc_options import add_computed
from .progress import told

MOST_CANDIDATES = 32


def add_tune(parser: argparse.ArgumentParser) -> None:
    """The options of `tune`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file")
    parser.add_argument(
        "-o",
        dest="database",
        metavar="FILE",
        required=True,
        help="the database to write, or to add to; for --tuned of other commands",
    )
    parser.add_argument(
        "--top",
        metavar="N",
        type=int,
        default=4,
        help="measure so many candidates of each kernel (default: 4)",
    )
    add_model_options(parser)
    add_computed(parser)


def tune(options: argparse.Namespace) -> None:
    """Measures candidates, writes the best into the database, says what it brought."""
    from ..artifact.tuned import load_tuned, merged, tuned_text
    from ..bench.tuning import tune as tuned

    if not 1 <= options.top <= MOST_CANDIDATES:
        raise UsageError(f"--top: expected 1 to {MOST_CANDIDATES}, got {options.top}")
    existing_file(options.model)
    check_writable(options.database)
    exists = Path(options.database).exists()
    before = load_tuned(options.database) if exists else ()
    machine, dims = chosen_machine(options), parse_dims(options.dim)
    chosen = stated(options)
    with told(options, options.top) as begin:
        found = tuned(options.model, machine, dims, options.top, chosen, begin)
    with whole_file(options.database) as stream:
        stream.write(tuned_text(merged(before, found)))
    if not options.quiet:
        for one in found:
            nodes = ", ".join(one.blocks.nodes) or one.blocks.kernel
            print(printable(f"{nodes}: {one.searched:,} -> {one.measured:,}"))
        total = sum(one.searched for one in found), sum(one.measured for one in found)
        unit = "nanoseconds" if machine.is_native else "weighted instructions"
        print(f"in all: {total[0]:,} -> {total[1]:,} {unit}")
