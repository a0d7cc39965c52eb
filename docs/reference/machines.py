"""The built-in machines, each as `deployc machines FILE` shows a description."""

from __future__ import annotations

from deployopt.machine import load_machine, machine_names
from deployopt.machines.summary import summary

INTRODUCTION = """# Machines

The built-in ones. [Machines](../machines.md) says what each figure means and how to
write a description of one's own.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for name in machine_names():
        lines = "\n".join(summary(load_machine(name)))
        remark = ""
        if load_machine(name).is_native:
            remark = "As found on the computer where this page was made.\n\n"
        parts.append(f"## {name}\n\n{remark}```text\n{lines}\n```\n")
    return "\n".join(parts)
