"""
Fusion that a user asks for by naming operations: what `--fuse` takes.

A chain is names of operations with `+` between them, `nn.conv+nn.add+nn.relu`. A TOML
file holds several: `chains = ["nn.conv+nn.relu", …]`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from .analysis.fused import ask
from .errors import DeployError, UsageError, one_line
from .pipeline import PHASE_NAMES
from .resolution import finished_phase

KEY = "chains"
"""The key of a file under which the chains are."""


def chains_from(texts: Iterable[str | Path]) -> tuple[str, ...]:
    """
    The chains that `texts` are or, for names that end with `.toml`, that files hold.

    Raises `UsageError` for what is no chain, `DeployError` for a file of another form.
    """
    found: list[str] = []
    for text in map(str, texts):
        if text.endswith(".toml"):
            found += chains_in(Path(text))
        else:
            found.append(checked(text, "--fuse"))
    return tuple(dict.fromkeys(found))


def chains_in(path: Path) -> list[str]:
    """The chains in a TOML file."""
    if not path.is_file():
        raise UsageError("no such file", node=str(path))
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = f"expected chains in TOML, {one_line(str(error)).lower()}"
        raise DeployError(reason, node=str(path)) from None
    for key in table.keys() - {KEY}:
        raise DeployError(f"{key}: expected no key but {KEY}", node=str(path))
    entries: Any = table.get(KEY)
    listed = cast("list[Any]", entries) if isinstance(entries, list) else []
    if not listed or not all(isinstance(entry, str) for entry in listed):
        reason = f"{KEY}: expected a list of chains, got {entries!r}"
        raise DeployError(reason, node=str(path))
    return [checked(entry, str(path)) for entry in listed]


def checked(text: str, subject: str) -> str:
    """A chain without blanks; raises `UsageError` for what is none."""
    names = [name.strip() for name in text.split("+")]
    if len(names) < 2 or not all(names):
        reason = f"expected names of operations with + between them, got {text!r}"
        raise UsageError(reason, node=subject)
    return "+".join(names)


def check_names(chains: Sequence[str], ctx: Context) -> None:
    """Raises `UsageError` for a name that is of no operation."""
    for chain in chains:
        for name in chain.split("+"):
            if ctx.get_optional_op(name) is None:
                raise unknown(name, ctx)


def unknown(name: str, ctx: Context) -> UsageError:
    """The refusal of a name, with the one that is nearest to it."""
    if "." not in name and ctx.get_optional_op(f"nn.{name}") is not None:
        near = [f"nn.{name}"]
    else:
        ctx.get_optional_op("nn.constant")  # loads the dialect
        near = get_close_matches(name, [op.name for op in ctx.loaded_ops], n=1)
    hint = f"did you mean '{near[0]}'?" if near else "deployopt MODEL prints the names"
    return UsageError("no such operation", node=name, hint=hint)


def ask_for(
    module: ModuleOp, chains: Sequence[str], ctx: Context, planned: Sequence[str] = ()
) -> None:
    """
    Writes onto `module` what is to be computed together.

    That is what its plan was made with, `planned`, if nothing else is asked for.
    Raises `UsageError` for a name of no operation, `DeployError` for a module in which
    operations are no longer what they are called.
    """
    if not chains and not is_fused(module):
        chains = planned
    if not chains:
        return
    check_names(chains, ctx)
    if is_fused(module):
        phase = PHASE_NAMES[finished_phase(module) or 0]
        reason = f"expected a module before phase 'fuse', got one after '{phase}'"
        raise DeployError(reason, node="--fuse")
    ask(module, chains)


def is_fused(module: ModuleOp) -> bool:
    """Whether phase `fuse` is finished."""
    finished = finished_phase(module)
    return finished is not None and finished >= PHASE_NAMES.index("fuse")
