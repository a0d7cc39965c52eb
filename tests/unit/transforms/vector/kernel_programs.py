"""Programs that call kernels, as text."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.vector.structured_kernels import Kernel

DTYPES = {"f32": "float32", "i32": "int32", "i8": "int8"}


def program(kernels: Sequence[Kernel]) -> str:
    """A module whose `@run` calls each kernel, after phase `lower`."""
    inputs: list[str] = []
    outputs: list[str] = []
    calls: list[str] = []
    for number, kernel in enumerate(kernels):
        names = [f"%a{number}_{n}" for n in range(len(kernel.types))]
        pairs = list(zip(names, kernel.types, kernel.elements, strict=True))
        inputs += [parameter("input", *pair) for pair in pairs[:-1]]
        outputs.append(parameter("output", *pairs[-1]))
        calls.append(
            f"func.call @kernel_{number}({', '.join(names)}) : "
            f'({", ".join(kernel.types)}) -> () loc("node{number}")'
        )
    body = "\n".join((*calls, "func.return"))
    functions = "".join(kernel.text(n) for n, kernel in enumerate(kernels))
    return (
        f"builtin.module @blocks {{\nfunc.func @run({', '.join(inputs + outputs)}) "
        f"{{\n{body}\n}}\n{functions}}}\n"
    )


def parameter(role: str, name: str, type: str, element: str) -> str:
    """A parameter of `@run`."""
    values = {"role": role, "name": name[1:], "dtype": DTYPES[element]}
    attributes = ", ".join(f'"deploy.{key}" = "{v}"' for key, v in values.items())
    return f"{name}: {type} {{{attributes}}}"


PRODUCT = """
func.func private @product(
    %x: memref<24x20xf32, "ram">, %w: memref<20x36xf32, "ram">,
    %y: memref<24x36xf32, "ram">
) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<24x36xf32, "ram">)
  linalg.generic {
      indexing_maps = [
        affine_map<(i, j, k) -> (i, k)>,
        affine_map<(i, j, k) -> (k, j)>,
        affine_map<(i, j, k) -> (i, j)>
      ],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<24x20xf32, "ram">, memref<20x36xf32, "ram">)
      outs(%y : memref<24x36xf32, "ram">)ATTRIBUTES {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %m = arith.mulf %p, %q : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}
"""


def product(attributes: str = "") -> str:
    """A kernel of one product, as text, with more attributes on its operation."""
    return PRODUCT.replace("ATTRIBUTES", attributes)
