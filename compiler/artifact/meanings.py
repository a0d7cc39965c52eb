"""
What a model means before and after each pass: which pass has changed it.

The module is interpreted after every pass that changes it, on the same inputs, and its
results compared with the reference. Nothing is compiled to C or run on a machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException

from ..analysis.groups import functions_of
from ..analysis.interface import Border, borders_of
from ..analysis.program import entry_of
from ..errors import refusal
from ..execution.tensors import Array
from ..interpreters import run_module
from ..pipeline import PHASES
from ..requests import phase_passes
from ..universe import all_passes, new_context
from .recipe import Recipe

IMPORT = "import"
LAST_ON_ARRAYS = "vector-lower-kernels"
"""From this pass on, kernels are loops over numbers."""

MOST_PRODUCTS = 1_000_000
"""Multiply-adds of a model whose loops are interpreted, in some minutes."""


@dataclass(frozen=True)
class Meaning:
    """What a module computes behind one pass."""

    by: str
    """The pass, or `import`."""
    phase: str
    outputs: tuple[Array, ...]
    borders: tuple[Border, ...]
    """What the outputs are there."""


def meanings(
    recipe: Recipe, inputs: Sequence[Array], products: int
) -> Iterator[Meaning]:
    """
    What the model computes as imported, and after each pass that changes something.

    `inputs` are as the model has them, and what each module is given as it wants them.
    `products` is how many multiply-adds it has: with more than `MOST_PRODUCTS`, passes
    on loops are left out. Raises `DeployError` where a pass refuses the model.
    """
    passes = all_passes(recipe.plugins)
    ctx = new_context(passes)
    module = recipe.imported(ctx)
    yield meaning(IMPORT, IMPORT, module, inputs)
    for phase in PHASES[1:]:
        for one in phase_passes(phase, None, passes):
            if one.name == LAST_ON_ARRAYS and products > MOST_PRODUCTS:
                return
            if changes(ctx, module, one):
                yield meaning(one.name, phase.name, module, inputs)


def meaning(by: str, phase: str, module: ModuleOp, inputs: Sequence[Array]) -> Meaning:
    """What a module computes; `inputs` are as the model has them."""
    entry = entry_of(functions_of(module))
    assert entry is not None, "import makes one"
    given, made = borders_of(entry)
    own = [b.to_caller(array) for b, array in zip(given, inputs, strict=True)]
    return Meaning(by, phase, run_module(module, own), tuple(made))


def changes(ctx: Context, module: ModuleOp, one: ModulePass) -> bool:
    """Applies a pass; whether it has changed the module."""
    before = module.clone()
    try:
        one.apply(ctx, module)
    except DiagnosticException as error:
        raise refusal(error) from error
    return not module.is_structurally_equivalent(before)
