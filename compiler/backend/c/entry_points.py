"""The two entry points of a program: what callers see of them, and their code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects import func

from ...analysis.memory import ARENA_ALIGN
from ...dialects.deploy import WordsOp
from .border_macros import border_macros
from .driver import DriverPrinter, call_lines, parameter
from .source import Source, placed
from .weights_image import placed_macros


def interface(source: Source) -> Iterator[str]:
    """What callers see: the macros, the struct of arenas and the two prototypes."""
    yield from border_macros(source.program, source.parameter_names, source.name)
    if source.members and source.form.address is not None:
        yield from placed_macros(source.members, source.name, source.form.address)
    for arena in source.arenas:
        yield f"#define {arena.macro} {arena.bytes}"
    yield ""
    alignment = max((a.alignment for a in source.arenas), default=ARENA_ALIGN)
    yield f"/* The working memory, each part aligned to {alignment} bytes. */"
    yield f"struct {source.name}_arenas {{"
    for arena in source.arenas:
        yield f"    uint8_t *{arena.name}; /* {arena.macro} */"
    if not source.arenas:
        yield "    uint8_t *unused;"
    yield "};"
    yield ""
    if any(isinstance(op, WordsOp) for op in source.program.module.walk()):
        yield "/* Bytes are read four at a time: inputs begin at multiples of 4. */"
    yield "/* Runs the model once in memory of its own. Returns 0 on success. */"
    yield from signature(source, "run", [], ";")
    yield ""
    yield "/* The same in the caller's memory: two calls may run at once. */"
    yield from signature(source, "run_in", [arenas_parameter(source)], ";")


def parameters(source: Source) -> list[str]:
    """The declarations of the inputs, then of the outputs."""
    entry = source.program.entry
    if entry is None:
        return []
    return [
        parameter(argument, name, entry)
        for role in ("input", "output")
        for argument, name in zip(
            source.program.having(role), source.parameter_names[role], strict=True
        )
    ]


def arenas_parameter(source: Source) -> str:
    """The first parameter of the re-entrant form."""
    return f"const struct {source.name}_arenas *arenas"


def signature(source: Source, what: str, first: Sequence[str], tail: str) -> list[str]:
    """The head of one of the two entry points."""
    arguments = [*first, *parameters(source)] or ["void"]
    return call_lines(f"int {source.name}_{what}", arguments, tail, "")


def entry_points(source: Source) -> Iterator[str]:
    """Their code."""
    entry = source.program.entry
    if entry is None:
        return
    yield from signature(source, "run_in", [arenas_parameter(source)], " {")
    yield from body(source, entry)
    yield "    return 0;"
    yield "}"
    yield ""
    yield from signature(source, "run", [], " {")
    yield from own_arenas(source)
    names = source.parameter_names["input"] + source.parameter_names["output"]
    head = f"return {source.name}_run_in"
    yield from call_lines(head, ["&arenas", *names], ";", "    ")
    yield "}"


def own_arenas(source: Source) -> Iterator[str]:
    """Static working memory; a part of no bytes needs none."""
    fields: list[str] = []
    for arena in source.arenas:
        if arena.bytes:
            place = f"DEPLOY_ALIGN({arena.alignment}) {placed(arena.section)}"
            yield f"    static {place}uint8_t {arena.name}[{arena.macro}];"
        fields.append(f".{arena.name} = {arena.name if arena.bytes else 'NULL'}")
    inside = ", ".join(fields) or ".unused = NULL"
    yield f"    const struct {source.name}_arenas arenas = {{{inside}}};"


def body(source: Source, entry: func.FuncOp) -> Iterator[str]:
    """Buffers and steps."""
    names = source.file_names()
    names.taken.add("arenas")
    for role in ("input", "output"):
        names.taken |= set(source.parameter_names[role])
    printer = DriverPrinter(
        names,
        program=source.program,
        symbols=source.symbols,
        weights={member.offset: member for member in source.members},
        weights_prefix=source.weights_prefix,
    )
    for role in ("input", "output", "arena"):
        named = source.parameter_names[role]
        for argument, name in zip(source.program.having(role), named, strict=True):
            written = f"arenas->{name}" if role == "arena" else name
            printer.bind(argument, written)
    printer.block(entry.body.block)
    if not any(argument.value.uses for argument in source.program.having("arena")):
        yield "    (void)arenas;"
    for role in ("input", "output"):
        named = source.parameter_names[role]
        for argument, name in zip(source.program.having(role), named, strict=True):
            if not argument.value.uses.get_length():
                yield f"    (void){name};"
    yield from printer.lines
