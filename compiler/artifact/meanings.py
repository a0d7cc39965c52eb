"""
What a model means before and after each pass: which pass has changed it.

The module is interpreted after every pass that changes it, on the same inputs, and its
results compared with the reference. Loops of large models would take an interpreter
hours: there, what passes on loops leave is printed as C and run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException

from ..analysis.groups import functions_of
from ..analysis.interface import Border, borders_of
from ..analysis.program import entry_of
from ..errors import refusal
from ..execution.tensors import Array
from ..interpreters import run_module
from ..pipeline import PHASE_ATTRIBUTE, PHASE_NAMES, PHASES
from ..requests import phase_passes
from ..universe import all_passes, new_context
from .artifact import Artifact
from .folder import folder_contents
from .recipe import Recipe

IMPORT = "import"
LAST_ON_ARRAYS = "vector-lower-kernels"
"""From this pass on, kernels are loops over numbers."""

MOST_PRODUCTS = 1_000_000
"""Multiply-adds of a model whose loops are interpreted, in some minutes."""

COMPILED_PHASE = PHASE_NAMES[-1]
"""What the C is printed of."""


@dataclass(frozen=True)
class Meaning:
    """What a module computes behind one pass."""

    by: str
    """The pass, or `import`."""
    phase: str
    outputs: tuple[Array, ...]
    borders: tuple[Border, ...]
    """What the outputs are there."""
    is_compiled: bool = False
    """Whether its C was run, and not the module interpreted."""


def meanings(
    recipe: Recipe, inputs: Sequence[Array], products: int, runner: str | None = None
) -> Iterator[Meaning]:
    """
    What the model computes as imported, and after each pass that changes something.

    `inputs` are as the model has them, and what each module is given as it wants them.
    `products` is how many multiply-adds it has: with more than `MOST_PRODUCTS`, loops
    are compiled, and run by `runner`. Raises `DeployError` where a pass refuses the
    model.
    """
    passes = all_passes(recipe.plugins)
    ctx = new_context(passes)
    module = recipe.imported(ctx)
    run = partial(run_module, module)
    yield meaning(IMPORT, IMPORT, module, inputs, run)
    for phase in PHASES[1:]:
        for one in phase_passes(phase, None, passes):
            if one.name == LAST_ON_ARRAYS and products > MOST_PRODUCTS:
                run = partial(run_compiled, ctx, module, recipe, runner)
            if changes(ctx, module, one):
                yield meaning(one.name, phase.name, module, inputs, run)


def meaning(
    by: str,
    phase: str,
    module: ModuleOp,
    inputs: Sequence[Array],
    run: partial[tuple[Array, ...]],
) -> Meaning:
    """What a module computes; `inputs` are as the model has them."""
    entry = entry_of(functions_of(module))
    assert entry is not None, "import makes one"
    given, made = borders_of(entry)
    own = [b.to_caller(array) for b, array in zip(given, inputs, strict=True)]
    return Meaning(by, phase, run(own), tuple(made), run.func is run_compiled)


def run_compiled(
    ctx: Context,
    module: ModuleOp,
    recipe: Recipe,
    runner: str | None,
    inputs: Sequence[Array],
) -> tuple[Array, ...]:
    """The results of the C of a module that holds loops."""
    last = module.clone()
    last.attributes[PHASE_ATTRIBUTE] = StringAttr(COMPILED_PHASE)
    contents = folder_contents(ctx, last, recipe.machine, recipe.name)
    with Artifact(*contents).session(runner) as session:
        names = (tensor.name for tensor in session.inputs)
        (values,) = session.run_many([dict(zip(names, inputs, strict=True))])
    return tuple(values)


def changes(ctx: Context, module: ModuleOp, one: ModulePass) -> bool:
    """Applies a pass; whether it has changed the module."""
    before = module.clone()
    try:
        one.apply(ctx, module)
    except DiagnosticException as error:
        raise refusal(error) from error
    return not module.is_structurally_equivalent(before)
