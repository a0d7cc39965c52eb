"""The documents keep to the code: messages that are explained, pages that are made."""

from __future__ import annotations

import re

import pytest
from project import ROOT
from reference import PAGES
from reference.sources import PACKAGE, VARYING, refusals

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
HEAD = re.compile(r"^\* (`[^`]+`(?:, `[^`]+`)*)", re.MULTILINE)
SECTION = re.compile(r"^## (.*)$", re.MULTILINE)
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NEXT_LINE = re.compile(r'"\s*\n\s*[frb]?"')
"""Between two texts that are one."""
PYTHON_FIGURE = re.compile(r"\{[^{}]*\}")
C_FIGURE = re.compile(r"%[-0-9]*(?:\.\d+)?(?:l|ll|z|j)?[a-zA-Z]|\"\s*PRI\w+\s*\"")

ELSEWHERE = (
    "unrecognized arguments: …",
    "the following arguments are required: …",
    "not a directory",
    "permission denied",
    "is a directory",
)
"""What argparse and the operating system say."""


def explained() -> list[str]:
    """The messages that Troubleshooting has an entry for."""
    text = TROUBLESHOOTING.read_text(encoding="utf-8")
    return [one for head in HEAD.findall(text) for one in re.findall(r"`(.*?)`", head)]


@pytest.fixture(scope="module", name="texts")
def fixture_texts() -> list[list[str]]:
    """Every text in the sources, cut at what varies in it."""
    found: set[str] = set()
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "runtime").rglob("*.c")):
        source = NEXT_LINE.sub("", path.read_text(encoding="utf-8"))
        figure = C_FIGURE if path.suffix == ".c" else PYTHON_FIGURE
        for text in TEXT.findall(source):
            found.add(figure.sub(VARYING, text).removesuffix("\\n").strip())
    return [text.split(VARYING) for text in sorted(found)]


def occurs(message: str, texts: list[list[str]]) -> bool:
    """Whether each clause of a message is in the sources, alone or behind a place."""
    clauses = message.split("; ")
    return all(
        any(is_made_of(clause, pieces) for pieces in texts) for clause in clauses
    )


def is_made_of(clause: str, pieces: list[str]) -> bool:
    """Whether a clause is these pieces with something between them."""
    text = VARYING.join(pieces)
    forms = (clause, clause.removeprefix("…: "), clause.removeprefix("… "))
    if text in forms:
        return True
    if not all(piece in clause for piece in pieces) or not says(text):
        return False
    pattern = re.compile(".+".join(map(re.escape, pieces)))
    return any(map(pattern.fullmatch, forms))


def says(text: str) -> bool:
    """Whether a text is more than a form that fits anything."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    return len(words - {"expected", "got", "one", "of", "the", "a", "an", "in"}) > 1


def test_what_is_explained_is_said(texts: list[list[str]]):
    messages = [one for one in explained() if one not in ELSEWHERE]
    assert len(messages) > 80
    assert [one for one in messages if not occurs(one, texts)] == []


def test_a_message_that_nobody_says(texts: list[list[str]]):
    assert not occurs("expected a unicorn, got …", texts)


def test_every_topic_of_messages_is_explained():
    text = TROUBLESHOOTING.read_text(encoding="utf-8")
    sections = {re.sub(r"[^\w]+", "-", t.lower()) for t in SECTION.findall(text)}
    linked = set(re.findall(r"troubleshooting\.md#([\w-]+)", PAGES["messages"]()))
    assert linked
    assert linked <= sections


def test_messages_are_found_however_they_are_made():
    found = {text for texts in refusals().values() for text in texts}
    assert {
        "operator is not supported",
        "machine … runs on …, got runner …",
        "expected an empty folder or one that deployopt made, got other files",
        "token must be used once, by a wait or a loop, got … uses",
    } <= found


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        ("commands", ["## deployc build\n", "## deployopt\n", "--frontier LEVEL"]),
        ("python", ["### compile\n", "#### Session.run_many\n", "| `tiled` |"]),
        ("passes", ["## nn-fold-constants\n", "| `near_bytes` | `int \\| None` |"]),
        ("operations", ["### nn.matmul\n", "### deploy.kernel\n", "%y = nn.matmul("]),
        ("operators", ["| Conv | ", "| Softmax | "]),
        ("machines", ["## rv32imc\n", "  L1     rw"]),
    ],
)
def test_the_reference_has(page: str, parts: list[str]):
    text = PAGES[page]()
    for part in parts:
        assert part in text, part
