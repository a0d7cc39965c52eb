"""Completion for fish 3 and newer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .commands import Command, Option
from .values import Values

HEAD = r"""# Completion of deployc and deployopt for fish.

# Folders, and files that end in one of these ways.
function __deployopt_files
    set -l place (commandline -ct | string replace -r '^--[a-z-]+=' '')
    for found in (complete -C "'' $place")
        set -l name (string split -f1 \t -- $found)
        for suffix in / $argv
            string match -q -- "*$suffix" $name; and echo $name; and break
        end
    end
end

# Words behind the last comma.
function __deployopt_list
    set -l before (commandline -ct | string match -r '^(?:--[a-z-]+=)?(.*,)')[2]
    for word in $argv
        echo "$before$word"
    end
end
"""


def script(tools: Sequence[Command]) -> str:
    """The script for all of `tools`."""
    lines = [line for tool in tools for line in tool_lines(tool)]
    return "\n".join([HEAD, *lines, ""])


def tool_lines(tool: Command) -> Iterator[str]:
    """What fish is told of one tool."""
    yield f"complete -c {tool.name} -f"
    outside = "not __fish_seen_subcommand_from"
    names = " ".join(command.name for command in tool.commands)
    condition = f"{outside} {names}" if names else ""
    head = f"complete -c {tool.name} -n {quoted(condition)}"
    for command in tool.commands:
        yield f"{head} -a {command.name} -d {quoted(command.help)}"
    yield from command_lines(tool, tool.name, condition)
    for command in tool.commands:
        condition = f"__fish_seen_subcommand_from {command.name}"
        yield from command_lines(command, tool.name, condition)


def command_lines(command: Command, tool: str, condition: str) -> Iterator[str]:
    """What fish is told of one command, which holds under a condition."""
    head = f"complete -c {tool}" + (f" -n {quoted(condition)}" if condition else "")
    for option in command.options:
        yield f"{head} {option_words(option)}"
    if (words := values_words(command.arguments)) and not command.commands:
        yield f"{head} {words}"


def option_words(option: Option) -> str:
    """The names of an option, its help and what its argument may be."""
    kinds = ("-l" if name.startswith("--") else "-s" for name in option.names)
    bare = (name.lstrip("-") for name in option.names)
    words = [f"{kind} {name}" for kind, name in zip(kinds, bare, strict=True)]
    if option.help:
        words.append(f"-d {quoted(option.help)}")
    if option.values is not None:
        words += ["-x", values_words(option.values)]
    return " ".join(filter(None, words))


def values_words(values: Values) -> str:
    """What fish may offer; empty for any text."""
    words = " ".join(values.words)
    found: list[str] = []
    if values.words:
        found.append(f"(__deployopt_list {words})" if values.listed else words)
    if values.suffixes or values.folders:
        suffixes = "".join(f" {quoted(s)}" for s in values.suffixes)
        found.append(f"(__deployopt_files{suffixes})")
    return f"-a {quoted(' '.join(found))}" if found else ""


def quoted(text: str) -> str:
    """`text` as one word; in quotes fish knows of two escapes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
