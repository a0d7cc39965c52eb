"""Files that are there whole or not at all, and what is no file."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from deployopt.writing import whole_bytes, whole_file


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("before")
    with pytest.raises(FileNotFoundError), whole_file(str(file)) as stream:
        stream.write("half" + (tmp_path / "absent").read_text())
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_bytes(str(pipe)) as stream:
        stream.write(b"xy")
        stream.seek(0)  # as zip files do
        stream.write(b"z")
    reader.join()
    assert read == [b"zy"]
    assert pipe.is_fifo()


def need_device(device: str):
    if not Path(device).is_char_device():
        pytest.skip(f"there is no {device}")


def test_a_device_is_never_replaced():
    need_device("/dev/null")
    with whole_bytes("/dev/null") as stream:
        stream.write(b"x")
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_named_by_the_file():
    need_device("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:  # noqa: SIM117
        with whole_file("/dev/full") as stream:
            stream.write("x")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "/dev/full")
    assert Path("/dev/full").is_char_device()


def test_a_failure_inside_about_another_file_is_its_own(tmp_path: Path):
    with (
        pytest.raises(FileNotFoundError) as caught,
        whole_file(str(tmp_path / "a.txt")) as stream,
    ):
        stream.write((tmp_path / "absent").read_text())
    assert caught.value.filename == str(tmp_path / "absent")
