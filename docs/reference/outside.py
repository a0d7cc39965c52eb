"""
Files outside of `docs/` that documents link to: they become pages of the site too.

On the site they stand in `project/`, under their paths in the project.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = "docs"
PROJECT = "project"

LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)")
LANGUAGES = {".py": "python", ".c": "c", ".h": "c", ".toml": "toml"}

ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md")
"""What is on the site whether linked to or not."""


def linked_outside() -> list[str]:
    """Paths in the project of the files outside of `docs/` that are to be pages."""
    found = set(ALWAYS)
    waiting = [f"{DOCS}/{p.relative_to(ROOT / DOCS)}" for p in documents()]
    waiting += found
    while waiting:
        linked = links(waiting.pop())
        new = {path for path in linked if not path.startswith(f"{DOCS}/")}
        waiting += new - found
        found |= new
    return sorted(found)


def documents() -> list[Path]:
    """Every document in `docs/`."""
    return sorted((ROOT / DOCS).rglob("*.md"))


def links(path: str) -> set[str]:
    """Paths in the project that a file links to; only documents link."""
    if not path.endswith(".md"):
        return set()
    text = (ROOT / path).read_text(encoding="utf-8")
    found = {resolved(path, link) for link in LINK.findall(text)}
    return {link for link in found if (ROOT / link).is_file()}


def resolved(path: str, link: str) -> str:
    """The path in the project of a link that stands in file `path`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link))


def page_of(path: str) -> str:
    """Where a file of the project is among the sources of the site."""
    if path.startswith(f"{DOCS}/"):
        return path.removeprefix(f"{DOCS}/")
    return f"{PROJECT}/{path}" + ("" if path.endswith(".md") else ".md")


def path_of(page: str) -> str:
    """The document in the project that is page `page`."""
    inside = page.removeprefix(f"{PROJECT}/")
    return inside if inside != page else f"{DOCS}/{page}"


def source_of(path: str) -> str:
    """The text of a file outside of `docs/`, as a page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    language = LANGUAGES.get(Path(path).suffix, "text")
    return f"# `{path}`\n\n```{language}\n{text}```\n"


def relinked(text: str, page: str) -> str:
    """The text of a page with links to pages in place of links to files."""
    here, folder = path_of(page), posixpath.dirname(page)
    if not (ROOT / here).is_file():
        return text  # made for the site, or code

    def link(match: re.Match[str]) -> str:
        return posixpath.relpath(page_of(resolved(here, match[1])), folder or ".")

    return LINK.sub(link, text)
