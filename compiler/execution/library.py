"""
Runs a program of this computer inside this process, as a shared library.

Nothing is started and nothing is copied: a run is one call on arrays of the caller. The
library is mapped from the cache, so all that load the same one share its weights.
"""

from __future__ import annotations

import ctypes
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np

from ..errors import DeployError
from ..machine import Machine
from .build import LIBRARY_FOLDER, build_library
from .runtime_files import library_files
from .steps import program_steps
from .tensors import Array, Inputs, RunResult, aligned, arrays_of, empty, read_tensors
from .toolchain import find_toolchain

Addresses: TypeAlias = "ctypes.Array[ctypes.c_void_p]"

UNIT = "ns"

StartFunction = ctypes.CFUNCTYPE(None, ctypes.c_uint32)
FinishFunction = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint64)

PROGRAM = """\
/* {name} as the program of a library. */
#include "{name}.h"
#include "deploy_library.h"

int deploy_library_call(uint8_t *const *arenas, void *const *tensors) {{
    const struct {name}_arenas own = {{{arenas}}};
    (void)arenas;
    (void)tensors;
    return {name}_run_in({arguments});
}}
"""


class Call(ctypes.Structure):
    """`struct deploy_call`."""

    _fields_ = [
        ("arenas", ctypes.c_void_p),
        ("tensors", ctypes.c_void_p),
        ("steps", ctypes.c_void_p),
        ("start", StartFunction),
        ("finish", FinishFunction),
    ]


class Library:
    """
    The program of a folder, loaded; its working memory is its own.

    One call at a time: two threads take two libraries, which share code and weights.
    """

    def __init__(self, folder: Path, machine: Machine, counted: bool) -> None:
        """Builds and loads; steps are counted if `counted`. Raises `DeployError`."""
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._inputs = read_tensors(folder, "inputs")
        self._outputs = read_tensors(folder, "outputs")
        add_library_files(folder, manifest)
        path = build_library(folder, machine, counted)
        self._memory = [aligned(a["bytes"], a["align"]) for a in manifest["arenas"]]
        self._arenas = addresses(self._memory)
        self._counted = len(program_steps(manifest)) if counted else 0
        self._steps = np.zeros(max(1, self._counted), np.uint64)
        self._library = loaded(path)
        self._run = self._library.deploy_library_run
        self._run.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p]
        self._call = Call(arenas=ctypes.addressof(self._arenas))
        self._call.steps = self._steps.ctypes.data

    def watch(
        self, start: Callable[[int], None], finish: Callable[[int, int], None]
    ) -> None:
        """Calls back around each step: its number, at the end also nanoseconds."""
        self._call.start = StartFunction(start)
        self._call.finish = FinishFunction(finish)

    def run(self, runs: Sequence[Inputs]) -> RunResult:
        """Runs once per entry; raises `DeployError` when the program fails."""
        found = [self._run_once(arrays_of(self._inputs, arrays)) for arrays in runs]
        outputs, steps, totals = zip(*found, strict=True) if found else ((), (), ())
        return RunResult(outputs, steps, totals, UNIT, "")

    def _run_once(
        self, arrays: Sequence[Array]
    ) -> tuple[tuple[Array, ...], tuple[int, ...], int]:
        outputs = [empty(tensor) for tensor in self._outputs]
        self._steps[:] = 0
        (total,) = self._called(arrays, outputs, 1)
        steps = self._steps[: self._counted].tolist()
        return tuple(outputs), tuple(steps), total

    def totals(self, inputs: Inputs, runs: int) -> list[int]:
        """Nanoseconds of each of `runs` runs on the same inputs."""
        outputs = [empty(tensor) for tensor in self._outputs]
        return self._called(arrays_of(self._inputs, inputs), outputs, runs)

    def _called(
        self, inputs: Sequence[Array], outputs: Sequence[Array], runs: int
    ) -> list[int]:
        """Calls the program; arrays are of the right types and in one piece."""
        totals = np.zeros(runs, np.uint64)
        tensors = addresses([*inputs, *outputs])
        self._call.tensors = ctypes.addressof(tensors)
        status = self._run(ctypes.byref(self._call), runs, totals.ctypes.data)
        if status != 0:
            raise DeployError(f"native: the program reported failure {status}")
        return totals.tolist()

    def close(self) -> None:
        """Gives everything back."""
        unload = cast(Any, importlib.import_module("_ctypes")).dlclose
        unload(cast(Any, self._library)._handle)


def is_loadable(folder: Path, machine: Machine) -> bool:
    """Whether a program of this computer can be loaded into this process."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return "arenas" in manifest and find_toolchain(machine).is_loadable


def add_library_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes beside the folder's sources what makes a library of them."""
    target = folder / LIBRARY_FOLDER
    target.mkdir(exist_ok=True)
    files = library_files() | {"program.c": program_text(manifest)}
    for name, text in files.items():
        (target / name).write_text(text, encoding="utf-8")


def program_text(manifest: Mapping[str, Any]) -> str:
    """The C that calls the program of a manifest."""
    count = len(manifest["inputs"]) + len(manifest["outputs"])
    arenas = [f"arenas[{n}]" for n in range(len(manifest["arenas"]))] or ["0"]
    arguments = ["&own", *(f"tensors[{n}]" for n in range(count))]
    return PROGRAM.format(
        name=manifest["name"], arenas=", ".join(arenas), arguments=", ".join(arguments)
    )


def loaded(path: Path) -> ctypes.CDLL:
    """The library; raises `DeployError` when this process cannot have it."""
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise DeployError(f"the program cannot be loaded: {error}") from error


def addresses(arrays: Sequence[Array]) -> Addresses:
    """Where the arrays are, for as long as they live."""
    places = [array.ctypes.data for array in arrays]
    return (ctypes.c_void_p * max(1, len(places)))(*places)
