"""The figures as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import printable
from ..fit.needs import fullest
from ..text_table import NO_NUMBER, aligned, shortened, told_apart
from .figures import Counted, Figures, Node, NodeTime, Times, Work

MOST_NAME = 21
MOST_OPERATOR = 16
WORK = ("weighted", "predicted", "limit", "ratio", "strided")
NODES = ("node", "op", "multiply-adds", *WORK)
COUNTS = ("model", "machine", "instructions", *WORK)
NODE_TIMES = ("node", "op", "multiply-adds", "us", "share", "per ns")
TIMES = ("model", "machine", "ms", "onnxruntime", "ratio")
REST = "(between)"
MOST_PLACE = 40
LEFT = 2
"""How many columns are text, which begins at the left."""


def lines(figures: Figures) -> Iterator[str]:
    """All that is known of one model on one machine."""
    yield printable(f"{figures.model} for {figures.machine}: {headline(figures)}")
    measured = figures.measured
    if isinstance(measured, Counted):
        yield f"  instructions: {instructions(measured.work)}"
        if figures.traffic:
            yield f"  outside of transfers: weighted {measured.outside:,}"
    yield f"  predicted: {prediction(figures)}"
    yield f"  bytes: {', '.join(memory(figures))}"
    yield f"  decided by: {', '.join(deciding(figures))}"
    if figures.traffic:
        moved = (f"{hop} {count:,}" for hop, count in figures.traffic.items())
        yield f"  moved: {', '.join(moved)}"
        taken = (f"{hop} {count:,}" for hop, count in figures.dma_cycles.items())
        yield f"  cycles of DMA: {', '.join(taken)}"
    if isinstance(measured, Counted):
        if measured.uncertain:
            count = f"{measured.uncertain:,} vector instructions"
            yield f"  {count} counted at the most registers they may have"
        rows = [NODES, *node_rows([*measured.nodes, Node(REST, "", measured.rest, 0)])]
    else:
        rows = [NODE_TIMES, *node_time_rows(measured.nodes)]
    if len(rows) > 1:
        yield from (f"  {line}" for line in aligned(rows, LEFT))


def headline(figures: Figures) -> str:
    """What it takes, and how far that is from the limit."""
    measured = figures.measured
    if isinstance(measured, Times):
        text = f"{milliseconds(measured.own)} ms"
        if measured.onnxruntime is not None:
            theirs = milliseconds(measured.onnxruntime)
            text += f", {ratio(measured.ratio)} times onnxruntime's {theirs} ms"
        return text
    if not measured.work.macs:
        return "no multiply-adds"
    return f"{ratio(measured.work.ratio)} times the limit"


def instructions(work: Work) -> str:
    """The two counts, and the limit."""
    return f"{work.instructions:,}, weighted {work.weighted:,}, limit {work.limit:,.0f}"


def prediction(figures: Figures) -> str:
    """What was predicted, next to what kernels take where that is counted."""
    measured = figures.measured
    if not isinstance(measured, Counted):
        return f"{figures.predicted:,} weighted"
    part = figures.predicted / measured.kernels if measured.kernels else None
    taken = f"kernels take {measured.kernels:,}"
    return f"{figures.predicted:,} weighted, {taken}, ratio {ratio(part)}"


def memory(figures: Figures) -> list[str]:
    """Code, and what is used of each level."""
    used = [f"{need.level} {need.used:,} of {need.size:,}" for need in figures.needs]
    return [f"code {figures.code:,}", *used]


def deciding(figures: Figures) -> Iterator[str]:
    """Per level the node that decides how much of it is needed."""
    for need in figures.needs:
        if need.place is not None:
            most = " (fullest)" if need is fullest(figures.needs) else ""
            yield f"{need.level}{most} {shortened(str(need.place), MOST_PLACE)}"


def summary(found: Sequence[Figures]) -> Iterator[str]:
    """Tables with a row for each model and machine: of instructions, of times."""
    counted = [count_row(f) for f in found if isinstance(f.measured, Counted)]
    timed = [time_row(f) for f in found if isinstance(f.measured, Times)]
    if counted:
        yield "\n".join(aligned([COUNTS, *counted], LEFT))
    if timed:
        yield "\n".join(aligned([TIMES, *timed], LEFT))


def count_row(figures: Figures) -> tuple[str, ...]:
    """One line of the table of instructions."""
    assert isinstance(figures.measured, Counted), "it was counted"
    work = figures.measured.work
    count = f"{work.instructions:,}"
    cells = work_cells(work, figures.predicted)
    return (figures.model, figures.machine, count, *cells)


def time_row(figures: Figures) -> tuple[str, ...]:
    """One line of the table of times."""
    measured = figures.measured
    assert isinstance(measured, Times), "it was timed"
    other = measured.onnxruntime
    theirs = NO_NUMBER if other is None else milliseconds(other)
    own = milliseconds(measured.own)
    return (figures.model, figures.machine, own, theirs, ratio(measured.ratio))


def node_rows(nodes: Sequence[Node]) -> Iterator[tuple[str, ...]]:
    """The lines of the table of nodes."""
    for node, names in zip(nodes, name_cells(nodes), strict=True):
        cells = work_cells(node.work, node.predicted)
        yield (*names, f"{node.work.macs:,}", *cells)


def node_time_rows(nodes: Sequence[NodeTime]) -> Iterator[tuple[str, ...]]:
    """The lines of the table of nodes on this computer."""
    total = sum(node.seconds for node in nodes)
    for node, names in zip(nodes, name_cells(nodes), strict=True):
        share = node.seconds / total if total else 0.0
        speed = node.macs / (node.seconds * 1e9) if node.macs and node.seconds else None
        time = f"{node.seconds * 1e6:,.1f}"
        yield (*names, f"{node.macs:,}", time, f"{share:.0%}", ratio(speed))


def name_cells(nodes: Sequence[Node | NodeTime]) -> Iterator[tuple[str, str]]:
    """What nodes are called, no two of them alike, and their operators."""
    names = told_apart([node.name for node in nodes], MOST_NAME)
    for node, name in zip(nodes, names, strict=True):
        yield name, shortened(node.op, MOST_OPERATOR)


def work_cells(work: Work, predicted: int) -> tuple[str, ...]:
    """Weighted instructions, those predicted, limit, ratio, strided accesses."""
    return (
        f"{work.weighted:,}",
        f"{predicted:,}",
        f"{work.limit:,.0f}",
        ratio(work.ratio),
        f"{work.strided:,}",
    )


def milliseconds(seconds: float) -> str:
    """A time, to four digits at most."""
    return f"{seconds * 1e3:.3f}"


def ratio(value: float | None) -> str:
    """A ratio, where there is one."""
    return NO_NUMBER if value is None else f"{value:,.2f}"
