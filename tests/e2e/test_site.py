"""The site: it is built without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("mkdocs") is None, reason="mkdocs is not installed"),
]

LOADED = re.compile(
    r"<(?:link|script|img|iframe|source)\b[^>]*\b(?:href|src)=[\"']?([^\"' >]+)"
    r"|url\([\"']?([^\"')]+)|@import\s+[\"']([^\"']+)"
)
"""What a browser fetches to show a page."""
FOREIGN = ("http:", "https:", "//")


@pytest.fixture(scope="module", name="site")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, where a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    path = os.pathsep.join([str(ROOT / ".dev"), os.environ.get("PYTHONPATH", "")])
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_nothing_is_loaded_from_elsewhere(site: Path):
    foreign = [
        f"{path.relative_to(site)}: {found}"
        for path in (*site.rglob("*.html"), *site.rglob("*.css"))
        for match in LOADED.findall(path.read_text(encoding="utf-8"))
        for found in match
        if found.startswith(FOREIGN)
    ]
    assert foreign == []


def test_pages_are_there_as_they_are_meant(site: Path):
    texts = {
        str(path.relative_to(site)): path.read_text(encoding="utf-8")
        for path in site.rglob("*.html")
    }
    for name in ("index", "quick_start", "tutorials/engineer", "reference/messages"):
        assert f"{name}.html" in texts
    assert "deployc build MODEL|DIR" not in texts["contracts.html"]
    assert "deployc run MODEL|DIR" in texts["contracts.html"]  # not with a backslash
    assert "static inline" in texts["project/runtime/include/deploy.h.html"]
    for name, text in texts.items():
        assert "```" not in text.replace("``````", ""), f"{name}: a fence is text"
        assert "<p>* " not in text, f"{name}: a list is text"
