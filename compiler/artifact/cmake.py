"""The folder as a package of CMake: by `add_subdirectory`, or by `find_package`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from ..machine import Machine

SOURCE_SUFFIXES = (".c", ".S")

_NOT_TARGETS = """
    all clean depend edit_cache help install list_install_components package preinstall
    rebuild_cache test ALL_BUILD INSTALL PACKAGE RUN_TESTS ZERO_CHECK
    c dl gcc m pthread rt
"""

NOT_TARGETS = frozenset(_NOT_TARGETS.split())
"""What CMake's generators call targets, and libraries that others mean by a name."""

SECTIONS = ("-ffunction-sections", "-fdata-sections")
"""So that a linker can leave out what nobody calls: an entry point with its arena."""

PACKAGE = """\
# The model as a library: target deployopt::{name}. Made by deployopt.
# What CMakeLists.txt includes, and find_package({name} CONFIG) finds.
get_filename_component(folder ${{CMAKE_CURRENT_LIST_DIR}} REALPATH)
if(TARGET {target})
  get_target_property(other {target} DEPLOYOPT_FOLDER)
  if(NOT folder STREQUAL other)
    message(FATAL_ERROR "${{folder}}: expected the target {target} \
for itself, got another; deployc build --name gives a model another name")
  endif()
  return()
endif()
if(NOT CMAKE_C_COMPILER_LOADED)
  set({name}_FOUND FALSE)
  set({name}_NOT_FOUND_MESSAGE "expected a project with language C, got none")
  return()
endif()

add_library({target} STATIC
{sources})
add_library(deployopt::{name} ALIAS {target})
target_include_directories({target} PUBLIC
  $<BUILD_INTERFACE:${{CMAKE_CURRENT_LIST_DIR}}>
  $<INSTALL_INTERFACE:include>)
target_compile_options({target} PRIVATE {flags}{clang})
# What is linked together must be made for one version of the runtime.
set_target_properties({target} PROPERTIES
  OUTPUT_NAME {name}
  EXPORT_NAME {name}
  DEPLOYOPT_FOLDER ${{folder}}
  INTERFACE_DEPLOYOPT_RUNTIME {version}
  COMPATIBLE_INTERFACE_STRING DEPLOYOPT_RUNTIME)
"""

PROJECT = """\
# Builds the model as a library; as a project of its own, also its example.
cmake_minimum_required(VERSION 3.13)
project({name} {languages})
include(${{CMAKE_CURRENT_LIST_DIR}}/{name}Config.cmake)

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
{assembler}\
  file(GLOB example example/*.c platform/*.c platform/*.S)
  add_executable({target}_example ${{example}})
  target_include_directories({target}_example PRIVATE example platform)
  target_compile_options({target}_example PRIVATE
    $<TARGET_PROPERTY:{target},COMPILE_OPTIONS>)
  target_link_libraries({target}_example PRIVATE {target}{libraries})
{linking}\

  install(TARGETS {target} EXPORT {target} ARCHIVE DESTINATION lib)
  install(FILES {name}.h DESTINATION include)
  install(EXPORT {target} FILE {name}Config.cmake NAMESPACE deployopt::
    DESTINATION lib/cmake/{name})
endif()
"""

ASSEMBLER = "  enable_language(ASM)\n"
LINKING = """\
  set(script ${{CMAKE_CURRENT_SOURCE_DIR}}/platform/link.ld)
  target_link_options({target}_example PRIVATE -nostdlib -static -T ${{script}})
  set_target_properties({target}_example PROPERTIES LINK_DEPENDS ${{script}})
"""
ARITHMETIC = " $<$<C_COMPILER_ID:GNU>:gcc>"
"""What gcc calls where the instruction set lacks something."""


def target_name(name: str) -> str:
    """What CMake calls the library of a program; `deployopt::name` is another name."""
    return f"model_{name}" if name in NOT_TARGETS else name


def library_sources(files: Iterable[str]) -> list[str]:
    """The sources of the library: those at the top of the folder."""
    return sorted(f for f in files if "/" not in f and f.endswith(SOURCE_SUFFIXES))


def options(flags: Iterable[str], compiler: str = "") -> str:
    """
    `flags` as one argument of CMake, which keeps order and repeats.

    They are for one `compiler`, as CMake calls it, if that is given.
    """
    words = re.sub(r'([\\"$;])', r"\\\1", shlex.join(flags))
    words = f"$<$<C_COMPILER_ID:{compiler}>:{words}>" if compiler else words
    return f'"SHELL:{words}"'


def cmake_files(
    name: str, files: Iterable[str], machine: Machine, runtime_version: int
) -> dict[str, str]:
    """
    CMakeLists.txt and NAMEConfig.cmake of the program `name`.

    `files` are the relative paths of the folder; the flags are the machine's, and only
    the model's own sources are compiled with them.
    """
    sources = library_sources(files)
    clang = machine.clang_flags
    words = {
        "name": name,
        "target": target_name(name),
        "version": runtime_version,
        "sources": "\n".join(f"  ${{CMAKE_CURRENT_LIST_DIR}}/{f}" for f in sources),
        "flags": options((*machine.compiler_flags, *SECTIONS)),
        "clang": "\n  " + options(clang, "Clang") if clang else "",
        "languages": "C ASM" if any(f.endswith(".S") for f in sources) else "C",
        "assembler": "" if machine.is_native else ASSEMBLER,
        "libraries": "" if machine.is_native else ARITHMETIC,
    }
    words["linking"] = "" if machine.is_native else LINKING.format(**words)
    return {
        "CMakeLists.txt": PROJECT.format(**words),
        f"{name}Config.cmake": PACKAGE.format(**words),
    }
