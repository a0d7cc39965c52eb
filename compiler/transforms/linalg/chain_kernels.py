"""
Makes chains of the kernels that a user wants to be computed together.

Before: `%a = deploy.kernel(…) … loc("conv1")`, `%y = deploy.kernel(%a) … loc("conv2")`
        in a module with `deploy.fused = [{chain = …, nodes = ["conv1", "conv2"]}]`
After:  the same, both with `deploy.chain = 0`, and nothing stands between them

What the nodes have in one kernel is together already. Otherwise the kernels from the
first that does work of these nodes to the last become a chain, so that what one of them
makes for another never exists whole. Kernels at either end that only move elements stay
out, as long as each node has another one. What is between them and not part of it
is moved before or behind. Where nothing has to be brought near, the size of tiles is
chosen here, else by `linalg-choose-tiles`. A module with a plan keeps the plan's
chains, and is refused where these are others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, linalg, tensor
from xdsl.dialects.builtin import DenseArrayBase, IntegerAttr, ModuleOp, i64
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.chains import CHAIN_ATTRIBUTE
from ...analysis.decisions import tensor_kernels
from ...analysis.fused import Fused, together
from ...analysis.groups import functions_of
from ...analysis.levels import MemoryLevels, levels_around
from ...analysis.plans import plan_of
from ...analysis.tiles import TILE_ATTRIBUTE, group_of
from ...dialects.deploy import KernelOp
from ...properties import Property
from ...rewriting import node_names
from .lift_pads import lift_pads


def refuse(fused: Fused, op: Operation, reason: str) -> NoReturn:
    """Says which operation stands in the way of a chain."""
    message = f"{fused.chain} cannot be computed together: {reason}"
    op.emit_error(message, PassFailedException(message))


def makers(op: Operation) -> list[Operation]:
    """The operations beside `op` whose results it reads, inside of it too."""
    values = [value for inner in op.walk() for value in inner.operands]
    owners = (v.owner for v in values if isinstance(v.owner, Operation))
    return [owner for owner in dict.fromkeys(owners) if owner.parent is op.parent]


def needed_by(op: Operation) -> set[Operation]:
    """`op` and all beside it that it is made from."""
    found: set[Operation] = set()
    left = [op]
    while left:
        last = left.pop()
        if last not in found:
            found.add(last)
            left += makers(last)
    return found


def only_moves(kernel: KernelOp) -> bool:
    """Whether a kernel passes elements on and computes none."""
    bodies = [op.body.block for op in kernel.block.ops if isinstance(op, Generic)]
    return all(block.first_op is block.last_op for block in bodies)


Generic = linalg.ops.GenericOp


def does(kernel: KernelOp, names: Sequence[str]) -> bool:
    """Whether a kernel does work of one of these nodes."""
    return not set(node_names(kernel.location)).isdisjoint(names)


def trimmed(kernels: list[KernelOp]) -> list[KernelOp]:
    """Without what only moves elements at the ends, and without losing a node."""

    def is_missed(kernel: KernelOp) -> bool:
        others = [other for other in kernels if other is not kernel]
        return not all(
            any(does(other, [name]) for other in others)
            for name in node_names(kernel.location)
        )

    for end in (0, -1):
        while len(kernels) > 1 and only_moves(kernels[end]):
            if is_missed(kernels[end]):
                break
            kernels.pop(end)
    return kernels


def members(block: Block, fused: Fused) -> list[Operation]:
    """All on the way from the first kernel of the nodes to the last, in order."""
    kernels = [
        op
        for op in block.ops
        if isinstance(op, KernelOp) and op.results and does(op, fused.nodes)
    ]
    computing = [kernel for kernel in kernels if not only_moves(kernel)]
    last = (computing or kernels)[-1:]
    if not last:
        return []
    needed = needed_by(last[0])
    kernels = trimmed([kernel for kernel in kernels if kernel in needed])
    return between(block, kernels)


def between(block: Block, kernels: Sequence[KernelOp]) -> list[Operation]:
    """These kernels and what is made of one of them and needed by another."""
    needed = set[Operation]().union(*map(needed_by, kernels))
    found: list[Operation] = []
    for op in block.ops:
        inside = op in needed and any(maker in found for maker in makers(op))
        if op in kernels or inside:
            found.append(op)
    return found


def check_between(fused: Fused, ops: Sequence[Operation]) -> None:
    """Refuses a chain with something in it that cannot be made tile by tile."""
    *inner, last = ops
    for op in inner:
        if isinstance(op, tensor.CollapseShapeOp | tensor.ExpandShapeOp):
            reason = f"a reshape stands between ({op.name}), which takes a whole tensor"
            refuse(fused, op, f"{reason}: a tile of it is no tile of what it reads")
        if not isinstance(op, KernelOp | tensor.PadOp):
            refuse(fused, op, f"{op.name} stands between, which takes a whole tensor")
        users = [use.operation for result in op.results for use in result.uses]
        outside = next((user for user in users if user not in ops), None)
        if outside is not None:
            name = next(iter(node_names(outside.location)), outside.name)
            refuse(fused, op, f"what it makes is read by {name} as well")
    for op in ops:
        if isinstance(op, KernelOp) and (len(op.results) > 1 or group_of(op) is None):
            refuse(fused, op, "a kernel must end with one operation to be cut")
    assert isinstance(last, KernelOp), "a chain ends with a kernel"


def gather(ops: Sequence[Operation]) -> None:
    """Moves what stands between `ops` before them, or behind where it reads them."""
    block, last = ops[0].parent, ops[-1]
    assert block is not None, "they stand in a driver"
    behind: list[Operation] = []
    following = ops[0].next_op
    while following is not None and following is not last:
        op, following = following, following.next_op
        if op in ops:
            continue
        op.detach()
        if any(maker in ops or maker in behind for maker in makers(op)):
            behind.append(op)
        else:
            block.insert_op_before(op, ops[0])
    block.insert_ops_after(behind, last)


def decide(
    function: func.FuncOp, fused: Fused, kernels: list[KernelOp], levels: MemoryLevels
) -> None:
    """Writes that these kernels are a chain, and how it is cut if nobody else does."""
    from ...analysis.traffic.driver_model import driver_model
    from ...analysis.traffic.joining import can_join, joint_tile, segments_of

    number = tensor_kernels_of(function).index(kernels[0])
    for kernel in kernels:
        kernel.attributes[CHAIN_ATTRIBUTE] = IntegerAttr(number, i64)
    if levels.is_flat:
        kernels = lifted(function, number)
    segments = segments_of(driver_model(function, levels))
    if not can_join(segments, kernels):
        reason = "no tile of it takes one part of each tensor between"
        refuse(fused, kernels[-1], reason)
    root = group_of(kernels[-1])
    assert root is not None, "it has been checked"
    if levels.is_flat and TILE_ATTRIBUTE not in root.root.attributes:
        sizes = joint_tile(segments, kernels)
        root.root.attributes[TILE_ATTRIBUTE] = DenseArrayBase.from_list(i64, sizes)


def lifted(function: func.FuncOp, number: int) -> list[KernelOp]:
    """The kernels of a chain when their pads stand outside."""
    lift_pads(function.body.block)
    mark = IntegerAttr(number, i64)
    kernels = tensor_kernels_of(function)
    return [one for one in kernels if one.attributes.get(CHAIN_ATTRIBUTE) == mark]


def tensor_kernels_of(function: func.FuncOp) -> list[KernelOp]:
    """The kernels on tensors that stand directly in a driver, in program order."""
    inside = function.body.block.ops
    return [op for op in inside if isinstance(op, KernelOp) and op.results]


def check_plan(module: ModuleOp, fused: Fused, kernels: Sequence[KernelOp]) -> None:
    """Refuses a plan that does not keep these kernels together."""
    plan, every = plan_of(module), tensor_kernels(module)
    if plan is None or len(plan.kernels) != len(every):
        return  # `linalg-apply-plan` refuses it
    chains = {plan.kernels[every.index(kernel)].chain for kernel in kernels}
    if len(chains) > 1 or None in chains:
        refuse(fused, kernels[-1], "the plan does not make a chain of it")


class LinalgChainKernelsPass(ModulePass):
    """Makes chains of the kernels that a user wants to be computed together."""

    name = "linalg-chain-kernels"
    needs = (Property.KERNELS, Property.FREE_TILES)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for fused in together(op):
            for function in functions_of(op):
                self.chain(op, function, fused)

    @staticmethod
    def chain(module: ModuleOp, function: func.FuncOp, fused: Fused) -> None:
        """Acts on one place in one driver."""
        ops = members(function.body.block, fused)
        kernels = [op for op in ops if isinstance(op, KernelOp)]
        if len(kernels) < 2:
            return
        check_between(fused, ops)
        gather(ops)
        if plan_of(module) is not None:
            check_plan(module, fused, kernels)
        elif any(CHAIN_ATTRIBUTE in kernel.attributes for kernel in kernels):
            reason = "it is in another chain already"
            refuse(fused, kernels[-1], reason)
        else:
            decide(function, fused, kernels, levels_around(module))
