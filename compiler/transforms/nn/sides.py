"""The inputs and outputs of functions on tensors, as passes change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    ModuleOp,
    TensorType,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue
from xdsl.utils.exceptions import PassFailedException

from ...analysis.groups import functions_of
from ...analysis.interface import AS_WRITTEN_ATTRIBUTE, noted, table
from ...analysis.interface_choices import Choices
from ...analysis.plain import attribute_of, text_of
from ...dialects.deploy.marks import NAME_ATTRIBUTE
from ...errors import DeployError
from ...rewriting import locate, name_location, node_names


@dataclass(frozen=True)
class Side:
    """One input or output of a function."""

    function: FuncOp
    number: int
    is_input: bool

    @property
    def block(self) -> Block:
        """The body of the function."""
        return self.function.body.block

    @property
    def value(self) -> SSAValue:
        """The tensor."""
        if self.is_input:
            return self.block.args[self.number]
        assert self.block.last_op is not None, "a function with results returns them"
        return self.block.last_op.operands[self.number]

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """What is said of it."""
        all_ = self._all_attributes()
        return all_[self.number].data if self.number < len(all_) else {}

    def _all_attributes(self) -> tuple[DictionaryAttr, ...]:
        return noted(
            self.function.arg_attrs if self.is_input else self.function.res_attrs
        )

    @property
    def name(self) -> str:
        """What the model calls it, or, written by hand, its place."""
        given = text_of(self.attributes.get(NAME_ATTRIBUTE))
        return given or f"{'input' if self.is_input else 'output'}_{self.number}"

    def note(self, **values: Any) -> None:
        """Says more of it: `deploy.KEY` is each value, a plain one."""
        count = len(self.block.args if self.is_input else self._types()[1])
        all_ = [*self._all_attributes()] or [DictionaryAttr({})] * count
        added = {f"deploy.{key}": attribute_of(value) for key, value in values.items()}
        all_[self.number] = DictionaryAttr({**all_[self.number].data, **added})
        key = "arg_attrs" if self.is_input else "res_attrs"
        self.function.properties[key] = ArrayAttr(all_)

    def note_written(self, **values: str) -> None:
        """Says what the model has instead."""
        old = table(self.attributes.get(AS_WRITTEN_ATTRIBUTE))
        self.note(as_written=old | values)

    def replace_argument(self, type_: Attribute) -> BlockArgument:
        """An argument of another type in its place; the old one is still there."""
        new = self.block.insert_arg(type_, self.number)
        new.name_hint = self.block.args[self.number + 1].name_hint
        return new

    def drop_argument(self) -> None:
        """Removes the old argument, which nobody uses any more."""
        self.block.erase_arg(self.block.args[self.number + 1])
        self._set_type()

    def return_instead(self, value: SSAValue) -> None:
        """Returns another value."""
        assert self.block.last_op is not None, "a function with results returns them"
        self.block.last_op.operands[self.number] = value
        self._set_type()

    def add(self, op: Operation, near: object) -> SSAValue:
        """
        The result of a new operation: the first one, or the last but the return.

        It belongs to the node of `near`, or to none but this tensor.
        """
        names = node_names(near.location) if isinstance(near, Operation) else ()
        locate(op, name_location(names[0] if names else self.name))
        first, last = self.block.first_op, self.block.last_op
        assert first is not None, "a function ends with a return"
        assert last is not None, "a function ends with a return"
        self.block.insert_op_before(op, first if self.is_input else last)
        return op.results[0]

    def _types(self) -> tuple[tuple[Attribute, ...], tuple[Attribute, ...]]:
        assert self.block.last_op is not None, "a function ends with a return"
        results = tuple(value.type for value in self.block.last_op.operands)
        return tuple(self.block.arg_types), results

    def _set_type(self) -> None:
        inputs, outputs = self._types()
        self.function.properties["function_type"] = FunctionType.from_lists(
            inputs, outputs
        )


def choices_for(
    sides: Sequence[Side], texts: Iterable[str], words: Sequence[str]
) -> Choices:
    """What `texts` ask of `sides`; a diagnostic where they are not understood."""
    try:
        choices = Choices.of(texts, words)
        choices.check_names([side.name for side in sides])
    except DeployError as error:
        raise PassFailedException(str(error)) from error
    return choices


def sides_of(module: ModuleOp) -> Iterator[Side]:
    """The tensors among the arguments, then among the results of each function."""
    for function in functions_of(module):
        for number, type_ in enumerate(function.body.block.arg_types):
            if isinstance(type_, TensorType):
                yield Side(function, number, is_input=True)
        for number, type_ in enumerate(function.function_type.outputs):
            if isinstance(type_, TensorType):
                yield Side(function, number, is_input=False)
