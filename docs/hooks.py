"""
What mkdocs lacks: pages made of the code, files from outside of `docs/`, our fences.

mkdocs calls the functions that begin with `on_`. Pages of the reference are made when
the site is built and are files of the site only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from reference import PAGES
from reference.outside import linked_outside, page_of, relinked, source_of

FENCE = re.compile(r"^```(\w+) (\S.*)$", re.MULTILINE)
ESCAPED_PIPE = re.compile(r"`[^`\n]*\\\|[^`\n]*`")
GENERATED_STYLE = "code.css"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the reference, what documents link to elsewhere, and the style of code."""
    made = {f"reference/{name}.md": make() for name, make in PAGES.items()}
    made[GENERATED_STYLE] = style()
    linked = {page_of(path): source_of(path) for path in linked_outside()}
    for texts, level in (
        (made, InclusionLevel.UNDEFINED),
        (linked, InclusionLevel.NOT_IN_NAV),
    ):
        for name, text in texts.items():
            file = File.generated(config, name, content=text, inclusion=level)
            files.append(file)
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """The page as mkdocs reads it: with links of the site, and fences it knows."""
    del config, files
    return ESCAPED_PIPE.sub(
        lambda match: match[0].replace("\\|", "|"),
        FENCE.sub(captioned, relinked(markdown, page.file.src_uri)),
    )


def captioned(fence: re.Match[str]) -> str:
    """A fence with one word; the name of a file stands above it."""
    language, detail = fence[1], fence[2]
    named = "" if detail == "output" else f"`{detail}`:\n\n"
    return f"{named}```{language}"


def style() -> str:
    """The colours of code."""
    from pygments.formatters import HtmlFormatter

    make = cast(Callable[..., Any], HtmlFormatter)
    return str(make(style="default").get_style_defs(".codehilite"))
