"""
Recurrent networks, step by step.

What does not depend on the step before is one matrix product for all steps. Each step
is then a matrix product and elementwise work, and all steps share their kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from xdsl.ir import Operation, SSAValue

from ....dialects import nn
from ..calls import Call, Handler
from .indexing import Range, part, sliced
from .operator import Operator
from .products import product
from .shaping import reshaped, transposed

MAX_STEPS = 1024
"""Steps that are written out; more would be an attack or a mistake."""

ACTIVATIONS: dict[str, Callable[[SSAValue], Operation]] = {
    "Relu": nn.ReluOp,
    "Sigmoid": nn.SigmoidOp,
    "Tanh": nn.TanhOp,
}

BACKWARDS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


class Kind(NamedTuple):
    """A kind of recurrent network."""

    activations: tuple[str, ...]
    """By default, of one direction."""
    step: Callable[[Cell, SSAValue, State], State]
    has_memory: bool = False


class State(NamedTuple):
    """What one step leaves to the next, `[batch, hidden]`."""

    hidden: SSAValue
    memory: SSAValue | None = None


@dataclass(frozen=True)
class Cell:
    """One direction of a node: its weights, and what to do with them."""

    call: Call
    hidden: int
    functions: tuple[str, ...]
    recurrence: SSAValue
    """`[hidden, gates * hidden]`"""
    bias: SSAValue | None
    """Of what depends on the step before, `[1, gates * hidden]`."""
    peepholes: SSAValue | None
    """`[1, 3 * hidden]`"""

    def gate(self, value: SSAValue, number: int, count: int = 1) -> SSAValue:
        """Entries of one gate, or `count` from it on."""
        columns = Range(number * self.hidden, 1, count * self.hidden)
        return part(self.call, value, 1, columns)

    def add(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """The sum."""
        return self.call.add(nn.AddOp(a, b))

    def mul(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """The product, element by element."""
        return self.call.add(nn.MulOp(a, b))

    def gated(self, number: int, value: SSAValue) -> SSAValue:
        """Activation `number` of a gate, which is clipped first where that is said."""
        if limit := self.call.real("clip", 0):
            value = self.call.add(nn.ClipOp(value, -limit, limit))
        return self.activated(number, value)

    def activated(self, number: int, value: SSAValue) -> SSAValue:
        """Activation `number` of a value."""
        return self.call.add(ACTIVATIONS[self.functions[number]](value))

    def rest(self, value: SSAValue) -> SSAValue:
        """One less `value`."""
        one = self.call.literal(1, nn.tensor_type(value).element_type)
        return self.call.add(nn.SubOp(one, value))

    def carried(self, hidden: SSAValue, number: int, count: int) -> SSAValue:
        """What the step before adds to gates."""
        weights = self.gate(self.recurrence, number, count)
        value = product(self.call, hidden, weights)
        if self.bias is None:
            return value
        return self.add(value, self.gate(self.bias, number, count))

    def peeped(self, value: SSAValue, number: int, memory: SSAValue) -> SSAValue:
        """`value` and what a gate sees of the memory."""
        if self.peepholes is None:
            return value
        return self.add(value, self.mul(self.gate(self.peepholes, number), memory))


def rnn_step(cell: Cell, given: SSAValue, state: State) -> State:
    """`f(x + h R)`."""
    total = cell.add(given, cell.carried(state.hidden, 0, 1))
    return State(cell.gated(0, total))


def gru_step(cell: Cell, given: SSAValue, state: State) -> State:
    """Gates: update, reset, hidden."""
    hidden = state.hidden
    gates = cell.add(cell.gate(given, 0, 2), cell.carried(hidden, 0, 2))
    update, reset = (cell.gated(0, cell.gate(gates, n)) for n in (0, 1))
    if cell.call.integer("linear_before_reset", 0):
        carried = cell.mul(reset, cell.carried(hidden, 2, 1))
    else:
        carried = cell.carried(cell.mul(reset, hidden), 2, 1)
    new = cell.gated(1, cell.add(cell.gate(given, 2), carried))
    return State(cell.add(cell.mul(cell.rest(update), new), cell.mul(update, hidden)))


def lstm_step(cell: Cell, given: SSAValue, state: State) -> State:
    """
    Gates: input, output, forget, memory; peepholes of the first three.

    Nothing clips the memory before its activation, as in onnxruntime: it is no gate.
    """
    memory = state.memory
    assert memory is not None, "an LSTM has a memory"
    gates = cell.add(given, cell.carried(state.hidden, 0, 4))
    entry = cell.gated(0, cell.peeped(cell.gate(gates, 0), 0, memory))
    if cell.call.integer("input_forget", 0):
        kept = cell.rest(entry)
    else:
        kept = cell.gated(0, cell.peeped(cell.gate(gates, 2), 2, memory))
    new = cell.gated(1, cell.gate(gates, 3))
    memory = cell.add(cell.mul(kept, memory), cell.mul(entry, new))
    shown = cell.gated(0, cell.peeped(cell.gate(gates, 1), 1, memory))
    return State(cell.mul(shown, cell.activated(2, memory)), memory)


def recurrent(kind: Kind) -> Handler:
    """The handler of a kind of recurrent network."""

    def handle(call: Call) -> list[SSAValue]:
        given = call.value(0)
        batch_first = bool(call.integer("layout", 0))
        if call.rank() != 3:
            call.refuse(f"input must have rank 3, got {list(call.shape(0))}")
        if batch_first:
            given = transposed(call, given, (1, 0, 2))
        _check(call, nn.shape_of(given))
        backwards = _directions(call)
        functions = _functions(call, kind, len(backwards))
        runs = [
            _run(_cell(call, number, functions[number]), kind, given, number, back)
            for number, back in enumerate(backwards)
        ]
        return _results(call, runs, batch_first)

    return handle


def _check(call: Call, shape: Sequence[int]) -> None:
    if shape[0] > MAX_STEPS:
        call.refuse(f"expected at most {MAX_STEPS} steps, got {shape[0]}")
    if call.has(4) and (call.constant(4, "sequence_lens") != shape[0]).any():
        lengths = call.constant(4, "sequence_lens").tolist()
        call.refuse(f"sequence_lens must be {shape[0]} everywhere, got {lengths}")


def _directions(call: Call) -> tuple[bool, ...]:
    direction = call.text("direction", "forward")
    if direction not in BACKWARDS:
        expected = ", ".join(BACKWARDS)
        call.refuse(f"direction must be one of {expected}, got {direction}")
    if call.shape(1)[0] != len(BACKWARDS[direction]):
        got = call.shape(1)[0]
        call.refuse(f"weights must be of {direction} directions, got {got}")
    return BACKWARDS[direction]


def _functions(call: Call, kind: Kind, directions: int) -> list[tuple[str, ...]]:
    """The activations of each direction."""
    given = call.attribute("activations")
    names = [name.decode(errors="replace") for name in given or ()]
    names = names or list(kind.activations) * directions
    count = len(kind.activations)
    if len(names) != count * directions or not set(names) <= ACTIVATIONS.keys():
        expected = ", ".join(ACTIVATIONS)
        call.refuse(f"activations must be {count} each of {expected}, got {names}")
    return [tuple(names[n * count :][:count]) for n in range(directions)]


def _entry(call: Call, index: int, number: int) -> SSAValue:
    """Input `index` of direction `number`, as two dimensions."""
    if (array := call.operand(index).array) is not None:
        return call.literal(np.atleast_2d(array[number]))
    shape = call.shape(index)
    own = part(call, call.value(index), 0, Range(number, 1, 1))
    return reshaped(call, own, shape[1:] if len(shape) == 3 else (1, *shape[1:]))


def _initial(call: Call, index: int, number: int, sizes: Sequence[int]) -> SSAValue:
    """The state that a direction begins with, zero where none is given."""
    if not call.has(index):
        return call.literal(np.zeros(sizes), call.type(0).element_type)
    if not call.integer("layout", 0):
        return _entry(call, index, number)
    ranges = [Range(0, 1, sizes[0]), Range(number, 1, 1), Range(0, 1, sizes[1])]
    return reshaped(call, sliced(call, call.value(index), ranges), sizes)


class Run(NamedTuple):
    """What one direction gives."""

    steps: list[SSAValue]
    """The hidden state of each step, in order of time."""
    last: State


def _run(cell: Cell, kind: Kind, given: SSAValue, number: int, back: bool) -> Run:
    """Direction `number` of a node, step by step."""
    call = cell.call
    steps, batch, inputs = nn.shape_of(given)
    weights = transposed(call, _entry(call, 1, number), (1, 0))
    ready = product(call, reshaped(call, given, (steps * batch, inputs)), weights)
    if (bias := _bias(call, number, 0)) is not None:
        ready = call.add(nn.AddOp(ready, bias))
    sizes = (batch, cell.hidden)
    memory = _initial(call, 6, number, sizes) if kind.has_memory else None
    state = State(_initial(call, 5, number, sizes), memory)
    found: dict[int, SSAValue] = {}
    for step in reversed(range(steps)) if back else range(steps):
        rows = part(call, ready, 0, Range(step * batch, 1, batch))
        state = kind.step(cell, rows, state)
        found[step] = state.hidden
    return Run([found[step] for step in range(steps)], state)


def _cell(call: Call, number: int, functions: tuple[str, ...]) -> Cell:
    recurrence = transposed(call, _entry(call, 2, number), (1, 0))
    bias = _bias(call, number, 1)
    peepholes = _entry(call, 7, number) if call.has(7) else None
    hidden = nn.shape_of(recurrence)[0]
    return Cell(call, hidden, functions, recurrence, bias, peepholes)


def _bias(call: Call, number: int, half: int) -> SSAValue | None:
    """The bias of the input (0) or of the state (1) in direction `number`."""
    if not call.has(3):
        return None
    both = _entry(call, 3, number)
    width = nn.shape_of(both)[1] // 2
    return part(call, both, 1, Range(half * width, 1, width))


def _results(call: Call, runs: Sequence[Run], batch_first: bool) -> list[SSAValue]:
    """All hidden states, then the last state of each direction."""
    steps = zip(*(run.steps for run in runs), strict=True)
    states = _stacked(call, [_stacked(call, step) for step in steps])
    results = [states, _stacked(call, [run.last.hidden for run in runs])]
    memories = [run.last.memory for run in runs if run.last.memory is not None]
    if memories:
        results.append(_stacked(call, memories))
    if not batch_first:
        return results
    orders = [(2, 0, 1, 3), (1, 0, 2), (1, 0, 2)]
    return [
        transposed(call, value, order)
        for value, order in zip(results, orders, strict=False)
    ]


def _stacked(call: Call, values: Sequence[SSAValue]) -> SSAValue:
    """Values of one shape along a new first dimension."""
    parts = [reshaped(call, value, (1, *nn.shape_of(value))) for value in values]
    return parts[0] if len(parts) == 1 else call.add(nn.ConcatOp(parts, 0))


RECURRENT: dict[str, Operator] = {
    name: Operator(recurrent(kind), limits="equal lengths; Relu, Sigmoid, Tanh")
    for name, kind in {
        "GRU": Kind(("Sigmoid", "Tanh"), gru_step),
        "LSTM": Kind(("Sigmoid", "Tanh", "Tanh"), lstm_step, has_memory=True),
        "RNN": Kind(("Tanh",), rnn_step),
    }.items()
}
