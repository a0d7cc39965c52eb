// REQUIRES: xdsl-opt
// RUN: xdsl-opt %s -p vector-lower-kernels | filecheck %s
// RUN: xdsl-opt %s -p vector-lower-kernels -t deploy-c | filecheck %s --check-prefix=C

// The entry point `xdsl.universe` gives our passes and targets to xDSL's own tool.

// CHECK-LABEL: @kernel_0
// CHECK: scf.for
// CHECK-NOT: linalg.generic
// C: o[i0] = v + v;
func.func private @kernel_0(%a: memref<4xf32, "ram">, %o: memref<4xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : memref<4xf32, "ram">) outs(%o : memref<4xf32, "ram">) {
  ^bb0(%x: f32, %y: f32):
    %z = arith.addf %x, %x : f32
    linalg.yield %z : f32
  }
  func.return
}
