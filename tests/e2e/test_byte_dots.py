"""Dot products of bytes in C: on a machine that has the instruction, and on others."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import deployopt
import pytest
from agreement import Case as Known
from agreement import case, disagreement, smallest_step
from deployopt.machine import Machine, load_machine
from models import build
from models.graph import Graph
from models.quantized import bias, quantized_input, quantized_output, weight
from tiny_model import need
from tool import Call
from vector_programs import ISAS, Case, Group, assert_meaning

ISA = "rv64gcv_zvqdotq"
SIGNS = ("", " unsigned")


@pytest.fixture(scope="module")
def dots() -> Machine:
    """A machine with the instruction, where there is a compiler that knows it."""
    machine = load_machine("rv64gcv", {"isa": ISA})
    need(machine, "spike")
    return machine


def sums() -> tuple[Case, ...]:
    """Sums of four products with each pair of signs: of lanes, of one word, of none."""
    each = [f"%r = deploy.dot4 %a, %b{x}, %c{y} : VEC, VEC" for x, y in SIGN_PAIRS]
    word = "%w = vector.extract %c[1] : i32 from VEC"
    each += [
        f"{word}; %r = deploy.dot4 %a, %b{x}, %w{y} : VEC, i32" for x, y in SIGN_PAIRS
    ]
    first = "; ".join(f"%{n}_0 = vector.extract %{n}[0] : i32 from VEC" for n in "abc")
    each += [
        f"{first}; %s = deploy.dot4 %a_0, %b_0{x}, %c_0{y} : i32, i32;"
        " %r = vector.broadcast %s : i32 to VEC"
        for x, y in SIGN_PAIRS
    ]
    return tuple(Case(body, "i32") for body in each)


SIGN_PAIRS = tuple(product(SIGNS, repeat=2))


@pytest.mark.parametrize("vector_machine", ISAS, indirect=True)
def test_by_the_lane(vector_machine: str):
    assert_meaning(vector_machine, Group("i32", sums()))


@pytest.mark.spike
def test_by_the_instruction(dots: Machine):
    assert_meaning(dots, *(Group("i32", sums(), lanes) for lanes in (2, 8)))


def unsigned_convolution() -> Known:
    """Unsigned bytes under a padding that is no zero, and two products behind it."""
    g = Graph("unsigned_convolution")
    x = quantized_input(g, 1, 8, 5, 5, scale=0.02, zero_point=120, dtype="uint8")
    y = g.node("Conv", x, weight(g, 6, 8, 3, 3), bias(g, 6, 0.0004), pads=[1] * 4)
    quantized_output(g, y, 0.2, 100, "uint8")
    return case(g.model())


@pytest.mark.spike
@pytest.mark.parametrize("name", ["qdq_dense", ""])
def test_models_agree_with_onnxruntime(dots: Machine, name: str):
    known = case(build(name)) if name else unsigned_convolution()
    assert_agrees(known, dots)


@pytest.mark.spike
def test_weights_that_come_by_transfers(dots: Machine):
    staged = {"isa": ISA, "L1.size": "2048", "stack.size": "4096"}
    assert_agrees(unsigned_convolution(), load_machine("scratchpad", staged))


def assert_agrees(known: Known, machine: Machine) -> None:
    """Asserts that a model goes by words, and gives what onnxruntime has given."""
    artifact = deployopt.compile(known.model, machine=machine)
    assert any("DEPLOY_DOT4" in text for text in artifact.files.values())
    with artifact.session() as session:
        for number, value in enumerate(known.inputs):
            session.set_input(number, value)
        session.run()
        found = [session.get_output(n) for n in range(len(session.outputs))]
    step = smallest_step(known.model)
    pairs = zip(found, known.expected, strict=True)
    assert not [text for pair in pairs if (text := disagreement(*pair, step))]


def test_a_compiler_without_it_is_refused(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    compiler = tmp_path / "clang"
    compiler.write_text("#!/bin/sh\necho clang; case $* in *zvqdotq*) exit 1; esac\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("DEPLOYOPT_CC", str(compiler))
    options = ("--machine", "rv64gcv", "--set", f"isa={ISA}", "--dim", "N=1")
    status, text, error = call("check", small, *options)
    assert (status, text) == (1, "")
    assert "the compiler cannot build for machine rv64gcv" in error
