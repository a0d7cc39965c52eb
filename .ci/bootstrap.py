"""
Makes the virtual environment of the Makefile, with nothing but a bare Python.

Debian's `python3` may come without `ensurepip`. Then a pip that is there already makes
the environment's own; without one, pip is taken from the package index that
`PIP_INDEX_URL` names, as a wheel that runs as it is.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path
from urllib.parse import urljoin

INDEX = os.environ.get("PIP_INDEX_URL", "")
JSON_INDEX = "application/vnd.pypi.simple.v1+json"


def newest_pip_wheel():
    """The address of the newest released wheel of pip on the package index."""
    page = f"{INDEX.rstrip('/')}/pip/"
    request = urllib.request.Request(page, headers={"Accept": JSON_INDEX})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheels = [f for f in files if f["filename"].endswith("-py3-none-any.whl")]
    released = [f for f in wheels if version(f) and not f.get("yanked")]
    return urljoin(page, max(released, key=version)["url"])


def version(file):
    """The numbers of a wheel's version; empty for a pre-release."""
    numbers = file["filename"].split("-")[1].split(".")
    return tuple(map(int, numbers)) if all(n.isdigit() for n in numbers) else ()


def install_pip(python):
    """Installs pip for `python`, which has none."""
    if importlib.util.find_spec("pip"):
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "-q",
            "pip",
        ]
        subprocess.run(command, check=True)
        return
    if not INDEX:
        raise ValueError("neither ensurepip nor pip is there, nor PIP_INDEX_URL set")
    with tempfile.TemporaryDirectory() as folder:
        address = newest_pip_wheel()
        wheel = Path(folder, address.rpartition("/")[2].partition("#")[0])
        urllib.request.urlretrieve(address, wheel)
        command = [python, f"{wheel}/pip", "install", "--quiet", "--no-index", wheel]
        subprocess.run(command, check=True)


def make(folder):
    """Makes the environment in `folder`."""
    try:
        import ensurepip  # noqa: F401 (absent on Debian without python3-venv)
    except ImportError:
        venv.create(folder, symlinks=True)
        install_pip(str(folder / "bin" / "python"))
    else:
        venv.create(folder, symlinks=True, with_pip=True)


def main():
    """Makes the environment named on the command line, or says in one line why not."""
    if sys.version_info < (3, 11):
        sys.exit(f"error: Python 3.11 or newer is needed, got {sys.version.split()[0]}")
    try:
        make(Path(sys.argv[1]))
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(
            f"error: {sys.argv[1]}: no virtual environment could be made: {error}; "
            "the Debian packages python3-venv and python3-pip would help"
        )


if __name__ == "__main__":
    main()
