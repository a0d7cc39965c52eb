"""Our printers say what xDSL's printer says."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from deployopt.printing import AttributePrinter, module_text, nameless_text
from deployopt.universe import new_context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer

FILECHECK = Path(__file__).parents[1] / "filecheck"

TEXTS = {
    "transfers": FILECHECK / "transforms" / "memory" / "pipeline_transfers.mlir",
    "kernels": FILECHECK / "transforms" / "memory" / "bufferize.mlir",
    "network": FILECHECK / "transforms" / "nn" / "fuse_epilogue.mlir",
}


def parsed(text: str) -> ModuleOp:
    return Parser(new_context(), text).parse_module()


@pytest.mark.parametrize("path", TEXTS.values(), ids=TEXTS)
def test_modules_as_xdsl_prints_them(path: Path):
    for part in path.read_text(encoding="utf-8").split("// -----"):
        module = parsed(part)
        expected = StringIO()
        Printer(expected, print_debuginfo=True).print_op(module)
        text = expected.getvalue().replace(" loc(unknown)", "")
        assert module_text(new_context(), module) == f"{text}\n"


def test_string_literals_as_xdsl_spells_them():
    expected, found = StringIO(), StringIO()
    Printer(expected).print_bytes_literal(bytes(range(256)))
    AttributePrinter(found).print_bytes_literal(bytes(range(256)))
    assert found.getvalue() == expected.getvalue()


def body_of(text: str, texts: dict[int, tuple[Attribute, str]]) -> str:
    return nameless_text(parsed(text).body, texts)


def test_names_and_locations_are_left_out():
    texts: dict[int, tuple[Attribute, str]] = {}
    one = '%a = arith.constant 1 : i32 loc("one")\n%b = arith.addi %a, %a : i32'
    same = '%x = arith.constant 1 : i32 loc("two")\n%1 = arith.addi %x, %x : i32'
    other = "%a = arith.constant 1 : i64\n%b = arith.addi %a, %a : i64"
    assert body_of(one, texts) == body_of(same, texts)
    assert body_of(one, texts) != body_of(other, texts)
