"""The page: well formed, alone in the world, and unmoved by evil names."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from deployopt.errors import DeployError
from deployopt.report.page import page
from report_files import files, manifest

VOID = {"meta", "input", "br", "link", "img", "hr"}
LOADING = {"src", "href", "srcset", "action", "formaction", "poster", "data", "ping"}
"""Attributes that make a browser fetch something."""
EVIL = "</script><img src=x onerror=alert(1)>\"'`{{7*7}}&amp;"


class Reader(HTMLParser):
    """Reads a page and keeps what tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def items(self) -> list[dict[str, str]]:
        return [a for _, a in self.tags if "data-facts" in a]


def test_tags_are_balanced():
    reader = Reader(page(files()))
    assert (reader.wrong, reader.open) == ([], [])


def test_nothing_is_fetched():
    text = page(files())
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text)
    loading = [(t, n) for t, a in Reader(text).tags for n in a if n in LOADING]
    assert loading == []
    assert "default-src 'none'" in text


def test_keys_are_unique_and_relatives_exist():
    reader = Reader(page(files()))
    keys = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(keys) == len(set(keys))
    for item in reader.items():
        assert set(item["data-related"].split()) <= set(keys)


def test_every_row_can_be_reached_by_keys():
    reader = Reader(page(files()))
    rows = sum(a.get("role") == "group" for _, a in reader.tags)
    assert sum(item["tabindex"] == "0" for item in reader.items()) == rows
    assert all(item["aria-label"] for item in reader.items())


def test_what_is_said_of_a_block():
    items = {item["id"]: item for item in Reader(page(files())).items()}
    conv = dict(json.loads(items["s8"]["data-facts"]))
    assert conv["multiply-adds"] == "4,000"
    assert conv["estimated cycles"] == "1,000"
    assert conv["reads"] == "conv.x1, conv.w1"
    assert conv["chain"] == "3"
    back = dict(json.loads(items["s9"]["data-facts"]))
    assert back["while the core works"] == "29 %"
    assert items["s9"]["class"].split() == ["item", "out", "overlapped"]


def evil_files() -> dict[str, str]:
    text = json.dumps(manifest())
    table = json.loads(text)
    memory = table["memory"]
    for entry in (*memory["buffers"], *memory["ops"]):
        entry["name"] = entry["name"].replace("conv", EVIL)
    for op in memory["ops"]:
        for key in ("reads", "writes", "nodes"):
            op[key] = [name.replace("conv", EVIL) for name in op[key]]
    table["nodes"][EVIL] = EVIL
    table["name"] = EVIL
    table["machine"]["description"] = EVIL
    table["versions"][EVIL] = EVIL
    return files(manifest=table)


def test_names_are_never_markup():
    plain, evil = Reader(page(files())), Reader(page(evil_files()))
    assert (evil.wrong, evil.open) == ([], [])
    assert [tag for tag, _ in evil.tags if tag in ("script", "img")] == ["script"]
    extra = {n for _, a in evil.tags for n in a} - {n for _, a in plain.tags for n in a}
    assert extra <= {"title"}
    assert any(EVIL in text for text in evil.texts)
    assert "49" not in "".join(evil.texts)


def test_same_folder_same_page():
    assert page(files()) == page(files())


def test_measured():
    nodes = [{"name": "conv", "instructions": 500}, {"name": "add", "instructions": 30}]
    about = {"machine": "scratchpad-64k", "runner": "spike", "unit": "instructions"}
    text = page(files(), {**about, "total": 600, "nodes": nodes})
    assert "measured on spike" in text
    assert "measured instructions" in text


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ({}, "manifest.json: no such file in the folder"),
        ({"manifest.json": "{"}, "manifest.json: not valid JSON: "),
        ({"manifest.json": "[]"}, "manifest.json: expected a JSON object"),
        ({**files(), "plan.json": "3"}, "plan.json: expected a JSON object"),
        ({**files(), "plan.json": '{"groups": 3}'}, "expected what deployopt writes"),
    ],
)
def test_refused(folder: dict[str, str], message: str):
    with pytest.raises(DeployError) as refused:
        page(folder)
    assert message in str(refused.value)
