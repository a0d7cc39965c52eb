"""Completion for bash 4 and newer; needs no other package."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from .commands import Command
from .values import Values

HEAD = r"""# Completion of deployc and deployopt for bash.

# The word to complete, and the option before it, if it is one; bash takes --a=b apart.
_deployopt_place() {
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $cur == '=' ]]; then
        cur=
    elif [[ $prev == '=' ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
}

# Words that the one to complete is the beginning of.
_deployopt_words() {
    local found
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <(compgen -W "$*" -- "$cur")
}

# The same behind the last comma.
_deployopt_list() {
    local found before=${cur%"${cur##*,}"}
    while IFS= read -r found; do
        COMPREPLY+=("$before$found")
    done < <(compgen -W "$*" -- "${cur##*,}")
}

# Folders, and files that end in one of these ways.
_deployopt_files() {
    local found suffix
    compopt -o filenames 2>/dev/null
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <(
        compgen -d -- "$cur"
        for suffix; do
            compgen -f -X "!*$suffix" -- "$cur"
        done | while IFS= read -r found; do
            [[ -d ${found/#\~\//$HOME/} ]] || printf '%s\n' "$found"
        done
    )
}
"""


def script(tools: Sequence[Command]) -> str:
    """The script for all of `tools`."""
    lines = [line for tool in tools for line in tool_lines(tool)]
    return "\n".join([HEAD, *lines, ""])


def tool_lines(tool: Command) -> Iterator[str]:
    """The function of one tool."""
    yield f"_{tool.name}() {{"
    yield "    local cur prev word command="
    yield "    COMPREPLY=()"
    yield "    _deployopt_place"
    if tool.commands:
        yield '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
        yield "        [[ $word == -* ]] || { command=$word; break; }"
        yield "    done"
    yield "    case $command in"
    for command in tool.commands:
        yield f"    {command.name})"
        yield from command_lines(command)
        yield "        ;;"
    yield "    '')"
    yield from command_lines(tool)
    yield "        ;;"
    yield "    esac"
    yield "}"
    yield f"complete -F _{tool.name} {tool.name}"
    yield ""


def command_lines(command: Command) -> Iterator[str]:
    """What completes the words of one command."""
    yield "        case $prev in"
    for option in command.options:
        if option.values is not None:
            yield f"        {' | '.join(option.names)}) {calls(option.values)} ;;"
    yield "        *)"
    yield "            if [[ $cur == -* ]]; then"
    yield f"                _deployopt_words {' '.join(command.flags)}"
    yield "            else"
    names = tuple(one.name for one in command.commands)
    place = Values(names) if names else command.arguments
    yield f"                {calls(place)}"
    yield "            fi"
    yield "            ;;"
    yield "        esac"


def calls(values: Values) -> str:
    """The calls that complete `values`."""
    found: list[str] = []
    if values.words:
        kind = "list" if values.listed else "words"
        found.append(f"_deployopt_{kind} {shlex.join(values.words)}")
    if values.suffixes or values.folders:
        suffixes = "".join(f" {shlex.quote(suffix)}" for suffix in values.suffixes)
        found.append(f"_deployopt_files{suffixes}")
    return "; ".join(found) or ":"
