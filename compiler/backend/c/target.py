"""The target `deploy-c`: one self-contained C file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from .files import single_file
from .source import Source


@dataclass(frozen=True)
class DeployCTarget(Target):
    """Prints the module after `vectorize` as C11 that includes only `deploy.h`."""

    name = "deploy-c"

    @override
    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        output.write(single_file(Source.of(module)))
