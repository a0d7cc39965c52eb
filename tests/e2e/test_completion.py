"""Command lines as shells complete them: what they offer, or what the line becomes."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from deployopt.tools.completion.commands import command_of
from deployopt.tools.completion.values import ANY_TEXT, Values
from deployopt.tools.deployc import command_line
from tool import Call

OFFERED: list[tuple[str, set[str]]] = [
    ("deployc bui", {"build"}),
    ("deployc build ", {"digits.onnx", "my model.onnx", "out/"}),
    ("deployc build --machine rv64gcv-", {"rv64gcv-vlen256"}),
    ("deployc build --machine=rv32imf", {"rv32imfc"}),
    ("deployc build --machine b", {"board.toml"}),
    ("deployc run digits.onnx --runner s", {"spike"}),
    ("deployc run --inputs ", {"images.npz", "out/"}),
    ("deployc build -o ", {"out/"}),
    ("deployc build --plu", {"--plugin"}),
    ("deployc build --name d", set()),
    ("deployc completion ", {"bash", "fish", "zsh"}),
    ("deployopt -p fuse,nn-tab", {"fuse,nn-tabulate"}),
    ("deployopt digits.onnx -t deploy", {"deploy-c"}),
]
"""What stands in the line, and all that may stand at its end."""


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    """A folder with files to choose among."""
    for name in ("digits.onnx", "my model.onnx", "board.toml", "images.npz"):
        (tmp_path / name).touch()
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture(name="script")
def fixture_script(
    request: pytest.FixtureRequest, call: Call, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The script for the shell that the test names, in a folder of its own."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    status, text, _ = call("completion", shell)
    assert status == 0
    script = tmp_path_factory.mktemp("functions") / "_deployc"
    script.write_text(text)
    return script


def offers(folder: Path, *command: str | Path) -> dict[str, set[str]]:
    """What a shell that prints it offers for each line."""
    lines = [line for line, _ in OFFERED]
    done = subprocess.run(
        command,
        cwd=folder,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    found = [set(filter(None, row.split(";"))) for row in done.stdout.splitlines()]
    return dict(zip(lines, found, strict=True))


BASH = """
source "$1"
while IFS= read -r line; do
    read -ra COMP_WORDS <<<"${line//=/ = }"
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    "_${COMP_WORDS[0]}"
    printf '%s;' "${COMPREPLY[@]}"
    echo
done
"""


@pytest.mark.parametrize("script", ["bash"], indirect=True)
def test_bash_offers(folder: Path, script: Path):
    found = offers(folder, "bash", "-c", BASH, "bash", script)
    for line, wanted in OFFERED:
        assert found[line] == {word.removesuffix("/") for word in wanted}, line


FISH = """
source $argv[1]
while read line
    echo (complete -C "$line" | string split -f1 \\t | string join ';')
end
"""


@pytest.mark.parametrize("script", ["fish"], indirect=True)
def test_fish_offers(folder: Path, script: Path):
    # It completes the name of an option, so it offers it once more.
    found = offers(folder, "fish", "--no-config", "-c", FISH, script)
    for line, wanted in OFFERED:
        if "=" in line:
            option = f"{line.split()[-1].partition('=')[0]}="
            wanted = {f"{option}{word}" for word in wanted}
        assert found[line] == wanted, line


class Zsh:
    """A zsh in a terminal; control-X prints the line as it is and empties it."""

    SETUP = (
        "PROMPT=; fpath=({0} $fpath); autoload -Uz compinit; compinit -u -D; "
        'show() {{ print -r -- "<<$BUFFER>>"; BUFFER=; zle reset-prompt }}; '
        "zle -N show; bindkey '^X' show; echo READ''Y\n"
    )

    def __init__(self, folder: Path, functions: Path):
        self.process, self.terminal = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.after(self.SETUP.format(functions), "READY")

    def after(self, keys: str, mark: str) -> str:
        """What stands in the terminal once `mark` does, after these keys."""
        os.write(self.terminal, keys.encode())
        shown, end = "", time.monotonic() + 60
        while mark not in shown:
            assert time.monotonic() < end, shown
            if select.select([self.terminal], [], [], 1)[0]:
                shown += os.read(self.terminal, 1 << 16).decode(errors="replace")
        return shown

    def completed(self, line: str) -> str:
        """The line after a tab."""
        shown = self.after(f"{line}\t\x18", ">>")
        return shown.rpartition("<<")[2].partition(">>")[0]

    def close(self) -> None:
        """Ends it."""
        os.close(self.terminal)
        os.waitpid(self.process, 0)


@pytest.mark.parametrize("script", ["zsh"], indirect=True)
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_zsh_completes(folder: Path, script: Path):
    zsh = Zsh(folder, script.parent)
    try:
        for line, wanted in OFFERED:
            if len(wanted) == 1:
                done, last = line[: line.rfind(" ") + 1], line.split(" ")[-1]
                option = f"{last.partition('=')[0]}=" if "=" in last else ""
                found = zsh.completed(line).rstrip(" ,=")
                assert found == f"{done}{option}{min(wanted)}", line
    finally:
        zsh.close()


def test_zsh_reads_what_is_sourced(call: Call, tmp_path: Path):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    script = tmp_path / "script"
    script.write_text(call("completion", "zsh")[1])
    code = "HOME=$2; source $1; print $_comps[deployc] $_comps[deployopt]"
    done = subprocess.run(
        ["zsh", "-f", "-c", code, "zsh", script, tmp_path],
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("_deployc _deployc\n", "")


def test_an_unknown_shell(call: Call):
    status, printed, told = call("completion", "tcsh")
    assert (status, printed) == (2, "")
    assert told.startswith("error: argument SHELL: invalid choice: 'tcsh'")


def test_every_command_is_there_with_its_options():
    tool = command_of(command_line(), "deployc")
    commands = {command.name: command for command in tool.commands}
    assert {"build", "run", "demo", "completion"} <= set(commands)
    build = {name: one for one in commands["build"].options for name in one.names}
    assert build["--explain"].values is None
    assert build["--dim"].values == ANY_TEXT
    assert build["--plugin"].values == Values(suffixes=(".py",))
    assert commands["run"].arguments == Values(suffixes=(".onnx",), folders=True)
