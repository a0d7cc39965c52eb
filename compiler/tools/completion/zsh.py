"""Completion for zsh: a file in `fpath` called `_deployc`, or to be sourced."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from .commands import Command, Option
from .values import Values

HEAD = """#compdef deployc deployopt
# Completion of deployc and deployopt for zsh.
"""

TAIL = """
# zsh calls this for both tools, the first time as a file.
_deployc() {
    _deployopt_$service "$@"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _deployc "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit; compinit }
    compdef _deployc deployc deployopt
fi
"""


def script(tools: Sequence[Command]) -> str:
    """The script for all of `tools`."""
    lines = [line for tool in tools for line in tool_lines(tool)]
    return "\n".join([HEAD, *lines]) + TAIL


def tool_lines(tool: Command) -> Iterator[str]:
    """The function of one tool."""
    yield f"_deployopt_{tool.name}() {{"
    if not tool.commands:
        yield from arguments(tool, "    ")
        yield "}"
        return
    yield "    local context state state_descr line"
    yield "    typeset -A opt_args"
    yield "    local -a commands=("
    for command in tool.commands:
        yield f"        {shlex.quote(f'{command.name}:{command.help}')}"
    yield "    )"
    specs = [spec for option in tool.options for spec in option_specs(option)]
    yield f"    _arguments -C {' '.join(specs)} '1: :->command' '*:: :->arguments'"
    yield "    case $state in"
    yield "    command) _describe command commands ;;"
    yield "    arguments)"
    yield "        case $line[1] in"
    for command in tool.commands:
        yield f"        {command.name})"
        yield from arguments(command, " " * 12)
        yield "            ;;"
    yield "        esac"
    yield "        ;;"
    yield "    esac"
    yield "}"


def arguments(command: Command, margin: str) -> Iterator[str]:
    """The call of `_arguments` for one command."""
    yield f"{margin}_arguments -S \\"
    for option in command.options:
        for spec in option_specs(option):
            yield f"{margin}    {spec} \\"
    yield f"{margin}    {shlex.quote('*:' + argument(command.arguments))}"


def option_specs(option: Option) -> Iterator[str]:
    """What `_arguments` is told of an option: `*--name=[help]:argument:action`."""
    for name in option.names:
        equals = "=" if name.startswith("--") and option.values is not None else ""
        text = f"*{name}{equals}[{escaped(option.help)}]"
        if option.values is not None:
            text += f":{argument(option.values)}"
        yield shlex.quote(text)


def argument(values: Values) -> str:
    """
    A message and the action that completes `values`.

    A space before an action keeps `_arguments` from adding options of its own.
    """
    words = " ".join(values.words)
    if values.listed:
        return f" :_sequence compadd - {words}"
    files = files_action(values)
    if words and files:
        choices = (f"words:word:({words})", f"files:file:{files}")
        return f" : _alternative {shlex.join(choices).replace(':', escaped(':'))}"
    return f" :({words})" if words else f" :{files}"


def files_action(values: Values) -> str:
    """The action that completes files and folders; empty for any text."""
    if "" in values.suffixes:
        return "_files"
    if values.suffixes:
        # One suffix between parentheses would be a qualifier.
        one, several = values.suffixes[0], "|".join(values.suffixes)
        pattern = f"*{one}" if len(values.suffixes) == 1 else f"*({several})"
        return f'_files -g "{pattern}"'
    return "_files -/" if values.folders else ""


def escaped(text: str) -> str:
    """Help as it can stand between brackets."""
    return text.translate({ord(c): f"\\{c}" for c in "[]:\\"})
