"""The documents keep to the code: messages that are explained, pages that are made."""

from __future__ import annotations

import re

import pytest
from project import ROOT
from reference import PAGES
from reference.sources import PACKAGE, VARYING, all_texts, refusals

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
HEAD = re.compile(r"^\* (`[^`]+`(?:, `[^`]+`)*)", re.MULTILINE)
SECTION = re.compile(r"^## (.*)$", re.MULTILINE)
C_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
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


@pytest.fixture(scope="module", name="patterns")
def fixture_patterns() -> dict[str, re.Pattern[str]]:
    """Every text in the sources as a pattern, `…` for what varies."""
    texts = {text.strip() for path in PACKAGE.rglob("*.py") for text in all_texts(path)}
    for path in (ROOT / "runtime").rglob("*.c"):
        for text in C_TEXT.findall(path.read_text(encoding="utf-8")):
            texts.add(C_FIGURE.sub(VARYING, text).removesuffix("\\n").strip())
    return {
        text: re.compile(".+".join(map(re.escape, text.split(VARYING))))
        for text in sorted(texts)
    }


def occurs(message: str, patterns: dict[str, re.Pattern[str]]) -> bool:
    """Whether each clause of a message is in the sources, alone or behind a place."""
    clauses = message.split("; ")
    begun = [
        {clause, clause.removeprefix("…: "), clause.removeprefix("… ")}
        for clause in clauses
    ]
    return all(
        any(
            text in forms or (says(text) and any(map(pattern.fullmatch, forms)))
            for text, pattern in patterns.items()
        )
        for forms in begun
    )


def says(text: str) -> bool:
    """Whether a text is more than a form that fits anything."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    return len(words - {"expected", "got", "one", "of", "the", "a", "an", "in"}) > 1


def test_what_is_explained_is_said(patterns: dict[str, re.Pattern[str]]):
    messages = [one for one in explained() if one not in ELSEWHERE]
    assert len(messages) > 80
    assert [one for one in messages if not occurs(one, patterns)] == []


def test_a_message_that_nobody_says(patterns: dict[str, re.Pattern[str]]):
    assert not occurs("expected a unicorn, got …", patterns)


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
