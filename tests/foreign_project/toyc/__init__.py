"""A dialect with one operation, its lowering to linalg, and a pipeline to C."""

from __future__ import annotations

from io import StringIO
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.passes import PassPipeline
from xdsl.universe import Universe


def _dialect() -> Any:
    from .dialect import Toy

    return Toy


def _lowering() -> Any:
    from .lowering import ToyToLinalgPass

    return ToyToLinalgPass


UNIVERSE = Universe(
    all_dialects={"toy": _dialect}, all_passes={"toy-to-linalg": _lowering}
)
"""What `xdsl-opt` finds by this project's entry point."""


def parse(text: str) -> tuple[Context, ModuleOp]:
    """The module in `text`, and the context that knows everybody's dialects."""
    context = Context()
    for name, factory in Universe.get_multiverse().all_dialects.items():
        context.register_dialect(name, factory)
    return context, Parser(context, text).parse_module()


def compile_to_c(text: str, machine: str) -> str:
    """C for `machine` from a module of toy, linalg and what else xDSL has."""
    from deployopt.backend.c.target import DeployCTarget
    from deployopt.embedding import DeployRunPhasesPass
    from deployopt.transforms.deploy.attach_machine import DeployAttachMachinePass

    from .lowering import ToyToLinalgPass

    context, module = parse(text)
    passes = (
        ToyToLinalgPass(),
        DeployAttachMachinePass(machine),
        DeployRunPhasesPass(),
    )
    PassPipeline(passes).apply(context, module)
    module.verify()
    output = StringIO()
    DeployCTarget().emit(context, module, output)
    return output.getvalue()
