"""
How near the hottest block of each kernel comes to what a core's units allow.

    python benchmarks/throughput.py MODEL... [--machine M] [--tune CORE] [--share S]

Spike says how often each instruction is executed. The basic block of a kernel with the
most weighted instructions is given to llvm-mca as a loop: its resource bound is the
most cycles that a unit, or the width of the core, needs for one round, its cycles are
those of one round among many, with what instructions wait for. A ratio of 1 is a loop
that waits for nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deployopt.api import compile
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.artifact import Artifact
from deployopt.errors import DeployError
from deployopt.execution.build import build_program
from deployopt.execution.counting.counts import counted, counts_by_function
from deployopt.execution.counting.decoding import EIGHTHS, flow, length
from deployopt.execution.counting.histogram import count_inference
from deployopt.execution.counting.vector_types import (
    TYPES,
    Code,
    disassembled,
    vector_types,
)
from deployopt.execution.elf import code_at, functions
from deployopt.execution.execute import read_tensors
from deployopt.execution.steps import program_steps
from deployopt.machine import load_machine
from deployopt.text_table import aligned, shortened

CORES = ("sifive-x280", "sifive-p670")
"""One that does instructions in order, one that does not."""
ROUNDS = 200
VERSIONS = ("-22", "-21", "-20", "-19", "")
"""What Debian adds to the names of LLVM's programs; older ones know neither core."""
FEATURES = "--mattr=+m,+a,+f,+d,+c,+v"
TARGET = re.compile(r"0x[0-9a-f]+( <.*>)?$")
LINE = re.compile(r"\s*([0-9a-f]+):\s+(.*)")
BARE = re.compile(r"\s*[<#].*$")
HEAD = ("model", "kernel", "share", "length", "loop", "vectors")


@dataclass(frozen=True)
class Block:
    """The hottest block of a kernel."""

    model: str
    kernel: str
    share: float
    """The part of all weighted instructions of the model that the kernel executes."""
    lines: Sequence[str]
    """Its instructions in assembly language."""
    is_loop: bool
    """Whether its last instruction goes back to its first one."""
    vtype: int | None
    """The vector type before it, where that is known."""

    @property
    def group(self) -> str:
        """Element width and LMUL before it, such as `e32 m4`."""
        if self.vtype is None:
            return ""
        eighths = EIGHTHS[self.vtype & 7]
        whole = f"m{eighths // 8}" if eighths >= 8 else f"mf{8 // eighths}"
        return f"e{8 << (self.vtype >> 3 & 7)} {whole}"

    def region(self) -> str:
        """What llvm-mca reads; `vsetvli` inside tells it of other vector types."""
        width, _, whole = self.group.upper().partition(" ")
        told = (f"LLVM-MCA-RISCV-LMUL {whole}", f"LLVM-MCA-RISCV-SEW {width}")
        first = [f"# {line}" for line in told] if whole else []
        lines = ["# LLVM-MCA-BEGIN", *first, *self.lines, "# LLVM-MCA-END"]
        return "\n".join(lines)


def program(name: str) -> str:
    """One of LLVM's programs; raises `DeployError` where there is none."""
    found = (shutil.which(name + version) for version in VERSIONS)
    if path := next(filter(None, found), None):
        return path
    raise DeployError(
        "expected the program of LLVM 19 or later on PATH, got none",
        node=name,
        hint=f"install llvm-19, or put a link to {name} on PATH",
    )


def text_of(image: Path) -> dict[int, str]:
    """The instructions of a program, by address."""
    options = ["-d", "--no-show-raw-insn", "-M", "no-aliases", FEATURES]
    printed = ran([program("llvm-objdump"), *options, str(image)])
    found = filter(None, map(LINE.fullmatch, printed.splitlines()))
    return {int(line[1], 16): plain(line[2]) for line in found}


def plain(text: str) -> str:
    """An instruction whose target, if it has one, stands for any."""
    text = TARGET.sub("0", text) if "<" in text else text
    return BARE.sub("", text).replace("\t", " ")


def ran(command: Sequence[str], given: str = "") -> str:
    """What a program prints; raises `DeployError` when it fails."""
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise DeployError(f"exit status {done.returncode}: {said}", node=command[0])
    return done.stdout


def blocks_of(model: str, artifact: Artifact) -> list[Block]:
    """The hottest block of each kernel, that of the one that executes most first."""
    machine = artifact.machine
    with artifact.unpacked() as folder:
        inputs = random_arrays(read_tensors(folder, "inputs"), 0)
        image = build_program(folder, machine)
        counts = count_inference(folder, machine, image, inputs).histogram
    data, text = image.read_bytes(), text_of(image)
    weights = counts_by_function(image, machine, counts)
    whole = sum(one.weighted for one in weights.values())
    names = {s["symbol"]: s["name"] for s in program_steps(artifact.manifest)}
    found: list[Block] = []
    for function in functions(data):
        if function.name not in names or function.name not in weights:
            continue
        code = disassembled(code_at(data, function), function.address, machine.xlen)
        block = hottest(code, counts)
        last, types = block[-1], vector_types(code).get(block[0], 0)
        known = [one for one in range(TYPES + 1) if types >> one & 1]
        found.append(
            Block(
                model,
                names[function.name],
                weights[function.name].weighted / whole,
                [text[at] for at in block],
                flow(code.words[last], last, code.xlen).target == block[0],
                known[0] if len(known) == 1 and known[0] < TYPES else None,
            )
        )
    return sorted(found, key=lambda block: -block.share)


def hottest(code: Code, counts: Mapping[int, int]) -> list[int]:
    """The addresses of the basic block with the most weighted instructions."""

    def weight(block: Sequence[int]) -> int:
        part = {at: counts[at] for at in block if at in counts}
        return counted(code, part).weighted

    return max(basic_blocks(code), key=weight)


def basic_blocks(code: Code) -> Iterator[list[int]]:
    """The addresses of each straight piece of code that is entered at its beginning."""
    going = {at: flow(word, at, code.xlen) for at, word in code.words.items()}
    entered = {one.target for one in going.values()}
    block: list[int] = []
    for at, word in code.words.items():
        if block and at in entered:
            yield block
            block = []
        block.append(at)
        one = going[at]
        follows = at + length(word) in code.words
        if one.target is not None or not one.falls_through or not follows:
            yield block
            block = []


def cycles(blocks: Sequence[Block], core: str) -> list[tuple[float, float]]:
    """Cycles of one round of each block on a core, and its resource bound."""
    options = ["-mtriple=riscv64", f"-mcpu={core}", f"-iterations={ROUNDS}", "-json"]
    command = [program("llvm-mca"), *options]
    given = "\n".join(block.region() for block in blocks) + "\n"
    regions = json.loads(ran(command, given))["CodeRegions"]
    found: list[tuple[float, float]] = []
    for region in regions:
        view: Mapping[str, Any] = region["SummaryView"]
        found.append((view["TotalCycles"] / ROUNDS, view["BlockRThroughput"]))
    return found


def rows(blocks: Sequence[Block]) -> Iterator[tuple[str, ...]]:
    """The table."""
    short = [core.rpartition("-")[2] for core in CORES]
    yield (*HEAD, *(word for core in short for word in (core, "ratio")))
    by_core = [cycles(blocks, core) for core in CORES]
    for number, block in enumerate(blocks):
        figures = [found[number] for found in by_core]
        cells = [(f"{took:.1f}", f"{took / least:.2f}") for took, least in figures]
        yield (
            block.model,
            shortened(block.kernel, 24),
            f"{block.share:.1%}",
            str(len(block.lines)),
            "yes" if block.is_loop else "no",
            block.group,
            *(cell for pair in cells for cell in pair),
        )


def main(options: argparse.Namespace) -> None:
    """Prints a table of all kernels of all models."""
    for name in ("llvm-mca", "llvm-objdump"):
        program(name)
    dims = dict(pair.split("=", 1) for pair in options.dim)
    sizes = {name: int(size) for name, size in dims.items()}
    machine = load_machine(options.machine)
    if options.tune:
        machine = replace(machine, cflags=(*machine.cflags, f"-mtune={options.tune}"))
    blocks: list[Block] = []
    for model in options.models:
        artifact = compile(model, machine, sizes)
        found = blocks_of(Path(model).stem, artifact)
        blocks += [block for block in found if block.share >= options.share]
    print("\n".join(aligned(list(rows(blocks)), 2)))


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", metavar="MODEL", nargs="+", help="an ONNX file")
    parser.add_argument("--machine", default="rv64gcv", help="one with vectors")
    parser.add_argument("--tune", metavar="CORE", help="the core to compile C for")
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE")
    parser.add_argument(
        "--share", type=float, default=0.0, help="the least part of a model to show"
    )
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main(arguments())
    except DeployError as error:
        sys.exit(f"error: {error}")
