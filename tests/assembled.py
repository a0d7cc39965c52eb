"""Instructions as the assembler encodes them, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from deployopt.errors import DeployError
from deployopt.execution.elf import code_at, functions
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import load_machine

HEAD = "    .text\n    .type f, @function\nf:\n"
TAIL = "    .size f, . - f\n"


def assembled(
    lines: Sequence[str], folder: Path, *, compressed: bool = True, xlen: int = 64
) -> bytes:
    """
    The code of a function of these lines.

    Skips, visibly, where no compiler is installed.
    """
    machine = load_machine("rv64gcv" if xlen == 64 else "rv32imc")
    try:
        toolchain = find_toolchain(machine)
    except DeployError as error:
        pytest.skip(str(error))
    option = "    .option rvc\n" if compressed else "    .option norvc\n"
    body = "".join(f"    {line}\n" for line in lines)
    source, result = folder / "f.S", folder / "f.o"
    source.write_text(option + HEAD + body + TAIL)
    done = toolchain.run(["-c", str(source), "-o", str(result)])
    assert done.returncode == 0, done.stderr
    data = result.read_bytes()
    (function,) = functions(data)
    code = code_at(data, function)
    assert len(code) == function.size
    return code
