"""Nothing from a model reaches C unescaped."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from deployopt.backend.c.names import (
    Names,
    comment_text,
    identifier,
    macro_part,
    program_name,
    string_literal,
)
from hypothesis import given
from hypothesis import strategies as st

WORD = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("conv1", "conv1"),
        ("model/conv2d/BiasAdd;x", "model_conv2d_BiasAdd_x"),
        ("1st", "t_1st"),
        ("for", "for_"),
        ("linux", "linux_"),
        ("class", "class_"),
        ("errno", "errno_"),
        ("INT32_MAX", "t_INT32_MAX"),
        ("_hidden", "hidden"),
        ("size_t", "size_t_"),
        ("deploy_sqrtf", "deploy_sqrtf_"),
        ("größe", "gr_e"),
        ("*/ int x; /*", "int_x"),
        ("", "t"),
    ],
)
def test_identifier(text: str, name: str):
    assert identifier(text) == name


@given(st.text())
def test_identifiers_are_words(text: str):
    assert WORD.fullmatch(identifier(text))
    assert WORD.fullmatch(program_name(text) + "_run")
    assert re.fullmatch(r"[A-Z0-9_]+", macro_part(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mnist-8", "mnist_8"),
        ("MNIST", "MNIST"),
        ("8", "model_8"),
        ("for", "for"),
        ("StdInt", "model_StdInt"),
    ],
)
def test_program_name(text: str, name: str):
    assert program_name(text) == name


@given(st.text())
def test_comments_end_where_they_should(text: str):
    inside = comment_text(text)
    assert "*" not in inside
    assert "??" not in inside
    assert "\n" not in inside
    assert inside.isascii()


def test_names_are_unique():
    names = Names({"x"})
    assert [names.unique("x"), names.unique("x"), names.unique("y")] == [
        "x_2",
        "x_3",
        "y",
    ]


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_string_literals_are_what_was_meant(tmp_path: Path):
    texts = ['"', "\\", "??/", "\n", "é€😀", "a1", "%s", "\x01" + "7", ""]
    lines = [f"    puts({string_literal(text)});" for text in texts]
    source = tmp_path / "strings.c"
    source.write_text(
        "#include <stdio.h>\nint main(void) {\n" + "\n".join(lines) + "}\n"
    )
    program = str(tmp_path / "strings")
    options = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *options, str(source), "-o", program], check=True)
    output = subprocess.run([program], capture_output=True, check=True).stdout
    assert output.decode() == "".join(f"{text}\n" for text in texts)


def test_names_come_back_with_their_numbers():
    names = Names({"v_3"})
    assert [names.unique("v") for _ in range(3)] == ["v", "v_2", "v_4"]
    outside = names.copy()
    assert names.unique("v") == "v_5"
    names.free("v_2")
    assert [names.unique("v") for _ in range(2)] == ["v_2", "v_6"]
    assert outside.unique("v") == "v_5"


@given(st.lists(st.sampled_from(["v", "v 2", "v_2", "w", "-"])))
def test_the_first_free_number_is_taken(texts: list[str]):
    names, taken = Names(), set[str]()
    for number, text in enumerate(texts):
        if text == "-":
            for name in sorted(taken)[: number % 3]:
                taken.remove(name)
                names.free(name)
            continue
        wanted = identifier(text)
        numbered = [wanted, *(f"{wanted}_{n}" for n in range(2, len(texts) + 2))]
        first = next(name for name in numbered if name not in taken)
        assert names.unique(text) == first
        taken.add(first)
