"""When buffers are live, in straight lines and in loops."""

from __future__ import annotations

from deployopt.analysis.lifetimes import Lifetime, lifetimes_of
from deployopt.dialects.deploy import BufferOp
from deployopt.universe import new_context
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser

TYPE = 'memref<8xi32, "ram">'
COPY = f"""
func.func private @copy(%a: {TYPE}, %b: {TYPE}) attributes {{deploy.kernel}} {{
  linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}} ins(%a : {TYPE}) outs(%b : {TYPE}) {{
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }}
  func.return
}}
"""


def copy(source: str, destination: str) -> str:
    return f"func.call @copy(%{source}, %{destination}) : ({TYPE}, {TYPE}) -> ()"


def loop(*body: str, index: str = "i") -> str:
    return f"scf.for %{index} = %c0 to %c4 step %c1 {{\n" + "\n".join(body) + "\n}"


def lifetimes(*lines: str) -> dict[str, Lifetime]:
    """Buffer -> lifetime, in a driver that copies %x to %y in the end."""
    buffers = "\n".join(f'%{n} = deploy.buffer "{n}" : {TYPE}' for n in "abc")
    body = "\n".join(lines)
    text = f"""{COPY}
    func.func @run(%x: {TYPE}, %y: {TYPE}) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      {buffers}
      {body}
      {copy("x", "y")}
      func.return
    }}"""
    module = Parser(new_context(), text).parse_module()
    module.verify()
    entry = list(module.ops)[-1]
    assert isinstance(entry, FuncOp)
    return {
        value.owner.label.data: lifetime
        for value, lifetime in lifetimes_of(entry).items()
        if isinstance(value.owner, BufferOp)
    }


def test_from_first_to_last_touch():
    found = lifetimes(copy("x", "a"), copy("a", "b"), copy("b", "a"))
    assert found == {"a": (0, 3), "b": (1, 3)}


def test_read_in_a_loop():
    found = lifetimes(copy("x", "a"), loop(copy("a", "b"), copy("x", "y")))
    assert found["a"] == (0, 3)


def test_made_anew_in_each_iteration():
    found = lifetimes(loop(copy("x", "a"), copy("a", "b"), copy("b", "y")))
    assert found == {"a": (0, 2), "b": (1, 3)}


def test_read_before_it_is_written_again():
    found = lifetimes(loop(copy("x", "y"), copy("a", "b"), copy("x", "a")))
    assert found == {"a": (0, 3), "b": (1, 2)}


def test_needed_behind_the_loop():
    # Each round makes it anew, so that what an earlier one has made may be lost.
    found = lifetimes(loop(copy("x", "y"), copy("x", "a")), copy("a", "y"))
    assert found == {"a": (1, 3)}


def test_only_the_loop_that_carries_it():
    inner = loop(copy("a", "b"), copy("x", "y"), index="j")
    found = lifetimes(loop(copy("x", "a"), inner, copy("x", "y")))
    assert found == {"a": (0, 3), "b": (1, 2)}


def test_a_buffer_of_a_loop_of_its_own_is_not_carried():
    buffer = f'%d = deploy.buffer "d" : {TYPE}'
    found = lifetimes(loop(buffer, copy("x", "y"), copy("d", "a")))
    assert found == {"d": (1, 2), "a": (1, 2)}


def start(token: str, source: str, destination: str) -> str:
    return f"%{token} = deploy.dma_start %{source}, %{destination} : {TYPE}, {TYPE}"


def wait(token: str) -> str:
    return f"deploy.dma_wait %{token}"


def test_a_transfer_needs_both_ends_until_its_wait():
    lines = copy("x", "a"), start("t", "a", "b"), copy("x", "c"), wait("t")
    assert lifetimes(*lines) == {"a": (0, 4), "b": (1, 4), "c": (2, 3)}


def test_a_transfer_that_is_awaited_at_once_ends_there():
    lines = start("t", "x", "a"), wait("t"), copy("a", "b"), start("u", "b", "y")
    assert lifetimes(*lines, wait("u")) == {"a": (0, 3), "b": (2, 5)}


def test_made_anew_by_a_transfer_in_each_iteration():
    found = lifetimes(loop(start("t", "x", "a"), wait("t"), copy("a", "b")))
    assert found == {"a": (0, 3), "b": (2, 3)}


def test_made_anew_by_several_transfers_together():
    # Two halves: only the first one can say that the second one moves the rest.
    half = 'memref<4xi32, strided<[1]>, "ram">'
    subview = "memref.subview %{0}[0] [4] [1] : " + f"{TYPE} to {half}"
    halves = (f"%h = {subview.format('x')}", f"%g = {subview.format('a')}")
    first = f"%t = deploy.dma_start %h, %g : {half}, {half}"
    told = f"%t = deploy.dma_start %h, %g {{deploy.renews}} : {half}, {half}"
    for line, expected in ((first, (0, 4)), (told, (1, 4))):
        found = lifetimes(
            *halves, loop(copy("x", "y"), line, wait("t"), copy("a", "y"))
        )
        assert found == {"a": expected}


def test_a_transfer_that_a_loop_hands_on_needs_its_buffers_all_the_time():
    carried = """
      %l = scf.for %i = %c0 to %c4 step %c1 iter_args(%u = %t) -> (!deploy.token) {
        deploy.dma_wait %u
    """
    lines = start("t", "x", "a"), carried, copy("a", "b"), start("n", "b", "c")
    after = "scf.yield %n : !deploy.token\n}", wait("l")
    found = lifetimes(*lines, *after)
    assert found == {"a": (0, 5), "b": (1, 5), "c": (1, 5)}
