"""Standard streams that are closed, full, or of an encoding that is too small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "from deployopt.tools.deployc import main; main()"


def deployc(arguments: str, **environment: str) -> tuple[int, str]:
    """Status and what is on stderr; `arguments` are the shell's."""
    command = f"{sys.executable} -c '{TEXT}' {arguments}"
    done = subprocess.run(
        command, shell=True, capture_output=True, env=os.environ | environment
    )
    return done.returncode, done.stderr.decode()


def test_a_full_disk_behind_standard_output_is_one_line():
    if not Path("/dev/full").is_char_device():
        pytest.skip("there is no /dev/full")
    expected = "error: standard output: no space left on device\n"
    assert deployc("machines > /dev/full") == (1, expected)


@pytest.mark.parametrize("stream", ["0<&-", "1>&-", "2>&-"])
def test_a_closed_stream_is_no_fault(stream: str):
    assert deployc(f"machines {stream}") == (0, "")


def test_a_reader_that_goes_away_is_no_fault():
    assert deployc("machines | true") == (0, "")


def test_what_the_encoding_lacks_is_escaped(tmp_path: Path):
    board = tmp_path / "board.toml"
    text = (Path(__file__).parents[2] / "compiler/machines/rv64gc.toml").read_text()
    board.write_text(text.replace('description = "', 'description = "µ', 1))
    status, err = deployc(f"machines {board}", PYTHONIOENCODING="ascii")
    assert (status, err) == (0, "")


@pytest.mark.parametrize("program", ["deployc", "deployopt"])
def test_an_interrupt_while_a_program_is_imported_is_one_line(program: str):
    text = f"""
import sys
from deployopt.tools import start

class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == "deployopt.tools.command":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
start.{program}()
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "error: interrupted\n")
