"""
A plan in words: per ONNX node what was decided, what it costs, and what came next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

Table: TypeAlias = Mapping[str, Any]


def explanation(plan: Table, manifest: Table) -> list[str]:
    """The decisions of a program, line by line, from its two files."""
    operators: Mapping[str, str] = manifest["nodes"]
    lines = list(layout_lines(plan.get("layouts", {}), operators))
    lines += [fused_line(place, operators) for place in plan.get("fused", ())]
    lines += [f"{name}: brought near once and kept" for name in plan["residents"]]
    for chain in chains(plan["kernels"]):
        lines += chain_lines(chain, operators)
    for kernel in plan.get("blocks", ()):
        lines.append(f"{subject(kernel, operators)}: {', '.join(blocks(kernel))}")
    return [*lines, total_line(plan, manifest)]


def layout_lines(layouts: Table, operators: Mapping[str, str]) -> Iterator[str]:
    """The order of dimensions of each group of nodes, and what is moved for it."""
    for group in layouts.get("groups", ()):
        packed = group.get("packed")
        weights = f", weights packed now ({packed} bytes)" if packed else ""
        yield f"{subject(group, operators)}: {group['layout']}{weights}"
        yield f"    {layout_words(group['cost'])}"
        other = group["runner_up"]
        yield f"    else: {other['layout']}: {layout_words(other)}"
    for left in layouts.get("transposes", ()):
        moved = f"a transpose of {left['bytes']} bytes is left"
        yield f"{subject(left, operators)}: {moved}"


def layout_words(cost: Table) -> str:
    """What an order of dimensions is estimated to cost."""
    return (
        f"transposes move {cost['transposed']} bytes, "
        f"{cost['strided']} bytes are read with strides, "
        f"{cost['shifted']} anew for each place of a window, "
        f"lanes for {cost['idle']} are idle"
    )


def fused_line(place: Table, operators: Mapping[str, str]) -> str:
    """What a user wants to be computed together, and why it is not, if so."""
    nodes, left = subject(place, operators), place.get("left")
    if left is None:
        return f"{nodes}: computed together, as {place['chain']} asks"
    return f"{nodes}: not computed together, as {place['chain']} asks: {left}"


def chains(kernels: Sequence[Table]) -> Iterator[list[Table]]:
    """Neighbours that are tiled together."""
    chain: list[Table] = []
    for kernel in kernels:
        joined = chain and chain[-1].get("chain") == kernel.get("chain") is not None
        if chain and not joined:
            yield chain
            chain = []
        chain.append(kernel)
    if chain:
        yield chain


def chain_lines(chain: Sequence[Table], operators: Mapping[str, str]) -> Iterator[str]:
    """One line per kernel, and what all of them cost behind the last one."""
    *inner, root = chain
    last = root["nodes"][0] if root["nodes"] else "the next one"
    for kernel in inner:
        yield f"{subject(kernel, operators)}: made tile by tile for {last}"
    yield f"{subject(root, operators)}: {', '.join(choices(root))}"
    cost: Table = root.get("cost", {})
    if isinstance(cost.get("bytes"), Mapping):
        yield f"    {cost_words(cost)}"
    if isinstance(other := cost.get("runner_up"), Mapping):
        yield f"    {runner_up_words(cast('Table', other))}"


def subject(kernel: Table, operators: Mapping[str, str]) -> str:
    """The nodes that a kernel does, with their operators."""
    nodes = [f"{n} ({operators[n]})" if n in operators else n for n in kernel["nodes"]]
    return ", ".join(nodes) or "a kernel of no node"


def choices(kernel: Table) -> Iterator[str]:
    """What is decided about the last kernel of a chain."""
    loops, tile = kernel.get("loops", ()), kernel.get("tile", ())
    cut = {n: size for n, size in enumerate(tile) if 0 < size < loops[n]}
    parts = [f"d{n} by {size} of {loops[n]}" for n, size in cut.items()]
    reduction = kernel.get("reduction", ())
    parts += [f"r{n} by {size}" for n, size in enumerate(reduction) if size]
    yield f"cut {' and '.join(parts)}" if parts else "whole"
    if order := kernel.get("order"):
        yield f"loops {' '.join(f'd{n}' for n in order)}"
    if "level" in kernel:
        yield f"result in {kernel['level']}"


def blocks(kernel: Table) -> Iterator[str]:
    """How the loops of a kernel are cut: d are those of its result, r of reductions."""
    operations: list[Table] = kernel["operations"] or [{}]
    *inner, last = operations
    at_once = [
        f"d{n} by {size}" for n, size in enumerate(last.get("sizes", ())) if size > 1
    ]
    yield f"at once {' and '.join(at_once)}" if at_once else "one at a time"
    for operation in (*inner, last):
        if lanes := operation.get("lanes"):
            letter = "d" if operation is last else "r"
            yield f"vectors of {lanes[1]} along {letter}{lanes[0]}"
    sizes = [size for op in inner for size in enumerate(op.get("sizes", ()))]
    if straight := [f"r{n} by {size}" for n, size in sizes if size > 1]:
        yield f"written out {' and '.join(straight)}"


def cost_words(cost: Table) -> str:
    """What is predicted."""
    moved = ", ".join(f"{hop} {count}" for hop, count in cost["bytes"].items())
    words = [f"moves {moved} bytes" if moved else "moves nothing"]
    if "lower_bound" in cost:
        words.append(f"at least {cost['lower_bound']}")
    known = {
        "transfers": "transfers",
        "near": "bytes near",
        "repeated": "iterations done again",
    }
    words += [f"{cost[key]} {text}" for key, text in known.items() if key in cost]
    return ", ".join(words)


def runner_up_words(runner_up: Table) -> str:
    """What would have come next, and why it did not."""
    known = ("choice", "?"), ("bytes", "?"), ("reason", "for no reason given")
    choice, moved, reason = (runner_up.get(key, other) for key, other in known)
    return f"else: {choice}: {moved} bytes, {reason}"


def total_line(plan: Table, manifest: Table) -> str:
    """What moves in all."""
    moved: Mapping[str, int] = manifest["traffic"]
    machine = manifest["machine"]["name"]
    if not moved:
        return f"in all: nothing moves, kernels of {machine} touch every level used"
    hops = ", ".join(f"{hop} {count}" for hop, count in moved.items())
    bounds = [kernel.get("cost", {}).get("lower_bound") for kernel in plan["kernels"]]
    least = sum(bound for bound in bounds if isinstance(bound, int))
    return (
        f"in all: moves {hops} bytes, at least {least} into and out of the near level"
    )
