"""
`deployopt`: reads a model or MLIR, runs passes and named phases, prints the result.

It is xDSL's `xdsl-opt` with our names in it; every option of xdsl-opt works.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.utils.arg_spec import ArgSpec, parse_spec
from xdsl.utils.exceptions import ArgSpecParseError, DiagnosticException, ParseError
from xdsl.utils.lexer import Span
from xdsl.xdsl_opt_main import xDSLOptMain

from .. import __version__
from ..errors import DeployError, UsageError, blamed_operation, refusal
from ..fusion import ask_for, chains_from
from ..requests import NAMED, Passes, parse_complaint, parse_requests
from ..resolution import Resolution, resolve
from ..universe import add_operations, multiverse, with_plugins
from ..writing import whole_file
from .command import leave, parse_dims, parse_settings, run_command
from .deployopt_options import add_options

if TYPE_CHECKING:
    from ..artifact.plan import PlanFile

DESCRIPTION = "Compiles ONNX models for small machines, pass by pass."

TARGET_ALIASES = {"c": "deploy-c"}
"""Short names of our targets; to xdsl-opt they are known under the long ones."""


class PlacingParser(Parser):
    """Remembers where in the text each operation begins, for messages."""

    places: dict[Operation, Span[str] | Span[bytes]]

    def parse_operation(self) -> Operation:
        """The operation at this place of the text."""
        span = self._current_token.span
        op = super().parse_operation()
        self.places[op] = span
        return op


class DeployOptMain(xDSLOptMain):
    """The tool; see `xDSLOptMain` for the order in which these methods are called."""

    version_format = f"deployopt {__version__} (xdsl {{xdsl_version}})"

    passes: Passes
    """Every pass that can be asked for, those of plugins among them."""
    requests: tuple[ArgSpec, ...]
    """What `-p` asks for."""
    dims: dict[str, int]
    """What `--dim` binds."""
    resolution: Resolution
    """What runs on the current module."""
    output: IO[str]
    """Where the result goes."""
    parser: argparse.ArgumentParser
    """What the tool understands."""

    def __init__(self, args: Sequence[str] | None = None) -> None:
        self.places: dict[Operation, Span[str] | Span[bytes]] = {}
        self.universe = multiverse()
        super().__init__(DESCRIPTION, args)

    # Names

    def register_all_dialects(self) -> None:
        """Registers every dialect that is installed, and ours."""
        for name, factory in self.universe.all_dialects.items():
            self.ctx.register_dialect(name, factory)

    def register_all_passes(self) -> None:
        """Registers every pass that is installed, and ours."""
        self.available_passes.update(self.universe.all_passes)

    def register_all_targets(self) -> None:
        """Registers every target that is installed, and ours, under short names too."""
        targets = self.universe.all_targets
        short = {a: targets[t] for a, t in TARGET_ALIASES.items() if t in targets}
        self.available_targets.update(targets | short)

    def register_all_frontends(self) -> None:
        """Registers what reads `.mlir` and `.onnx`."""
        self.available_frontends["mlir"] = self.parse_mlir
        self.available_frontends["onnx"] = self.parse_onnx

    def register_all_arguments(self, arg_parser: argparse.ArgumentParser) -> None:
        """Adds our options to those of xdsl-opt."""
        super().register_all_arguments(arg_parser)
        add_options(arg_parser)
        self.parser = arg_parser

    # Input

    def get_input_stream(self) -> tuple[IO[bytes], str]:
        """The input and the extension of its name; `-` is standard input."""
        if self.args.input_file == "-":
            return sys.stdin.buffer, "mlir"
        return super().get_input_stream()

    def prepare_input(self) -> tuple[list[tuple[IO[bytes], int]], str]:
        """The chunks of the input; raises `UsageError` if it is of no known kind."""
        try:
            return super().prepare_input()
        except ValueError as error:
            raise UsageError(str(error).lower(), node=self.get_input_name()) from None

    def parse_mlir(self, io: IO[bytes]) -> ModuleOp:
        """The module in a `.mlir` text; raises `DeployError` for what is no text."""
        name = self.get_input_name()
        try:
            parser = PlacingParser(self.ctx, io.read(), name)
        except UnicodeDecodeError:
            reason, hint = "expected MLIR in UTF-8, got other bytes", "is it a model?"
            raise DeployError(reason, node=name, hint=f"{hint} -f onnx") from None
        parser.places = self.places = {}
        return parser.parse_module(not self.args.no_implicit_module)

    def parse_onnx(self, io: IO[bytes]) -> ModuleOp:
        """The module a model becomes; a file may have external data beside it."""
        from ..frontend.onnx import import_model

        named = self.args.input_file not in (None, "-")
        source = self.args.input_file if named else io.read()
        return import_model(source, dims=self.dims)

    # Passes

    def setup_pipeline(self) -> None:
        """Understands what is asked for; what runs depends on the module."""
        text, self.args.passes = self.args.passes, ""
        super().setup_pipeline()  # for its callback, which verifies, times and prints
        self.args.passes = text
        self.passes = with_plugins(self.available_passes, self.args.plugin)
        add_operations(self.ctx, self.passes)
        self.requests = parse_requests(text, self.passes)
        self.dims = parse_dims(self.args.dim)
        self.settings = parse_settings(self.args.set)
        if self.args.machine is not None:
            self.load_machine()

    def resolve(self, module: ModuleOp | None) -> Resolution:
        """What runs on `module`; remarks go to stderr."""
        resolution = resolve(
            self.requests, module, self.passes, strict=self.args.strict
        )
        for remark in resolution.remarks:
            print(f"remark: {remark}", file=sys.stderr)
        return resolution

    def apply_passes(self, prog: ModuleOp) -> None:
        """Runs what was asked for, and what that needs."""
        self.attach_machine(prog)
        plan = self.attach_plan(prog)
        planned = () if plan is None else plan.chains
        ask_for(prog, chains_from(self.args.fuse), self.ctx, planned)
        self.resolution = self.resolve(prog)
        if self.args.print_pipeline:
            return
        passes = tuple(self.resolution.passes)
        self.pipeline = dataclasses.replace(self.pipeline, passes=passes)
        super().apply_passes(prog)

    def load_machine(self):
        """The machine of `--machine` and `--set`, by default the host."""
        from ..machine import DEFAULT_MACHINE, load_machine

        return load_machine(self.args.machine or DEFAULT_MACHINE, self.settings)

    def attach_machine(self, module: ModuleOp) -> None:
        """Gives `module` its machine, if it has none and it is asked for or needed."""
        from ..machine import attach, has_machine

        asked = self.args.machine is not None or bool(self.settings)
        if has_machine(module):
            if asked:
                print("remark: the module keeps the machine it has", file=sys.stderr)
        elif asked or any(request.name in NAMED for request in self.requests):
            attach(module, self.load_machine())

    def attach_plan(self, module: ModuleOp) -> PlanFile | None:
        """Gives `module` the plan of `--plan`, if there is one, and returns it."""
        from ..artifact.plan import load_plan
        from ..machine import has_machine, machine_of

        if self.args.plan is None:
            return None
        if not has_machine(module):
            raise UsageError("expected a module with a machine, or --machine")
        plan = load_plan(self.args.plan)
        plan.attach(module, machine_of(module))
        plan.ask(module)
        return plan

    # Output

    def prepare_output(self) -> IO[str]:
        """Where the result goes; `run` has opened it."""
        return self.output

    def output_resulting_program(self, prog: ModuleOp) -> str:
        """The module, or the list of passes, as text."""
        if self.args.print_pipeline:
            return pipeline_text(self.resolution)
        target = parse_spec(self.args.target)
        if target.name in TARGET_ALIASES:
            spec = dataclasses.replace(target, name=TARGET_ALIASES[target.name])
            self.args.target = str(spec)
        elif target.name == "mlir" and self.args.print_debuginfo:
            return self.located_text(prog)
        return super().output_resulting_program(prog)

    def located_text(self, module: ModuleOp) -> str:
        """The module as MLIR with its locations."""
        from ..printing import module_text

        if self.args.syntax_highlight:
            return super().output_resulting_program(module)
        generic, as_attributes = (
            self.args.print_op_generic,
            self.args.print_no_properties,
        )
        return module_text(
            self.ctx, module, generic=generic, as_attributes=as_attributes
        )

    # Everything

    def run(self) -> None:
        """
        Does what the command line says.

        Raises `DeployError`, and leaves no partly written file.
        """
        with whole_file(self.args.output_file) as self.output:
            if self.args.print_pipeline and self.args.input_file is None:
                self.output.write(pipeline_text(self.resolve(None)))
                return
            try:
                super().run()
            except ParseError:
                raise
            except DiagnosticException as error:
                raise self.placed_refusal(error) from error

    def placed_refusal(self, error: DiagnosticException) -> DeployError:
        """The refusal for `error`, with the place in the text when that is known."""
        op = blamed_operation(error)
        if op is None or (span := self.places.get(op)) is None:
            return refusal(error)
        return refusal(error, str(span.get_location()))


def pipeline_text(resolution: Resolution) -> str:
    """The passes, one per line."""
    return "".join(f"{line}\n" for line in resolution.lines())


def deployopt(args: Sequence[str] | None = None) -> None:
    """Runs the tool on `args`, by default those of the process."""
    try:
        DeployOptMain(args).run()
    except ArgSpecParseError as error:  # of -t; it is no `Exception`
        raise UsageError(parse_complaint(error), node="--target") from None


def main() -> None:
    """The program `deployopt`."""
    leave(run_command(deployopt))


if __name__ == "__main__":
    main()
