// RUN: deployopt %s -p vectorize,cse 2>&1 | filecheck %s
// RUN: deployopt %s -p vectorize -o %t.mlir
// RUN: deployopt %t.mlir -p vectorize --no-debuginfo 2>&1 | filecheck %s --check-prefix=AGAIN
// RUN: not deployopt %t.mlir -p vectorize --strict 2>&1 | filecheck %s --check-prefix=STRICT

// No operation here is an earlier phase's: `vectorize` runs alone. What runs afterwards is
// not part of it. A finished phase is left out.

// CHECK-NOT: remark
// CHECK: deploy.phase = "vectorize"
// CHECK-LABEL: @kernel_0
// CHECK: store {{.*}} loc("node")
// AGAIN: remark: 'vectorize' is finished already and is left out
// AGAIN-NOT: loc("node")
// STRICT: error: 'vectorize' is finished already and is left out; --strict runs
func.func private @kernel_0(%a: memref<4xf32, "ram">, %o: memref<4xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : memref<4xf32, "ram">) outs(%o : memref<4xf32, "ram">) {
  ^bb0(%x: f32, %y: f32):
    %z = arith.addf %x, %x : f32
    linalg.yield %z : f32
  } loc("node")
  func.return
}
