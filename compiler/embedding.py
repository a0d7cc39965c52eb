"""
The phases of the compiler as one pass, for pipelines that run in other tools.

`deployopt` finds out itself what a phase needs. `xdsl-opt`, or a pipeline in Python,
knows single passes only; this one stands for as many as are wanted:

```
xdsl-opt f.mlir -p \
  'deploy-attach-machine{machine=rv64gc},deploy-run-phases{phases=lower}'
```
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from .errors import DeployError
from .pipeline import PHASE_NAMES
from .resolution import run


@dataclass(frozen=True)
class DeployRunPhasesPass(ModulePass):
    """Runs phases of the compiler, and those that they need before them."""

    name = "deploy-run-phases"

    phases: tuple[str, ...] = PHASE_NAMES[-1:]
    """What is wanted, as `-p` of `deployopt` takes it; by default all."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        from .universe import all_passes

        try:
            run(ctx, op, ",".join(self.phases), all_passes(), verified=False)
        except DeployError as error:
            op.emit_error(str(error), PassFailedException(str(error)))
