"""What instructions are, against the assembler and the specification."""

from __future__ import annotations

from pathlib import Path

import pytest
from assembled import assembled
from deployopt.execution.counting.decoding import (
    Flow,
    Kind,
    flow,
    is_strided,
    kind,
    length,
    registers,
    vector_type,
)

HALF, ONE, TWO, FOUR, EIGHT = 7, 0, 1, 2, 3
"""LMUL as the specification encodes it."""
E8, E16, E32, E64 = (width << 3 for width in range(4))

# An instruction, the vector type it runs under, and the registers of its widest group:
# EMUL = EEW / SEW * LMUL for loads and stores, twice LMUL for a wide side.
WORK = [
    ("vadd.vv v8, v16, v24", E32 | ONE, Kind.ARITHMETIC, 1),
    ("vadd.vv v8, v16, v24", E32 | EIGHT, Kind.ARITHMETIC, 8),
    ("vadd.vi v8, v16, 3", E32 | TWO, Kind.ARITHMETIC, 2),
    ("vadd.vx v8, v16, a0", E32 | HALF, Kind.ARITHMETIC, 1),
    ("vfmacc.vf v8, fa0, v16", E32 | FOUR, Kind.ARITHMETIC, 4),
    ("vfmacc.vv v8, v16, v24", E32 | FOUR, Kind.ARITHMETIC, 4),
    ("vwmacc.vx v8, a0, v16", E16 | TWO, Kind.ARITHMETIC, 4),
    ("vwmul.vv v8, v16, v24", E16 | HALF, Kind.ARITHMETIC, 1),
    ("vwadd.wv v8, v16, v24", E16 | FOUR, Kind.ARITHMETIC, 8),
    ("vfwmul.vf v8, v16, fa0", E32 | ONE, Kind.ARITHMETIC, 2),
    ("vnsrl.wi v8, v16, 3", E16 | ONE, Kind.ARITHMETIC, 2),
    ("vnclip.wx v8, v16, a0", E8 | TWO, Kind.ARITHMETIC, 4),
    ("vfwcvt.f.x.v v8, v16", E16 | TWO, Kind.ARITHMETIC, 4),
    ("vfncvt.x.f.w v8, v16", E16 | TWO, Kind.ARITHMETIC, 4),
    ("vfcvt.f.x.v v8, v16", E32 | TWO, Kind.ARITHMETIC, 2),
    ("vsext.vf2 v8, v16", E32 | TWO, Kind.ARITHMETIC, 2),
    ("vmv.v.i v8, 0", E32 | FOUR, Kind.ARITHMETIC, 4),
    ("vle32.v v8, (a0)", E32 | FOUR, Kind.LOAD, 4),
    ("vle8.v v8, (a0)", E32 | FOUR, Kind.LOAD, 1),
    ("vle8.v v8, (a0)", E32 | EIGHT, Kind.LOAD, 2),
    ("vle64.v v8, (a0)", E32 | TWO, Kind.LOAD, 4),
    ("vse16.v v8, (a0)", E32 | TWO, Kind.STORE, 1),
    ("vlse32.v v8, (a0), a1", E32 | FOUR, Kind.LOAD, 4),
    ("vluxei8.v v8, (a0), v16", E32 | FOUR, Kind.LOAD, 4),
    ("vsoxei64.v v8, (a0), v16", E16 | ONE, Kind.STORE, 1),
    ("vlseg3e32.v v8, (a0)", E32 | TWO, Kind.LOAD, 6),
    ("vssseg2e8.v v8, (a0), a1", E8 | ONE, Kind.STORE, 2),
    ("vl4re32.v v8, (a0)", E32 | HALF, Kind.LOAD, 4),
    ("vs2r.v v8, (a0)", E8 | EIGHT, Kind.STORE, 2),
]
STRIDED = ("vlse32", "vluxei", "vsoxei", "vssseg")

SCALAR = [
    *("flw fa0, 4(a0)", "fsd fa0, 8(a0)", "fmadd.s fa0, fa1, fa2, fa3", "lw a0, 4(a0)"),
    *("addi a0, a0, 1", "csrr a0, instret", "fence", "mul a0, a1, a2"),
]


def words(code: bytes) -> list[int]:
    """The instructions, by the lengths that the decoder gives them."""
    found: list[int] = []
    while code:
        size = length(int.from_bytes(code[:2], "little"))
        found.append(int.from_bytes(code[:size], "little"))
        code = code[size:]
    return found


def test_vector_instructions(tmp_path: Path):
    found = words(assembled([text for text, *_ in WORK], tmp_path))
    assert len(found) == len(WORK)
    for word, (text, vtype, what, count) in zip(found, WORK, strict=True):
        assert kind(word) is what, text
        assert registers(word, vtype) == count, text
        if what is not Kind.ARITHMETIC:
            assert is_strided(word) == text.startswith(STRIDED), text


@pytest.mark.parametrize("compressed", [False, True])
def test_scalar_instructions(tmp_path: Path, compressed: bool):
    found = words(assembled(SCALAR, tmp_path, compressed=compressed))
    assert [kind(word) for word in found] == [Kind.SCALAR] * len(SCALAR)


def test_vector_types_that_are_set(tmp_path: Path):
    lines = [
        "vsetvli t0, a0, e32, m4, ta, ma",
        "vsetivli zero, 4, e8, mf2, tu, mu",
        "vsetvl t0, a0, a1",
    ]
    one, two, three = words(assembled(lines, tmp_path))
    assert (kind(one), vector_type(one)) == (Kind.CONFIGURE, E32 | FOUR)
    assert (kind(two), vector_type(two)) == (Kind.CONFIGURE, E8 | HALF)
    assert kind(three) is Kind.CONFIGURE_REGISTER


def test_words_of_the_specification():
    # vadd.vv v1, v2, v3: funct6 000000, vm 1, vs2, vs1, OPIVV 000, vd, 1010111
    assert kind(1 << 25 | 2 << 20 | 3 << 15 | 1 << 7 | 0b1010111) is Kind.ARITHMETIC
    # vsetvli x5, x10, e32, m4: 0, zimm[10:0], rs1, 111, rd, 1010111
    set_type = 0b010_010 << 20 | 10 << 15 | 0b111 << 12 | 5 << 7 | 0b1010111
    assert (kind(set_type), vector_type(set_type)) == (Kind.CONFIGURE, E32 | FOUR)
    # vqdot.vv, vqdotu.vv, vqdotsu.vv v1, v2, v3 (OPMVV, 010) and vqdotus.vx v1, v2, a0
    # (OPMVX, 110) of Zvqdotq work on one group, whatever they make of its bytes
    codes = (0b101100, 2), (0b101000, 2), (0b101010, 2), (0b101110, 6)
    for funct6, form in codes:
        dot = funct6 << 26 | 1 << 25 | 2 << 20 | 3 << 15 | form << 12 | 1 << 7 | 0x57
        assert kind(dot) is Kind.ARITHMETIC
        assert registers(dot, E32 | FOUR) == 4
    # c.nop and ecall
    assert (length(0x0001), length(0x0073)) == (2, 4)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(("text", "most"), [("j", 18), ("beqz a0,", 11)])
def test_jumps(tmp_path: Path, compressed: bool, text: str, most: int):
    # over 2^k parcels, less what the jump itself takes: every bit of an offset alone
    parcels = [max(0, (1 << k) - less) for k in range(most) for less in (0, 1, 2)]
    # ".fill n, 2, 1" is n times c.nop
    forward = [f"{text} 1f; .fill {n}, 2, 1; 1:" for n in parcels]
    back = [f"1: .fill {n}, 2, 1; {text} 1b" for n in parcels]
    code = assembled([*forward, *back], tmp_path, compressed=compressed)
    falls, at = text != "j", 0
    for number, count in enumerate([*parcels, *parcels]):
        is_back = number >= len(parcels)
        at += 2 * count * is_back
        (word, *_) = words(code[at : at + 4])
        target = at - 2 * count if is_back else at + length(word) + 2 * count
        assert flow(word, at, 64) == Flow(target, falls), (number, count)
        at += length(word) + 2 * count * (not is_back)
    assert at == len(code)


@pytest.mark.parametrize("compressed", [False, True])
def test_calls_and_ends(tmp_path: Path, compressed: bool):
    lines = ["jalr a0", "jr a0", "ret", "mv a0, a1", "add a0, a0, a1"]
    found = words(assembled(lines, tmp_path, compressed=compressed))
    call, end = Flow(is_call=True), Flow(falls_through=False)
    assert [flow(w, 0, 64) for w in found] == [call, end, end, Flow(), Flow()]


def test_an_encoding_that_depends_on_the_word_length():
    # quadrant 1, funct3 001: c.addiw on 64 bits, c.jal on 32
    assert flow(0x2505, 0, 64) == Flow()
    assert flow(0x2505, 0, 32) == Flow(is_call=True)
