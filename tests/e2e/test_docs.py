"""
The documents: what they show is run, and what there is stands in them.

A fenced block says what it is by its language: `console` (commands after `$`, and what
they print), `python`, `mlir` and `toml` are run, parsed or read; the second word, if
any, is the name of the file the block becomes. `text output` is what the block before
printed. Blocks in any other language are only to be read. In what is printed, every
number stands for any number and `…` for any text. With `DEPLOYOPT_REFRESH_DOCS` set,
the numbers that are printed now are written into the documents.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cmake_program import cmake_path
from deployopt import universe
from deployopt.artifact.session import Session
from deployopt.execution.runners import RUNNERS, runner_available
from deployopt.machine import load_machine, machine_names
from deployopt.pipeline import PHASE_NAMES
from deployopt.tools.command import run_command
from deployopt.tools.deployc import deployc
from deployopt.tools.deployopt import deployopt
from xdsl.parser import Parser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)

FENCE = re.compile(r"^```(\S*) ?(.*)\n((?s:.*?))^```$", re.MULTILINE)
COMMAND = re.compile(r"^\$ (.*(?:\\\n.*)*)\n?((?s:.*?))(?=^\$ |\Z)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PROJECT_FILE = re.compile(
    r"`((?:compiler|runtime|tests|docs|benchmarks|examples)/[\w./-]*)`"
)
REFRESH_VARIABLE = "DEPLOYOPT_REFRESH_DOCS"
EXAMPLES = ("remove_repeated_relu",)
"""What is written in the course of a document."""
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")
LANGUAGES = {"console", "python", "mlir", "toml", "text", "sh", "c", "cpp", "cmake", ""}
CC_WORDS = ("$ cc ", '["cc"')
SPIKE_WORDS = ("deployc run", "deployc bench", "deployc check", ".session(")

TOOLS = {"deployc": deployc, "deployopt": deployopt}
SHELL_WORDS = set("|&;<>*()`$")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    line: int
    language: str
    detail: str
    text: str


def blocks(document: str) -> list[Block]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, m.start()) + 1, m[1], m[2].strip(), m[3])
        for m in FENCE.finditer(text)
    ]


def comparable(text: str) -> str:
    """`text` with any number as 0 and any space as one, without ends of lines."""
    lines = (" ".join(NUMBER.sub("0", line).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def same(shown: str, printed: str) -> bool:
    """Whether `printed` is what is shown, where `…` is any text."""
    pattern = ".*".join(re.escape(part) for part in comparable(shown).split("…"))
    return re.fullmatch(pattern, comparable(printed), re.DOTALL) is not None


def refreshed(shown: str, printed: str) -> str:
    """What is shown with the numbers that are printed, but in lines with `…`."""
    lines, left = shown.splitlines(keepends=True), iter(printed.splitlines())
    for number, line in enumerate(lines):
        if line.strip() and "…" not in line:
            own = (one for one in left if comparable(one) == comparable(line))
            lines[number] = f"{next(own).rstrip()}\n"
    return "".join(lines)


@dataclass
class Place:
    """Where the blocks of one document run, one after the other."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    printed: str = ""
    shown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """What stands in the document, and what was printed."""

    def run(self, block: Block) -> None:
        if block.detail and block.language != "text":
            (self.folder / block.detail).write_text(block.text, encoding="utf-8")
        if (block.language, block.detail) == ("text", "output"):
            assert same(block.text, self.printed), self.printed
            self.shown.append((block.text, self.printed))
        elif action := getattr(self, f"run_{block.language}", None):
            action(block)

    def run_console(self, block: Block) -> None:
        found = list(COMMAND.finditer(block.text))
        assert found, "no command"
        for match in found:
            command, shown = match[1].replace("\\\n", " "), match[2]
            status, printed = self.call(command)
            assert same(shown, printed), f"{command}\n{printed}"
            assert (status != 0) == ("error: " in shown), f"{command}: status {status}"
            self.shown.append((shown, printed))

    def run_python(self, block: Block) -> None:
        with redirect_stdout(io.StringIO()) as stream:
            exec(compile(block.text, block.detail or "example", "exec"), self.names)
        self.printed = stream.getvalue()

    def run_mlir(self, block: Block) -> None:
        Parser(universe.new_context(), block.text).parse_module().verify()

    def run_toml(self, block: Block) -> None:
        load_machine(self.folder / block.detail)

    def call(self, command: str) -> tuple[int, str]:
        """Status and text of a command; ours are called here, which is faster."""
        words = shlex.split(command)
        if words[0] in TOOLS and not SHELL_WORDS & set(command):
            return own_tool(words[0], words[1:])
        # As after `. .venv/bin/activate`.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "LC_ALL": "C"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout


def own_tool(name: str, words: list[str]) -> tuple[int, str]:
    stream = io.StringIO()
    with redirect_stdout(stream), redirect_stderr(stream):
        try:
            status = run_command(lambda: TOOLS[name](words))
        except SystemExit as end:  # after --help
            status = int(end.code or 0)
    return status, stream.getvalue()


def calls(block: Block, words: tuple[str, ...]) -> bool:
    """Whether a block that is run has one of these words in it."""
    runs = block.language in ("console", "python")
    return runs and any(word in block.text for word in words)


@pytest.mark.slow
@pytest.mark.spike
@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_shown_happens(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = blocks(document)
    here = runner_available(load_machine("rv64gcv"), "spike")
    if any(calls(block, SPIKE_WORDS) for block in found) and not here:
        pytest.skip("spike is not installed")
    if any(b.language == "console" and "$ cmake " in b.text for b in found):
        cmake_path()
    if any(calls(block, CC_WORDS) for block in found) and not shutil.which("cc"):
        pytest.skip("cc is not installed")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("COLUMNS", "80")
    place = Place(tmp_path)
    wrong: list[str] = []
    for block in found:
        try:
            place.run(block)
        except Exception:
            wrong.append(f"{document}:{block.line}: {traceback.format_exc(limit=-1)}")
    assert not wrong, "\n".join(wrong)
    if REFRESH_VARIABLE in os.environ:
        refresh(ROOT / document, place.shown)


def refresh(document: Path, shown: list[tuple[str, str]]) -> None:
    """Writes the numbers that are printed now into a document."""
    text = document.read_text(encoding="utf-8")
    done = 0
    for before, printed in shown:
        place = text.index(before, done)
        after = refreshed(before, printed)
        text = text[:place] + after + text[place + len(before) :]
        done = place + len(after)
    document.write_text(text, encoding="utf-8")


def unread(document: str) -> Iterator[str]:
    """What of a document names nothing."""
    text = (ROOT / document).read_text(encoding="utf-8")
    folder = (ROOT / document).parent
    for link in LINK.findall(text):
        if not (folder / link).exists():
            yield f"no file {link}"
    for path in PROJECT_FILE.findall(text):
        if not (ROOT / path).exists() and Path(path).stem not in EXAMPLES:
            yield f"no file {path}"
    for block in blocks(document):
        if block.language not in LANGUAGES:
            yield f"line {block.line}: block in {block.language}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_and_blocks(document: str):
    assert list(unread(document)) == []


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ("docs/architecture.md", [*universe.PASSES, *PHASE_NAMES]),
        ("docs/machines.md", [*machine_names(), *RUNNERS]),
        ("docs/runners.md", [*RUNNERS]),
        ("README.md", [*machine_names(), *RUNNERS]),
    ],
)
def test_everything_is_named(document: str, names: list[str]):
    text = (ROOT / document).read_text(encoding="utf-8")
    missing = [name for name in names if f"`{name}`" not in text]
    assert missing == []


@pytest.mark.parametrize(
    "command",
    [
        *("build", "run", "check", "bench", "tune", "report", "machines", "ops"),
        *("fit", "reduce", "plan", "demo", "completion"),
    ],
)
def test_every_option_is_named(command: str):
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    status, help_text = own_tool("deployc", [command, "--help"])
    assert status == 0
    options = set(re.findall(r"--[a-z][a-z-]*", help_text))
    options -= {"--help", "--verbose", "--quiet"}
    assert [option for option in sorted(options) if f"`{option}" not in text] == []


def test_all_of_a_session_is_shown():
    text = (ROOT / "docs" / "session.md").read_text(encoding="utf-8")
    code = "\n".join(
        b.text for b in blocks("docs/session.md") if b.language == "python"
    )
    public = [name for name in vars(Session) if not name.startswith("_")]
    assert "debug_get_output" in public
    for name in public:
        shown = code if callable(getattr(Session, name)) else text
        assert re.search(rf"\.{name}\b", shown), name


def test_numbers_are_refreshed(tmp_path: Path):
    document = tmp_path / "page.md"
    shown = "1 step\n\nrow …\nlast  10  20\n"
    document.write_text(f"1 step\n```console\n$ command\n{shown}```\n")
    refresh(
        document, [("1 step\n", "1 step\n"), (shown, "2 step\nrow 5\nlast   9  8\n")]
    )
    assert document.read_text() == (
        "1 step\n```console\n$ command\n2 step\n\nrow …\nlast   9  8\n```\n"
    )


def test_a_document_that_is_wrong(tmp_path: Path):
    place = Place(tmp_path)
    place.run_console(Block(1, "console", "", "$ echo 12 instructions\n7 instructions"))
    with pytest.raises(AssertionError, match="12 words"):
        place.run_console(Block(1, "console", "", "$ echo 12 words\n12 numbers"))
    with pytest.raises(AssertionError, match="status 1"):
        place.run_console(Block(1, "console", "", "$ false\n"))
