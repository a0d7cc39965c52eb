"""Vectors whose lanes are no power of two move their own elements and no others."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from deployopt.execution.runtime_files import runtime_dir
from deployopt.interpreters import run_module
from deployopt.universe import new_context
from lowered import DTYPES, argument, artifact_of, outputs_of
from vector_programs import ISAS, Case, Group, assert_meaning
from xdsl.parser import Parser

LANES = (3, 5, 6, 7)
ELEMENTS = ("i8", "i16", "i32", "i64", "f32")
HALF = 16 * len(LANES)
COUNT = 2 * HALF


def copies(element: str) -> list[str]:
    """
    All of `%a` goes to `%b`, then parts of its beginning between other elements.

    In the second half these are the first lanes of whole registers.
    """
    memory = f'memref<{COUNT}x{element}, "ram">'
    lines = [
        f"scf.for %i_{element} = %c0 to %count step %c8 {{",
        f"  %w = vector.load %a{element}[%i_{element}] : {memory}, vector<8x{element}>",
        f"  vector.store %w, %b{element}[%i_{element}] : {memory}, vector<8x{element}>",
        "}",
    ]
    for number, lanes in enumerate(LANES):
        part, place = f"vector<{lanes}x{element}>", f"%p{number}{element}"
        lines += [
            f"{place} = arith.constant {16 * number + 4} : index",
            f"%v{number}{element} = vector.load %a{element}[%c0] : {memory}, {part}",
            f"vector.store %v{number}{element}, %b{element}[{place}] : {memory}, "
            + part,
            *first(element, number, lanes),
        ]
    return lines


def first(element: str, number: int, lanes: int) -> list[str]:
    memory, all_ = f'memref<{COUNT}x{element}, "ram">', 1 << lanes.bit_length()
    part, whole = f"vector<{lanes}x{element}>", f"vector<{all_}x{element}>"
    place, name = f"%q{number}{element}", f"{number}{element}"
    return [
        f"{place} = arith.constant {HALF + 16 * number + 4} : index",
        f"%h{name} = vector.load %a{element}[%c0] : {memory}, {whole}",
        f"%f{name} = vector.shuffle %h{name}, %h{name} {list(range(lanes))} : "
        f"{whole}, {whole}",
        f"vector.store %f{name}, %b{element}[{place}] : {memory}, {part}",
    ]


def program() -> str:
    names = [f"{side}{element}" for side in "ab" for element in ELEMENTS]
    elements = [*ELEMENTS, *ELEMENTS]
    roles = ["input"] * len(ELEMENTS) + ["output"] * len(ELEMENTS)
    arguments = [
        argument(name, role, str(COUNT), element)
        for name, role, element in zip(names, roles, elements, strict=True)
    ]
    types = [f'memref<{COUNT}x{element}, "ram">' for element in elements]
    values = ", ".join(f"%{name}" for name in names)
    kernel = ", ".join(f"%{n}: {t}" for n, t in zip(names, types, strict=True))
    body = "\n    ".join(line for element in ELEMENTS for line in copies(element))
    return f"""
builtin.module @parts {{
  func.func @run({", ".join(arguments)}) {{
    func.call @kernel_0({values}) : ({", ".join(types)}) -> () loc("node")
    func.return
  }}
  func.func private @kernel_0({kernel}) attributes {{deploy.kernel}} {{
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %count = arith.constant {COUNT} : index
    {body}
    func.return
  }}
}}
"""


@pytest.mark.parametrize("vector_machine", ISAS, indirect=True)
def test_what_is_beside_a_part_stays(vector_machine: str):
    text = program()
    inputs = [1 + np.arange(COUNT).astype(DTYPES[element]) for element in ELEMENTS]
    module = Parser(new_context(), text).parse_module()
    expected = run_module(module, inputs)
    found = outputs_of(artifact_of(text, vector_machine), inputs)
    for element, one, other in zip(ELEMENTS, found, expected, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=element)


@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("vector_machine", ISAS, indirect=True)
def test_parts_hand_on_nan(vector_machine: str, element: str):
    bodies = [f"%r = arith.{name} %a, %b : VEC" for name in ("maximumf", "minimumf")]
    bodies.append(
        "%z = arith.constant dense<0.5> : VEC; %r = arith.maximumf %a, %z : VEC"
    )
    cases = tuple(Case(body, element) for body in bodies)
    groups = (Group(element, cases, lanes) for lanes in (3, 6))
    assert_meaning(vector_machine, *groups)


DOUBLED = """
#include "deploy.h"
#include "deploy_vector.h"
DEPLOY_PART_VECTORS(6, 8)
void doubled(const float *in, float *out) {
    const deploy_f32x6 x = DEPLOY_LOAD_PART(f32x6, in);
    DEPLOY_STORE_PART(f32x6, out, x + x);
}
"""


@pytest.mark.skipif(
    not shutil.which("gcc") or platform.machine() != "x86_64", reason="no gcc for x86"
)
@pytest.mark.parametrize(
    ("flags", "moves"), [(("-mavx512bw", "-mavx512vl"), 2), (("-mavx2",), 0)]
)
def test_gcc_moves_a_part_by_a_mask(flags: tuple[str, ...], moves: int, tmp_path: Path):
    source, target = tmp_path / "part.c", tmp_path / "part.s"
    source.write_text(DOUBLED, encoding="utf-8")
    warnings = ["-Wall", "-Wextra", "-Werror"]
    include = f"-I{runtime_dir() / 'include'}"
    command = ["gcc", "-std=c11", "-O2", *warnings, *flags, include, "-S"]
    subprocess.run([*command, str(source), "-o", str(target)], check=True)
    assert target.read_text(encoding="utf-8").count("vmovdqu8") == moves
