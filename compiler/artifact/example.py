"""The runnable example of a folder."""

from __future__ import annotations

from collections.abc import Iterator

from ..analysis.memory import buffer_align
from ..analysis.program import Argument
from ..backend.c.driver import public_type
from ..backend.c.names import string_literal
from ..backend.c.source import Source, placed

HOST_ALIGNMENT = 64
"""Bytes; of inputs and outputs where the linker decides about places."""


def example_main(source: Source) -> str:
    """example/main.c: reads inputs, runs the model, writes outputs."""
    return "\n".join(example_lines(source)) + "\n"


def example_lines(source: Source) -> Iterator[str]:
    """The lines of example/main.c."""
    program = source.program
    roles = {role: program.having(role) for role in ("input", "output")}
    yield f"/* Runs {source.name} on inputs.bin, see deploy_harness.h. */"
    yield f'#include "{source.name}.h"'
    yield '#include "deploy.h"'
    yield '#include "deploy_harness.h"'
    yield ""
    yield f"enum {{ STEPS = {len(program.steps)} }};"
    yield ""
    for role, arguments in roles.items():
        for number, argument in enumerate(arguments):
            yield storage(source, argument, role, number)
    for role, arguments in roles.items():
        yield ""
        yield f"static const struct deploy_tensor {role}s[] = {{"
        for number, argument in enumerate(arguments):
            name = f"{role}_{number}"
            yield f"    {{{string_literal(argument.name)}, {name}, sizeof {name}}},"
        yield from [] if arguments else ["    {NULL, NULL, 0},"]
        yield "};"
    names = [f"{role}_{n}" for role, found in roles.items() for n in range(len(found))]
    yield ""
    yield "static int run(void) {"
    yield f"    return {source.name}_run({', '.join(names)});"
    yield "}"
    yield ""
    yield "int main(void) {"
    counts = [f"{role}s, {len(found)}" for role, found in roles.items()]
    yield f"    return deploy_harness({', '.join(counts)}, STEPS, run);"
    yield "}"


def storage(source: Source, argument: Argument, role: str, number: int) -> str:
    """The memory of one input or output, where the memory map says it is."""
    entry = source.program.entry
    assert entry is not None, "an example calls an entry function"
    size = max(1, argument.bytes // max(1, element_size(argument)))
    name = f"{role}_{number}"
    align, section = HOST_ALIGNMENT, source.section(name)
    if section and source.machine is not None:
        align = buffer_align(source.machine.level(argument.level))
    place = f"static DEPLOY_ALIGN({align}) {placed(section)}"
    return f"{place}{public_type(argument, entry)} {name}[{size}];"


def element_size(argument: Argument) -> int:
    """Bytes of one element."""
    count = 1
    for extent in argument.type.get_shape():
        count *= extent
    return argument.bytes // max(1, count)
