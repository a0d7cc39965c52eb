"""Parentheses where a reader or the grammar wants them, and nowhere else."""

from __future__ import annotations

from deployopt.backend.c.carried import assignment
from deployopt.backend.c.expressions import (
    Expression,
    binary,
    call,
    cast_to,
    choose,
    subscript,
    unary,
)
from deployopt.backend.c.types import float_literal, integer_literal

A, B, C = (Expression(name) for name in "abc")


def test_products_in_sums_stand_alone():
    assert binary(binary(A, "*", B), "+", C).text == "a * b + c"
    assert binary(A, "*", binary(B, "+", C)).text == "a * (b + c)"


def test_order_of_evaluation_is_kept():
    assert binary(binary(A, "-", B), "-", C).text == "a - b - c"
    assert binary(A, "-", binary(B, "-", C)).text == "a - (b - c)"
    assert binary(A, "*", binary(B, "*", C)).text == "a * (b * c)"


def test_mixtures_are_marked():
    assert binary(binary(A, "+", B), "<<", C).text == "(a + b) << c"
    assert binary(binary(A, "<", B), "&", C).text == "(a < b) & c"
    assert choose(binary(A, "<", B), A, B).text == "(a < b) ? a : b"


def test_signs_do_not_become_decrements():
    assert unary("-", unary("-", A)).text == "-(-a)"
    assert binary(A, "-", unary("-", B)).text == "a - -b"


def test_casts_bind_tightly():
    assert cast_to("int8_t", binary(A, "+", B)).text == "(int8_t)(a + b)"
    assert subscript(cast_to("float *", A), B).text == "((float *)a)[b]"
    assert call("f", binary(A, "+", B), C).text == "f(a + b, c)"


def test_accumulation_only_where_it_means_the_same():
    assert assignment("a", binary(A, "+", binary(B, "*", C))) == "a += b * c;"
    assert assignment("a", binary(binary(A, "+", B), "+", C)) == "a = a + b + c;"
    assert assignment("a", binary(A, "+", binary(B, "-", C))) == "a += (b - c);"
    assert assignment("a", binary(B, "+", A)) == "a = b + a;"


def test_literals_are_exact():
    assert integer_literal(-(2**31), 32) == "(-2147483647 - 1)"
    assert integer_literal(2**31, 32) == "(-2147483647 - 1)"
    assert integer_literal(-(2**63), 64) == "(-INT64_C(9223372036854775807) - 1)"
    assert float_literal(0.10000000149011612, single=True) == "0.1F"
    assert float_literal(16777216.0, single=True) == "1.6777216e+07F"
    assert float_literal(1e-45, single=True) == "1e-45F"
    assert float_literal(0.1, single=False) == "0.1"
    assert float_literal(float("-inf"), single=True) == "-DEPLOY_INFINITY_F32"
