"""Every text that something is refused with, and where to read on about it."""

from __future__ import annotations

from .sources import refusals

INTRODUCTION = """# Messages

Every text that follows `error: ` and the name of what it is about, with `…` for what
varies, found in the sources when this page was made.
[Troubleshooting](../troubleshooting.md) has causes and remedies.
"""

TOPICS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("The model", "the-model", ("frontend/",)),
    (
        "Memory",
        "memory",
        ("errors.py", "shortage.py", "frontier.py", "analysis/levels.py", "fit"),
    ),
    ("Machines", "machines", ("machine.py", "machines/")),
    (
        "Plans",
        "plans",
        (
            *("analysis/plans.py", "analysis/planning/", "artifact/plan.py"),
            *("artifact/tuned.py", "bench/tuning.py"),
            *(f"transforms/{room}/apply_plan.py" for room in ("linalg", "memory")),
            *("transforms/vector/apply_plan.py", "transforms/vector/planned_blocks.py"),
        ),
    ),
    (
        "Inputs and sessions",
        "inputs-and-sessions",
        (
            *("artifact/arrays.py", "artifact/running.py", "artifact/session.py"),
            *("artifact/benchmark.py", "artifact/dump.py", "artifact/profile.py"),
            *("artifact/recipe.py", "execution/tensors.py", "demo/"),
        ),
    ),
    ("Folders", "folders", ("artifact/", "report/", "checking.py", "writing.py")),
    ("Plugins", "plugins", ("fusion.py", "plugins.py", "universe.py", "rewriting.py")),
    (
        "A watched run",
        "a-watched-run",
        ("execution/check", "execution/counting/", "execution/linker_script.py"),
    ),
    ("Compilers and runners", "compilers-and-runners", ("execution/", "bench/")),
    (
        "A module written or changed by hand",
        "a-module-written-or-changed-by-hand",
        (
            *("dialects/", "transforms/", "analysis/", "interpreters/", "backend/"),
            *("pipeline.py", "embedding.py", "state.py", "printing.py"),
        ),
    ),
    ("The call", "the-call", ("",)),
)
"""Title, its section in Troubleshooting, how paths of its files begin; first come."""


def page() -> str:
    """The text of the page."""
    grouped: dict[str, list[str]] = {title: [] for title, _, _ in TOPICS}
    for path, texts in refusals().items():
        grouped[topic(path)] += texts
    parts = [INTRODUCTION]
    for title, section, _ in TOPICS:
        parts.append(f"## {title}\n")
        parts.append(f"[Causes and remedies](../troubleshooting.md#{section}).\n")
        parts += [f"* `{text}`" for text in sorted(set(grouped[title]))]
        parts.append("")
    return "\n".join(parts)


def topic(path: str) -> str:
    """The title that the messages of a file stand under."""
    return next(title for title, _, starts in TOPICS if path.startswith(starts))
