"""
Gives a module its machine, as `--machine` of our own tools does.

Before:
```mlir
builtin.module { … }
```
After `deploy-attach-machine{machine=rv64gc}`:
```mlir
builtin.module attributes {dlti.target_system_spec = #dlti.target_system_spec<…>} { … }
```

This is how pipelines that run in other tools, such as `xdsl-opt`, choose a machine. A
module that has one keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...errors import DeployError
from ...machine import DEFAULT_MACHINE, attach, has_machine, load_machine


@dataclass(frozen=True)
class DeployAttachMachinePass(ModulePass):
    """Writes a machine onto the module, as DLTI."""

    name = "deploy-attach-machine"

    machine: str = DEFAULT_MACHINE
    """A built-in machine, or the path of a TOML file."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_machine(op):
            return
        try:
            attach(op, load_machine(self.machine))
        except DeployError as error:
            op.emit_error(str(error), PassFailedException(str(error)))
