"""The page: the report, put into the template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ..errors import DeployError
from .lanes import hop_text
from .program import MANIFEST, PLAN, Table
from .view import make_report
from .wording import bytes_text, exact_bytes, numbers_text, percent, ratio

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "report.html.jinja"

FILTERS: Mapping[str, Any] = {
    "bytes": bytes_text,
    "exact": exact_bytes,
    "hop": hop_text,
    "percent": percent,
    "ratio": ratio,
    "steps": numbers_text,
}
"""How the template writes figures."""


def table(files: Mapping[str, str], name: str) -> Table:
    """What the JSON file `name` holds; raises `DeployError` when it is no such file."""
    try:
        found = json.loads(files[name])
    except KeyError:
        raise DeployError("no such file in the folder", node=name) from None
    except ValueError as error:
        raise DeployError(f"not valid JSON: {error}", node=name) from error
    if not isinstance(found, dict):
        raise DeployError("expected a JSON object", node=name)
    return cast(Table, found)


def page(files: Mapping[str, str], profile: Any = None) -> str:
    """
    The report on a folder as one HTML file that needs nothing else.

    `files` are the texts of the folder's files by their relative paths. Raises
    `DeployError` as `make_report` does.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    report = make_report(table(files, MANIFEST), table(files, PLAN), profile)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment.get_template(TEMPLATE).render(report=report)
