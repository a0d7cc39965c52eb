"""The C files of a program: its header, its source and its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from . import weights, weights_image
from .driver import public_type
from .entry_points import entry_points, interface
from .inner_functions import InnerFunctions
from .names import comment_text
from .source import Source, placed


def text(*parts: Iterator[str]) -> str:
    """The lines of all parts, a blank line between two of them."""
    blocks = ["\n".join(part).strip("\n") for part in parts]
    return "\n\n".join(block for block in blocks if block) + "\n"


def title(source: Source, what: str) -> Iterator[str]:
    """What stands at the top of each file."""
    yield f"/* {comment_text(source.name)}: {what}. Made by deployopt. */"


def includes(*names: str) -> Iterator[str]:
    """Headers next to the file."""
    return (f'#include "{name}"' for name in names)


def guarded(source: Source, suffix: str, *parts: Iterator[str]) -> str:
    """A header that may be included twice."""
    guard = f"{source.name}_{suffix}"
    head = iter([f"#ifndef {guard}", f"#define {guard}"])
    return text(head, *parts, iter(["#endif"]))


def header(source: Source, runtime_version: int) -> str:
    """
    NAME.h: what a user of the program includes, in C11 or C++11.

    It needs nothing of the runtime; `runtime_version` keeps two programs out of one
    source that were made for different ones.
    """
    linkage = iter(["#ifdef __cplusplus", 'extern "C" {', "#endif"])
    end = iter(["#ifdef __cplusplus", "}", "#endif"])
    return guarded(
        source,
        "H",
        title(source, "the interface of the model"),
        standard_headers(source),
        runtime_check(source, runtime_version),
        linkage,
        interface(source),
        end,
    )


def standard_headers(source: Source) -> Iterator[str]:
    """The headers of C that declare the types of the interface."""
    program, entry = source.program, source.program.entry
    arguments = [*program.having("input"), *program.having("output")]
    if entry and any(public_type(argument, entry) == "bool" for argument in arguments):
        yield "#include <stdbool.h>"
    yield "#include <stdint.h>"


def runtime_check(source: Source, version: int) -> Iterator[str]:
    """Refuses what is made for another version of the runtime, where C is compiled."""
    own = f"{source.name}.h is made for version {version} of the runtime"
    other = "a header before for another"
    yield "/* All programs of a binary are made for one version of the runtime. */"
    yield "#ifndef DEPLOY_RUNTIME_VERSION"
    yield f"#define DEPLOY_RUNTIME_VERSION {version}"
    yield f"#elif DEPLOY_RUNTIME_VERSION != {version}"
    yield f'#error "{own}, {other}"'
    yield "#endif"


def weights_header(source: Source) -> str:
    """NAME_weights.h: what only the program itself includes."""
    if not source.members:
        return guarded(source, "WEIGHTS_H", title(source, "it has no weights"))
    public = [] if source.form.address is None else [f"{source.name}.h"]
    return guarded(
        source,
        "WEIGHTS_H",
        title(source, "the layout of the weights"),
        includes("deploy.h", *public),
        weights.definition(source.members, source.name),
        access(source),
    )


def access(source: Source) -> Iterator[str]:
    """How the program finds its weights: a declaration, or a pointer."""
    if source.form.address is not None:
        yield from weights_image.pointer(source.members, source.name)
    else:
        yield f"extern const struct {source.name}_weights {source.name}_weights;"


def weights_source(source: Source) -> str:
    """NAME_weights.c."""
    top = title(source, "the weights"), includes(f"{source.name}_weights.h")
    if not source.members:
        nothing = f"typedef int {source.name}_has_no_weights;"
        return text(*top, iter([nothing]))
    if source.form.address is not None:
        return text(*top, weights_image.assertions(source.members, source.name))
    if source.has_image:
        return image_source(source)
    storage = placed(source.weights_section)
    return text(*top, weights.contents(source.members, source.name, storage))


def image_source(source: Source) -> str:
    """
    The C that includes NAME_weights.bin.

    It says the sum of the bytes, so that who keeps objects by their source sees other
    bytes.
    """
    section = source.weights_section or f".rodata.{source.name}_weights"
    digest = hashlib.sha256(weights_image.image(source.members)).hexdigest()
    return text(
        title(source, "the weights, as bytes of a file"),
        includes(f"{source.name}_weights.h"),
        weights_image.assertions(source.members, source.name),
        iter([f"/* sha256 {digest} */"]),
        weights_image.included(source.members, source.name, section),
    )


def program_source(source: Source) -> str:
    """NAME.c: kernels and driver."""
    return text(
        title(source, "the kernels, and the driver that calls them in order"),
        includes(f"{source.name}.h", "deploy.h", f"{source.name}_weights.h"),
        shared_runtime(source),
        InnerFunctions(source).lines(),
        entry_points(source),
    )


def shared_runtime(source: Source) -> Iterator[str]:
    """Lets linkers compare versions, where programs share functions of the runtime."""
    if source.program.has_transfers:
        yield "DEPLOY_SHARES_RUNTIME;"


def single_file(source: Source) -> str:
    """Everything in one file that includes only deploy.h."""
    own: list[Iterator[str]] = []
    if source.members:
        own.append(weights.definition(source.members, source.name))
        if source.form.address is None:
            storage = f"static {placed(source.weights_section)}"
            own.append(weights.contents(source.members, source.name, storage))
    if source.program.entry is not None:
        own.append(interface(source))
    if source.members and source.form.address is not None:
        own.append(weights_image.pointer(source.members, source.name))
    return text(
        title(source, "the whole program"),
        includes("deploy.h"),
        shared_runtime(source),
        *own,
        InnerFunctions(source).lines(),
        entry_points(source),
    )
