"""
Passes, patterns and operations of a user's own: from a file or an installed package.

A plugin is a Python module. Each xDSL `Operation` that it defines is known by its name.
Each `ModulePass` can be asked for by name, and so can each `RewritePattern`, which
becomes a pass. One that names a `phase` runs in it, where its `needs` and `ends` want
it, and else at the end:

```python
class FuseMine(RewritePattern):
    name = "fuse-mine"
    phase = "fuse"
    needs = (Property.NAMED,)
```

`--plugin FILE.py` loads a file; a package lists its modules under the entry point group
`deployopt.plugins`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from inspect import isabstract
from pathlib import Path
from types import ModuleType

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern

from .errors import DeployError, UsageError, one_line
from .pipeline import PHASE_NAMES
from .properties import Property
from .rewriting import locate

GROUP = "deployopt.plugins"
"""The entry point group under which packages list modules."""

MODULES = "deployopt_plugin_"
"""What the names of modules begin with that are files."""


@dataclass(frozen=True)
class Added:
    """One pass of a plugin."""

    type: type[ModulePass]
    phase: str | None
    """The phase that it runs in, if it names one."""


@dataclass(frozen=True)
class Plugin:
    """What one module adds, in the order of its text."""

    passes: tuple[Added, ...]
    operations: tuple[type[Operation], ...]


MOST_REWRITES = 100
"""How often a pattern may change a module, for each operation of that."""


@dataclass
class Located(RewritePattern):
    """
    Does what `pattern` does; what that makes names the nodes of what it matched.

    One that has done so more often than `left` says is refused: it would go on for
    ever.
    """

    pattern: RewritePattern
    name: str
    left: int

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        """Rewrites `op`."""
        location, made = op.location, list[Operation]()
        handlers = rewriter.operation_insertion_handler
        rewriter.operation_insertion_handler = [*handlers, made.append]
        try:
            self.pattern.match_and_rewrite(op, rewriter)
        finally:
            rewriter.operation_insertion_handler = handlers
        for new in made:
            locate(new, location)
        self.left -= rewriter.has_done_action
        if self.left < 0:
            reason = f"does not stop: more than {MOST_REWRITES} rewrites per operation"
            raise DeployError(reason, node=self.name)


def pass_of(pattern: type[RewritePattern]) -> type[ModulePass]:
    """A pass that applies `pattern` everywhere until nothing changes."""

    @dataclass(frozen=True)
    class PatternPass(ModulePass):
        """Applies one pattern."""

        name = getattr(pattern, "name", dashed(pattern.__name__))
        needs = getattr(pattern, "needs", ())
        establishes = getattr(pattern, "establishes", ())
        ends = getattr(pattern, "ends", ())

        @override
        def apply(self, ctx: Context, op: ModuleOp) -> None:
            most = MOST_REWRITES * sum(1 for _ in op.walk())
            bounded = Located(pattern(), self.name, most)
            PatternRewriteWalker(bounded).rewrite_module(op)

    return PatternPass


def dashed(name: str) -> str:
    """`AFewWords` as `a-few-words`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def plugin_of(module: ModuleType, subject: str) -> Plugin:
    """
    What a module adds.

    Raises `DeployError`, about `subject`, where it adds nothing or to no phase.
    """
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    own = [value for value in own if not isabstract(value)]
    passes = tuple(added_by(own, subject))
    operations = tuple(value for value in own if issubclass(value, Operation))
    if not passes and not operations:
        kinds = "a ModulePass, a RewritePattern or an Operation"
        raise DeployError(f"expected {kinds}, got none", node=subject)
    return Plugin(passes, operations)


def added_by(classes: Sequence[type], subject: str) -> Iterator[Added]:
    """The passes among classes; raises `DeployError` for one of no phase."""
    for own in classes:
        if not issubclass(own, ModulePass | RewritePattern):
            continue
        phase = getattr(own, "phase", None)
        if phase is not None and phase not in PHASE_NAMES[1:]:
            known = ", ".join(PHASE_NAMES[1:])
            reason = f"{own.__name__}.phase: expected one of {known}, got {phase!r}"
            raise DeployError(reason, node=subject)
        check_properties(own, subject)
        yield Added(own if issubclass(own, ModulePass) else pass_of(own), phase)


def check_properties(own: type, subject: str) -> None:
    """Raises `DeployError` where a pass declares what is no property."""
    known = frozenset(Property)
    for key in ("needs", "establishes", "ends"):
        for property_ in getattr(own, key, ()):
            if property_ not in known:
                any_of, place = ", ".join(Property), f"{own.__name__}.{key}"
                reason = f"{place}: expected any of {any_of}, got {property_!r}"
                raise DeployError(reason, node=subject)


def load_file(path: Path) -> ModuleType:
    """
    The module in a Python file.

    Raises `UsageError` for a missing file, `DeployError` for one that does not run.
    """
    if not path.is_file():
        raise UsageError("no such file", node=str(path))
    module = ModuleType(f"{MODULES}{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look for their module there
    try:  # not by an importer, which would keep bytecode beside the file
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except (Exception, SystemExit) as error:
        reason = f"cannot be loaded: {type(error).__name__}: {one_line(str(error))}"
        raise DeployError(reason, node=str(path)) from error
    return module


def place_in_plugin(error: BaseException) -> str | None:
    """The innermost `file:line` of a plugin that `error` came through, if any."""
    found, traceback = None, error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if str(frame.f_globals.get("__name__")).startswith(MODULES):
            found = f"{frame.f_code.co_filename}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found


@cache
def installed() -> tuple[Plugin, ...]:
    """What installed packages add; raises `DeployError` where one cannot be loaded."""
    found: list[Plugin] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        subject = f"plugin {entry.name}"
        try:
            module = entry.load()
        except Exception as error:
            reason = f"cannot be loaded: {type(error).__name__}: {one_line(str(error))}"
            raise DeployError(reason, node=subject) from error
        found.append(plugin_of(module, subject))
    return tuple(found)


def from_file(path: str | Path) -> Plugin:
    """What the file at `path` adds; raises `DeployError`."""
    return plugin_of(load_file(Path(path)), str(path))
