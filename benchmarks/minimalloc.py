"""
Times `deployc plan` on tables of buffers in MiniMalloc's format; prints a table.

    python benchmarks/minimalloc.py FOLDER > benchmarks/minimalloc.md
    python benchmarks/minimalloc.py --random 10

FOLDER holds files NAME.CAPACITY.csv, such as the ones that MiniMalloc publishes in
`benchmarks/challenging`. Random instances come from cutting a rectangle, capacity by
time, into 150 to 450 smaller ones; every third time as it is, so that no byte is ever
free, otherwise without some of them. Each plan is checked pair by pair.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

UNIT = 1024
"""Of sizes and times."""
WHOLE = 1024
"""Units of capacity and of time."""

COLUMNS = ("instance", "buffers", "bound / capacity", "peak / capacity", "found by")
TIMES = ("wall s", "CPU s")


def table_row(*cells: object) -> str:
    """A row of the table."""
    return f"| {' | '.join(map(str, cells))} |"


def cut(rectangle: list[int], rng: random.Random) -> list[list[int]]:
    """A rectangle `[lower, upper, bottom, top]` in two, along either side."""
    side = rng.choice((0, 2))
    low, high = rectangle[side : side + 2]
    if high - low < 2:
        return [rectangle]
    place = rng.randrange(low + 1, high)
    one, other = list(rectangle), list(rectangle)
    one[side + 1] = other[side] = place
    return [one, other]


def random_rectangles(seed: int) -> list[list[int]]:
    """Rectangles that fit, because they have been cut out of one."""
    rng = random.Random(seed)
    pieces = [[0, WHOLE, 0, WHOLE]]
    count = rng.randrange(150, 451)
    while len(pieces) < count:
        areas = [(b - a) * (d - c) for a, b, c, d in pieces]
        (index,) = rng.choices(range(len(pieces)), areas)
        pieces += cut(pieces.pop(index), rng)
    rng.shuffle(pieces)
    return pieces[len(pieces) // 15 :] if seed % 3 else pieces


def write_random(folder: Path, seed: int) -> None:
    """One random instance."""
    path = folder / f"random{seed:02}.{UNIT * WHOLE}.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "lower", "upper", "size"])
        for number, (lower, upper, low, high) in enumerate(random_rectangles(seed)):
            size = (high - low) * UNIT
            writer.writerow([number, lower * UNIT, upper * UNIT, size])


def is_right(path: Path, capacity: int) -> bool:
    """Whether no two buffers of a table share a byte at a time."""
    with path.open(newline="") as stream:
        rows = [
            [int(row[name]) for name in ("lower", "upper", "offset", "size")]
            for row in csv.DictReader(stream)
        ]
    inside = all(o >= 0 and o + size <= capacity for _, _, o, size in rows)
    apart = all(
        a[1] <= b[0] or b[1] <= a[0] or a[2] + a[3] <= b[2] or b[2] + b[3] <= a[2]
        for a, b in combinations(rows, 2)
    )
    return inside and apart


def measured(path: Path, budget: str) -> tuple[str, float]:
    """A row of the table, and the seconds it took."""
    name, capacity = path.stem.rsplit(".", 1)
    with TemporaryDirectory() as folder:
        out = Path(folder) / "offsets.csv"
        command = ["plan", str(path), "--capacity", capacity, "-o", str(out)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        result = subprocess.run(
            [
                sys.executable,
                "-m",
                "deployopt.tools.deployc",
                *command,
                *budget.split(),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if not result.returncode and not is_right(out, int(capacity)):
            raise SystemExit(f"{path}: the plan is wrong")
    times = (f"{taken:.1f}", f"{after.ru_utime - before.ru_utime:.1f}")
    count = len(path.read_text().splitlines()) - 1
    if result.returncode:
        found = result.stderr.rpartition("error: ")[2].strip()
        return table_row(name, count, "", "", found, *times), taken
    words = result.stdout.split()
    peak, bound = int(words[1]) / int(capacity), int(words[5]) / int(capacity)
    method = result.stdout.strip().rpartition("by ")[2]
    ratios = (f"{bound:.3f}", f"{peak:.3f}")
    return table_row(name, count, *ratios, method, *times), taken


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Times deployc plan.")
    parser.add_argument("folder", type=Path, nargs="?", help="NAME.CAPACITY.csv in it")
    parser.add_argument("--random", type=int, default=0, help="how many random ones")
    parser.add_argument("--budget", help="deterministic seconds for each")
    options = parser.parse_args()
    budget = f"--budget {options.budget}" if options.budget else ""
    with TemporaryDirectory() as made:
        for seed in range(options.random):
            write_random(Path(made), seed)
        folders = [folder for folder in (options.folder, Path(made)) if folder]
        paths = [path for folder in folders for path in sorted(folder.glob("*.*.csv"))]
        print(table_row(*COLUMNS, *TIMES))
        print(table_row(*["---"] * 7), flush=True)
        total = 0.0
        for path in paths:
            row, taken = measured(path, budget)
            total += taken
            print(row, flush=True)
    print(table_row("all", "", "", "", "", f"{total:.1f}", ""))


if __name__ == "__main__":
    main()
