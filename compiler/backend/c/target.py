"""The target `deploy-c`: one self-contained C file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.utils.exceptions import DiagnosticException
from xdsl.utils.target import Target

from .files import single_file
from .source import Source

PHASE_ATTRIBUTE = "deploy.phase"
LAST_PHASE = "vectorize"


def check_phase(module: ModuleOp) -> None:
    """Refuses a module that has stopped too early; a hand-written one has no phase."""
    phase = module.attributes.get(PHASE_ATTRIBUTE)
    if isinstance(phase, StringAttr) and phase.data != LAST_PHASE:
        message = f"C is printed after phase '{LAST_PHASE}', got phase '{phase.data}'"
        module.emit_error(message, DiagnosticException(message))


@dataclass(frozen=True)
class DeployCTarget(Target):
    """Prints the module after `vectorize` as C11 that includes only `deploy.h`."""

    name = "deploy-c"

    @override
    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        check_phase(module)
        output.write(single_file(Source.of(module)))
