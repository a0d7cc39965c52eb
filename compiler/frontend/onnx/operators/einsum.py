"""Einstein sums, said by matrix products, sums and transposes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from string import ascii_letters

from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from .operator import Operator
from .products import product
from .reductions import reduced
from .shaping import reshaped, transposed


@dataclass(frozen=True)
class Term:
    """A tensor whose dimensions have labels, each its own."""

    labels: str
    value: SSAValue

    def sizes(self, labels: Iterable[str]) -> list[int]:
        """How many entries the dimensions of these labels have."""
        shape = nn.shape_of(self.value)
        return [shape[self.labels.index(label)] for label in labels]


def einsum(call: Call) -> SSAValue:
    """Two operands after the other, each label summed as soon as nobody needs it."""
    inputs, output = _labels(call)
    terms = [
        Term(labels, value) for labels, value in zip(inputs, call.values(), strict=True)
    ]
    _check_sizes(call, terms)
    result = terms[0]
    for number, term in enumerate(terms[1:], start=1):
        needed = output + "".join(later.labels for later in terms[number + 1 :])
        result = _multiplied(call, result, term, needed)
    result = _summed(call, result, output)
    order = [result.labels.index(label) for label in output]
    return transposed(call, result.value, order)


def _labels(call: Call) -> tuple[list[str], str]:
    """The labels of each operand and of the result, `...` written out."""
    text = re.sub(r"\s", "", call.text("equation", ""))
    left, arrow, right = text.partition("->")
    operands = left.split(",")
    if not re.fullmatch(r"([A-Za-z]|\.{3}|,)*", left) or len(operands) != len(
        call.operands
    ):
        call.refuse(f"equation must label {len(call.operands)} operands, got '{text}'")
    free = [letter for letter in ascii_letters if letter not in text]
    ranks = [call.rank(number) for number in range(len(operands))]
    hidden = [
        rank - len(labels.replace("...", ""))
        for labels, rank in zip(operands, ranks, strict=True)
    ]
    common = "".join(free[: max([0, *hidden])])
    written = [
        labels.replace("...", common[len(common) - count :])
        for labels, count in zip(operands, hidden, strict=True)
    ]
    counts = Counter("".join(written))
    once = sorted(x for x in counts if counts[x] == 1 and x not in common)
    output = right.replace("...", common) if arrow else common + "".join(once)
    for labels, rank in zip(written, ranks, strict=True):
        if len(labels) != rank or len(set(labels)) != rank:
            call.refuse(f"each dimension must have a label of its own, got '{text}'")
    if len(set(output)) != len(output) or not set(output) <= counts.keys():
        call.refuse(f"result must have labels of operands, each once, got '{text}'")
    return written, output


def _check_sizes(call: Call, terms: Sequence[Term]) -> None:
    sizes: dict[str, int] = {}
    for term in terms:
        for label, size in zip(term.labels, term.sizes(term.labels), strict=True):
            if sizes.setdefault(label, size) != size:
                got = f"{sizes[label]} and {size}"
                call.refuse(f"dimensions of one label must agree, got {got}")


def _summed(call: Call, term: Term, needed: str) -> Term:
    """`term` without the dimensions that nobody needs."""
    axes = [axis for axis, label in enumerate(term.labels) if label not in needed]
    if not axes:
        return term
    kept = "".join(label for label in term.labels if label in needed)
    value = reduced(call, term.value, "sum", axes)
    return Term(kept, reshaped(call, value, term.sizes(kept)))


def _multiplied(call: Call, left: Term, right: Term, needed: str) -> Term:
    """The product of two terms, summed over what both have and nobody needs."""
    left = _summed(call, left, needed + right.labels)
    right = _summed(call, right, needed + left.labels)
    both = [label for label in left.labels if label in right.labels]
    batch = "".join(label for label in both if label in needed)
    inner = "".join(label for label in both if label not in needed)
    rows = "".join(label for label in left.labels if label not in both)
    columns = "".join(label for label in right.labels if label not in both)
    value = product(
        call,
        _as_matrices(call, left, (batch, rows, inner)),
        _as_matrices(call, right, (batch, inner, columns)),
    )
    sizes = (*left.sizes(batch + rows), *right.sizes(columns))
    return Term(batch + rows + columns, reshaped(call, value, sizes))


def _as_matrices(call: Call, term: Term, groups: Sequence[str]) -> SSAValue:
    """Three dimensions, each made of those of a group of labels."""
    order = [term.labels.index(label) for label in "".join(groups)]
    value = transposed(call, term.value, order)
    return reshaped(call, value, [prod(term.sizes(group)) for group in groups])


EINSUM: dict[str, Operator] = {
    "Einsum": Operator(einsum, limits="no diagonals"),
}
