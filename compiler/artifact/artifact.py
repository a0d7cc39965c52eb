"""A compiled model: its files, what the manifest says about them, sessions."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..analysis.interface import Border
from ..errors import DeployError, UsageError
from ..execution.steps import program_steps
from .folder import MANIFEST, PLAN, read_manifest_if_ours, write_files, write_folder
from .manifest import FORMAT
from .plan import PlanFile, plan_from_text

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..execution.tensors import Array
    from ..machine import Machine
    from .recipe import Recipe
    from .session import Session


@dataclass(frozen=True, repr=False)
class Artifact:
    """
    A model compiled for one machine.

    `files` maps the relative path of every file of the deployable folder to its text,
    `binaries` of every other file to its bytes.
    """

    files: Mapping[str, str]
    binaries: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    recipe: Recipe | None = field(default=None, compare=False)
    """What it was made of; none for one that was loaded without its model."""

    def __repr__(self) -> str:
        machine = self.manifest["machine"]["name"]
        return f"<Artifact {self.name} for {machine}, {len(self.files)} files>"

    @staticmethod
    def load(folder: str | Path) -> Artifact:
        """
        The artifact that was saved as `folder`.

        Raises `UsageError` when there is no such folder, `DeployError` when deployopt
        did not make it.
        """
        path = Path(folder)
        if not path.is_dir():
            raise UsageError("no such folder", node=str(path))
        manifest = read_manifest_if_ours(path)
        if manifest is None:
            reason = f"expected a folder that deployopt made, got no {MANIFEST} of it"
            raise DeployError(reason, node=str(path))
        if manifest.get("format") != FORMAT:
            got = manifest.get("format")
            reason = f"expected a manifest of format {FORMAT}, got {got}"
            raise DeployError(reason, node=str(path), hint="build it again")
        paths = sorted(p for p in path.rglob("*") if p.is_file())
        found = {p.relative_to(path).as_posix(): p for p in paths}
        texts = {name: read_text(p) for name, p in found.items() if not is_binary(p)}
        return Artifact(
            texts, {n: p.read_bytes() for n, p in found.items() if is_binary(p)}
        )

    def save(self, folder: str | Path) -> None:
        """
        Writes the deployable folder, whole or not at all.

        Raises `DeployError` when something else stands there.
        """
        write_folder(self.files, self.binaries, Path(folder))

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest, as a new dictionary each time."""
        return cast("dict[str, Any]", json.loads(self.files[MANIFEST]))

    @property
    def plan(self) -> dict[str, Any]:
        """The plan, as a new dictionary each time."""
        return cast("dict[str, Any]", json.loads(self.files[PLAN]))

    @property
    def plan_file(self) -> PlanFile:
        """The plan, checked; raises `DeployError` when somebody has spoilt it."""
        return plan_from_text(self.files[PLAN], PLAN)

    @property
    def borders(self) -> tuple[tuple[Border, ...], tuple[Border, ...]]:
        """The caller's inputs and outputs, and what the model has for them."""
        manifest = self.manifest
        inputs, outputs = (
            tuple(map(Border.of_entry, manifest[key])) for key in ("inputs", "outputs")
        )
        return inputs, outputs

    @property
    def name(self) -> str:
        """What all C symbols begin with."""
        return cast(str, self.manifest["name"])

    @property
    def machine(self) -> Machine:
        """The machine it was compiled for."""
        from ..machine import machine_from_table

        table = self.manifest["machine"]
        name = table.pop("name")
        return machine_from_table(name, table)

    def session(
        self,
        runner: str | None = None,
        *,
        profile: bool = False,
        checked: bool = False,
        hal: str | None = None,
    ) -> Session:
        """
        A context manager that runs the model; `runner` None is the machine's own.

        `profile` counts instructions (or nanoseconds) per step. `checked` lets kernels
        touch their levels alone; `hal` (`sync`, `deferred`, `eager`) does transfers
        and counts them. Raises `UsageError` for what this machine cannot do.
        """
        from ..execution.checks import Checks
        from .session import Session

        return Session(self, runner, profile, Checks(checked, hal))

    def with_outputs(self, names: str | Sequence[str]) -> Artifact:
        """
        The same model compiled again, with more of its tensors as outputs.

        Raises `DeployError` when there is no such tensor, or the model is not known.
        """
        names = [names] if isinstance(names, str) else names
        return self.known_recipe().with_outputs(self, names)

    def with_params(self, params: Mapping[str, Array]) -> Artifact:
        """
        The same model compiled again, with the same plan and other initializers.

        Raises `DeployError` when there is no such initializer, when an array has
        another dtype or shape than it, or when the model is not known.
        """
        return self.known_recipe().with_params(self, params)

    def known_recipe(self) -> Recipe:
        """What it was made of; raises `DeployError` when that is not known."""
        if self.recipe is None:
            reason = "expected an artifact whose model is known, got one from a folder"
            hint = 'deployopt.load(folder, model="model.onnx") tells the model'
            raise DeployError(reason, node=self.name, hint=hint)
        return self.recipe

    def check_same_program(self, other: object) -> None:
        """Raises `DeployError` unless both are one model's, but for parameters."""
        if not isinstance(other, Artifact):
            raise DeployError(f"expected a session, got {type(other).__name__}")
        mine, theirs = self.manifest, other.manifest
        for key in ("name", "machine", "inputs", "outputs", "nodes"):
            if mine[key] != theirs[key]:
                expected = f"the same model on machine {self.machine.name}"
                reason = f"expected a session of {expected}, got other {key}"
                raise DeployError(reason, node=theirs["name"])

    @contextmanager
    def unpacked(self) -> Generator[Path]:
        """The folder, for as long as the block runs."""
        with tempfile.TemporaryDirectory(prefix="deployopt-") as scratch:
            write_files(self.files, self.binaries, Path(scratch))
            yield Path(scratch)

    def node_costs(self, steps: Sequence[int]) -> list[dict[str, Any]]:
        """What the steps cost, and the bytes they move, by ONNX node that computes."""
        manifest = self.manifest
        found: dict[str, dict[str, Any]] = {}
        for op, count in zip(program_steps(manifest), steps, strict=True):
            name = op["name"]
            new: dict[str, Any] = {
                "name": name,
                "op": manifest["nodes"].get(name, ""),
                "instructions": 0,
                "macs": 0,
                "bytes": {},
            }
            node = found.setdefault(name, new)
            node["instructions"] += count
            node["macs"] += op["macs"]
            if "bytes" in op:
                hop = f"{op['from']}->{op['to']}"
                moved = op["bytes"] * op["repeat"]
                node["bytes"][hop] = node["bytes"].get(hop, 0) + moved
        return list(found.values())


def is_binary(path: Path) -> bool:
    """Whether a file of the folder is none of text."""
    return path.suffix == ".bin"


def read_text(path: Path) -> str:
    """The text of a file of the folder; nothing for one that is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
