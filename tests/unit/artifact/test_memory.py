"""The manifest's memory: who touches what and when, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from deployopt.errors import DeployError
from deployopt.machine import load_machine
from lowered import argument, artifact_of

BUFFER = 'memref<16xf32, "ram">'
HALF = 'memref<8xf32, strided<[1], offset: ?>, "ram">'


def kernel(name: str, type: str) -> str:
    """A kernel that copies."""
    maps = ", ".join(["affine_map<(d0) -> (d0)>"] * 2)
    return f"""
  func.func private @{name}(%a: {type}, %b: {type}) attributes {{deploy.kernel}} {{
    linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
        ins(%a : {type}) outs(%b : {type}) {{
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }}
    func.return
  }}
"""


def program(body: str) -> str:
    """A program with arena buffers `%p` (offset 0), `%q` (64), `%r` (128)."""
    arguments = [
        '%ram: memref<192xi8, "ram"> {"deploy.role" = "arena"}',
        argument("x", "input", "16", "f32"),
        argument("y", "output", "16", "f32"),
    ]
    numbers = "\n".join(
        f"    %c{n} = arith.constant {n} : index" for n in (0, 1, 2, 8, 16, 64, 128)
    )
    views = "\n".join(
        f"    %{name} = memref.view %ram[%c{offset}][] "
        f'{{"deploy.name" = "{name}"}} : memref<192xi8, "ram"> to {BUFFER}'
        for name, offset in (("p", 0), ("q", 64), ("r", 128))
    )
    return f"""
builtin.module @m {{
  func.func @run({", ".join(arguments)}) {{
{numbers}
{views}
{body}
    func.return
  }}
{kernel("copy", BUFFER)}
{kernel("half", HALF)}
}}
"""


def loop(last: int, step: int, *body: str) -> str:
    """A loop of the driver."""
    head = f"    scf.for %i = %c0 to %c{last} step %c{step} {{"
    return "\n".join([head, *body, "    }"])


def copy(source: str, target: str) -> str:
    """One step."""
    name = f'loc("{source}{target}")'
    types = f"({BUFFER}, {BUFFER}) -> ()"
    return f"    func.call @copy(%{source}, %{target}) : {types} {name}"


def memory_of(body: str) -> dict[str, Any]:
    return artifact_of(program(body)).manifest["memory"]


def spans(memory: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {b["name"]: (b["start"], b["end"]) for b in memory["buffers"]}


def test_straight_line():
    steps = [copy("x", "p"), copy("p", "q"), copy("q", "y")]
    memory = memory_of("\n".join(steps))
    assert spans(memory) == {
        "(stack)": (0, 3),
        "p": (0, 2),
        "q": (1, 3),
        "x": (0, 3),
        "y": (0, 3),
    }
    assert memory["inputs"] == ["x"]
    assert [(op["reads"], op["writes"]) for op in memory["ops"]] == [
        (["x"], ["p"]),
        (["p"], ["q"]),
        (["q"], ["y"]),
    ]
    assert [op["name"] for op in memory["ops"]] == ["xp", "pq", "qy"]
    stack = next(b for b in memory["buffers"] if b["name"] == "(stack)")["size"]
    # Two buffers, and the caller's two, which nobody else may use.
    assert memory["claimed"]["ram"]["lower_bound"] == stack + 2 * 64 + 2 * 64


def test_a_loop_keeps_what_it_reads_from_outside():
    body = loop(2, 1, copy("p", "q"), copy("q", "r"))
    memory = memory_of("\n".join([copy("x", "p"), body, copy("r", "y")]))
    found = spans(memory)
    assert found["p"] == (0, 3), "read in each round"
    assert found["q"] == (1, 3), "made and used in one round"
    assert found["r"] == (2, 4), "made anew in each round, read behind"


def test_a_loop_keeps_what_the_next_round_reads():
    loop = "    scf.for %i = %c0 to %c2 step %c1 {\n"
    body = (
        loop + "\n".join([copy("x", "q"), copy("p", "r"), copy("q", "p")]) + "\n    }"
    )
    found = spans(memory_of("\n".join([body, copy("r", "y")])))
    assert found["p"] == (0, 3), "read before it is written"
    assert found["x"] == (0, 4), "the caller's"


def test_a_buffer_filled_part_by_part_lives_for_the_loop():
    part = "memref.subview %{0}[%i] [8] [1] : " + BUFFER + " to " + HALF
    call = f"func.call @half(%a, %b) : ({HALF}, {HALF}) -> ()"
    lines = [
        "    scf.for %i = %c0 to %c16 step %c8 {",
        "      %a = " + part.format("x"),
        "      %b = " + part.format("p"),
        "      " + call,
        copy("q", "r"),
        "    }",
        copy("p", "y"),
    ]
    memory = memory_of("\n".join([copy("x", "q"), *lines]))
    assert spans(memory)["p"] == (1, 4)
    assert memory["ops"][1]["reads"] == ["x"]


def test_what_a_loop_needs_stands_at_its_ends():
    body = loop(2, 1, copy("p", "q"), copy("q", "r"), copy("x", "q"), copy("q", "r"))
    memory = memory_of("\n".join([copy("x", "p"), body, copy("r", "y")]))
    # The next round reads p again: the last step of the loop, 4, needs it still.
    *_, last = memory["ops"]
    assert (last["name"], last["step"], last["loop"]) == ("(loop)", 4, True)
    assert (last["reads"], last["writes"], last["repeat"]) == (["p"], [], 2)
    stack = next(b for b in memory["buffers"] if b["name"] == "(stack)")["size"]
    assert memory["claimed"]["ram"]["lower_bound"] == stack + (3 + 2) * 64


def test_multiply_adds_count_every_round():
    text = program(loop(16, 8, copy("x", "y")))
    sums = text.replace('["parallel"]', '["reduction"]').replace(
        "(d0)>], iterator", "(0)>], iterator"
    )
    product = "%m = arith.mulf %e, %o : f32\n      %s = arith.addf %o, %m : f32"
    sums = sums.replace("linalg.yield %e", product + "\n      linalg.yield %s")
    assert artifact_of(sums).manifest["macs"] == 2 * 16


def test_what_does_not_fit_is_refused():
    text = program(copy("x", "y"))
    with pytest.raises(DeployError) as caught:
        artifact_of(text, load_machine("host", {"ram.size": "65600"}))
    assert caught.value.reason.startswith("memory level 'ram' of 65600 bytes must have")
    assert caught.value.hint is not None
    size = caught.value.hint.rpartition("=")[2]
    artifact_of(text, load_machine("host", {"ram.size": size}))


def test_names_are_unique():
    memory = memory_of(copy("x", "y").replace("%x", "%p").replace("%y", "%q"))
    names = [b["name"] for b in memory["buffers"]]
    assert len(names) == len(set(names))
    reserved = {b["name"] for b in memory["buffers"] if b.get("reserved")}
    assert reserved == {"(stack)", "x", "y"}
