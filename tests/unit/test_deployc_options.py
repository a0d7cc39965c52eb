"""The options of `deployc`: the same ones wherever they have a meaning."""

from __future__ import annotations

import argparse
from typing import Any, cast

import pytest
from deployopt.options import COMPUTED, OPTIONS
from deployopt.tools import deployc_model
from deployopt.tools.deployc import command_line

PROGRAMS = ("build", "run", "check", "report")
MODELS = (*PROGRAMS, "fit", "bench", "tune", "reduce")


def flags(command: str) -> set[str]:
    """What a command understands."""
    groups = (a for a in actions(command_line()) if a.metavar == "COMMAND")
    (commands,) = groups
    parser = cast("dict[str, argparse.ArgumentParser]", commands.choices)[command]
    return {flag for action in actions(parser) for flag in action.option_strings}


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return cast(Any, parser)._actions


@pytest.mark.parametrize("command", MODELS)
def test_what_changes_what_is_computed_is_everywhere(command: str):
    wanted = {"--plugin", "--fuse", "--io-type", "--io-layout", "--dim"}
    assert wanted | {"--machine", "--set"} <= flags(command)


@pytest.mark.parametrize("command", PROGRAMS)
def test_who_makes_a_program_takes_all_of_the_librarys_options(command: str):
    own = [key for key in OPTIONS if key != "set"]
    assert {deployc_model.flag(key) for key in own} <= flags(command)


@pytest.mark.parametrize("command", MODELS)
def test_what_is_understood_is_what_is_passed_on(command: str):
    """Each option of the library that a command has goes by what is stated."""
    known = [deployc_model.flag(key) for key in OPTIONS if key != "set"]
    words = {f for f in known if f in flags(command)}
    given = [w for f in sorted(words) for w in (f, "1")]
    others = {"build": ["-o", "d"], "report": ["-o", "d"]}
    others |= {"tune": ["-o", "d"], "reduce": ["-o", "d"]}
    line = [command, "m.onnx", *others.get(command, []), *given]
    found = deployc_model.stated(command_line().parse_args(line))
    assert {deployc_model.flag(key) for key in found} == words


def test_nothing_is_stated_of_what_is_not_said():
    assert deployc_model.stated(command_line().parse_args(["fit", "m.onnx"])) == {}


def test_the_options_of_the_library_are_those_of_the_command_line():
    assert {*deployc_model.OPTIONS, "set"} == set(OPTIONS)
    assert set(COMPUTED) < set(OPTIONS)
