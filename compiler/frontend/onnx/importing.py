"""Walks the graph in order: each node is folded, handled, expanded or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from onnx import FunctionProto, ModelProto, NodeProto, ValueInfoProto
from xdsl.dialects.builtin import ModuleOp, UnrealizedConversionCastOp
from xdsl.ir import Block, SSAValue
from xdsl.utils.exceptions import VerifyException

from ...dialects import nn
from ...errors import DeployError, combined, one_line
from .calls import Call, Emitter, Operand, Scope, UnknowableError
from .composites import (
    body_version,
    function_body,
    given_attributes,
    local_functions,
    with_attributes,
)
from .dimensions import (
    bind_dimensions,
    check_output,
    graph_inputs,
    infer_shapes,
    known_shapes,
)
from .folding import fold
from .loading import MAIN_DOMAINS, Source, load
from .naming import keep_tensors
from .nodes import needed_nodes
from .operators import FOLDED, HANDLERS
from .schemas import check_types, is_composite
from .tensors import (
    array_of,
    element_name,
    element_type,
    onnx_element_name,
    tensor_type,
)
from .writing import build_module

MALFORMED = (
    VerifyException,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    MemoryError,
)
"""What a node with senseless attributes makes a handler raise."""


def import_model(
    source: bytes | str | Path | ModelProto,
    *,
    dims: Mapping[str, int],
    name: str | None = None,
    outputs: Sequence[str] = (),
) -> ModuleOp:
    """The `nn` module of a model; raises `DeployError`."""
    loaded, walk = walk_model(source, dims, name, outputs)
    if walk.refusals:
        raise combined(walk.refusals)
    return build_module(loaded, walk.block, walk.results(loaded.model))


def walk_model(
    source: bytes | str | Path | ModelProto,
    dims: Mapping[str, int],
    name: str | None = None,
    outputs: Sequence[str] = (),
) -> tuple[Source, Walk]:
    """Everything of a model that can be imported, and what cannot."""
    loaded = load(source, name)
    bind_dimensions(loaded.model, dims)
    keep_tensors(loaded.model, outputs)
    block = Block()
    walk = Walk(loaded, Emitter(block))
    scope = _outer_values(loaded.model, block)
    walk.scope.update(scope)
    for node in needed_nodes(loaded.model):
        walk.visit(node)
    return loaded, walk


def _outer_values(model: ModelProto, block: Block) -> Scope:
    """The graph's inputs as block arguments, and its initializers."""
    if model.graph.sparse_initializer:
        sparse = model.graph.sparse_initializer[0].values.name
        raise DeployError("initializer must be dense, got a sparse one", node=sparse)
    scope: dict[str, Operand | None] = {}
    for value in graph_inputs(model):
        tensor = value.type.tensor_type
        element = element_type(onnx_element_name(tensor.elem_type))
        shape = [dim.dim_value for dim in tensor.shape.dim]
        argument = block.insert_arg(tensor_type(element, shape), len(block.args))
        scope[value.name] = Operand(value.name, value=argument)
    for tensor in model.graph.initializer:
        scope[tensor.name] = Operand(tensor.name, array=array_of(tensor))
    return scope


@dataclass
class Walk:
    """The state of an import: values by name, operations so far, refusals so far."""

    source: Source
    emitter: Emitter
    scope: dict[str, Operand | None] = field(
        default_factory=dict[str, "Operand | None"]
    )
    refusals: list[DeployError] = field(default_factory=list[DeployError])

    @cached_property
    def functions(self) -> Mapping[tuple[str, str], FunctionProto]:
        """The model's own, by domain and name."""
        return local_functions(self.source.model)

    @cached_property
    def shapes(self) -> Mapping[str, tuple[str, tuple[int, ...]]]:
        """Inferred element type and shape by name, for what a refused node leaves."""
        return known_shapes(infer_shapes(self.source.model))

    @property
    def block(self) -> Block:
        """The body of the function under construction."""
        return self.emitter.block

    def visit(self, node: NodeProto) -> None:
        """Adds the results of a node of the graph, or why there are none."""
        call = self._call(
            node, self.source.version, self.scope, node.name, node.op_type
        )
        try:
            found = self.evaluate(call)
        except UnknowableError:
            found = self._guesses(node)
        except DeployError as error:
            refusal = error
            if error.node is None:
                refusal = DeployError(
                    error.reason, node=node.name, op_type=node.op_type
                )
            self.refusals.append(refusal)
            found = self._guesses(node)
        self.scope.update(zip(node.output, found, strict=False))

    def _call(
        self, node: NodeProto, version: int, scope: Scope, name: str, whole: str
    ) -> Call:
        operands = tuple(scope.get(read) for read in node.input)
        return Call(node, version, operands, self.emitter, name, whole, scope)

    def evaluate(self, call: Call) -> list[Operand | None]:
        """The results of one call; raises `DeployError` when it is refused."""
        domain = call.proto.domain
        function = self.functions.get((domain, call.op_type))
        if function is None and domain not in MAIN_DOMAINS:
            call.refuse(f"operator must be of ONNX's main domain, got '{domain}'")
        try:
            return self._expand(call, function) if function else self._evaluate(call)
        except MALFORMED as error:
            call.refuse(one_line(str(error)) or type(error).__name__)

    def _evaluate(self, call: Call) -> list[Operand | None]:
        handler = HANDLERS.get(call.op_type)
        if handler is None and any(o and o.guessed for o in call.operands):
            self._check_known(call)
        check_types(call)
        if (folded := fold(call)) is not None:
            return [
                Operand(name or call.name, array=array)
                for name, array in zip(call.proto.output, folded, strict=False)
            ]
        if call.op_type == "If":
            return self._branch(call)
        if handler is not None:
            return _as_operands(handler(call), call)
        if call.op_type in FOLDED:
            call.refuse("inputs must be constant, got computed ones")
        if (body := function_body(call)) is not None:
            return self._expand(call, body)
        call.refuse("operator is not supported")

    def _check_known(self, call: Call) -> None:
        """An operator nobody knows is refused even when its operands were."""
        if not is_composite(call):
            call.refuse("operator is not supported")

    def _expand(self, call: Call, body: FunctionProto) -> list[Operand | None]:
        given = given_attributes(call, body)
        version = body_version(body, call.version)
        missing = [None] * (len(body.input) - len(call.operands))
        scope = dict(zip(body.input, (*call.operands, *missing), strict=False))
        nodes = [with_attributes(node, given) for node in body.node]
        return self._run(nodes, scope, version, call, body.output)

    def _branch(self, call: Call) -> list[Operand | None]:
        """The results of an `If` whose condition is known."""
        taken = bool(call.constant(0, "condition").item())
        graph = call.attribute("then_branch" if taken else "else_branch")
        scope = dict(call.scope)
        for tensor in graph.initializer:
            scope[tensor.name] = Operand(tensor.name, array=array_of(tensor))
        outputs = [value.name for value in graph.output]
        return self._run(graph.node, scope, call.version, call, outputs)

    def _run(
        self,
        nodes: Iterable[NodeProto],
        scope: dict[str, Operand | None],
        version: int,
        call: Call,
        outputs: Iterable[str],
    ) -> list[Operand | None]:
        """Evaluates `nodes` in `scope` as parts of `call`."""
        for node in nodes:
            inner = self._call(node, version, scope, call.name, call.whole)
            scope.update(zip(node.output, self.evaluate(inner), strict=False))
        return [scope.get(name) for name in outputs]

    def _guesses(self, node: NodeProto) -> list[Operand | None]:
        """Stand-ins for the results of a refused node, so that the walk goes on."""
        return [self._guess(name) for name in node.output]

    def _guess(self, name: str) -> Operand:
        guess = Operand(name, guessed=True)
        try:
            element, shape = self.shapes[name]
            type_ = tensor_type(element_type(element), shape)
        except (KeyError, DeployError):
            return guess
        cast = UnrealizedConversionCastOp.get([], [type_])
        guess.value = self.emitter.add(cast, name)
        return guess

    def results(self, model: ModelProto) -> list[SSAValue]:
        """The graph's outputs; raises `DeployError` when one is not what it should."""
        return [self._result(value) for value in model.graph.output]

    def _result(self, output: ValueInfoProto) -> SSAValue:
        operand = self.scope.get(output.name)
        if operand is None:
            raise DeployError(
                "output must be made by a node, got none", node=output.name
            )
        try:
            value = self.emitter.value(operand)
        except DeployError as error:
            raise DeployError(error.reason, node=output.name) from error
        element = element_name(nn.tensor_type(value).element_type)
        check_output(output, element, nn.shape_of(value))
        return value


def _as_operands(
    found: SSAValue | Sequence[SSAValue], call: Call
) -> list[Operand | None]:
    values = [found] if isinstance(found, SSAValue) else found
    return [Operand(call.name, value=value) for value in values]
