// RUN: deployopt %s -p memory-outline-kernels --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-outline-kernels | filecheck %s --check-prefix LOC

#id = affine_map<(d0) -> (d0)>
#sum = affine_map<(d0) -> ()>

// The two negations share a function; only the calls say for which node they work.

// CHECK-LABEL: @run
func.func @run(%x: memref<4xf32, "ram">, %y: memref<4xf32, "ram">, %z: memref<f32, "ram">) {
  // CHECK-NEXT: func.call @kernel_0(%x, %y) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()
  // LOC: func.call @kernel_0({{.*}} loc("one")
  deploy.kernel(%x : memref<4xf32, "ram">) outs(%y : memref<4xf32, "ram">) {
  ^bb0(%a: memref<4xf32, "ram">, %b: memref<4xf32, "ram">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<4xf32, "ram">) outs(%b : memref<4xf32, "ram">) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.negf %p : f32
      linalg.yield %s : f32
    }
    deploy.yield
  } loc("one")
  // CHECK-NEXT: func.call @kernel_0(%y, %x)
  // LOC: func.call @kernel_0({{.*}} loc("two")
  deploy.kernel(%y : memref<4xf32, "ram">) outs(%x : memref<4xf32, "ram">) {
  ^bb0(%in: memref<4xf32, "ram">, %out: memref<4xf32, "ram">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%in : memref<4xf32, "ram">) outs(%out : memref<4xf32, "ram">) {
    ^bb0(%e: f32, %o: f32):
      %s = arith.negf %e : f32
      linalg.yield %s : f32
    }
    deploy.yield
  } loc("two")
  // CHECK-NEXT: func.call @kernel_1(%x, %z)
  deploy.kernel(%x : memref<4xf32, "ram">) outs(%z : memref<f32, "ram">) {
  ^bb0(%a: memref<4xf32, "ram">, %b: memref<f32, "ram">):
    linalg.generic {indexing_maps = [#id, #sum], iterator_types = ["reduction"]} ins(%a : memref<4xf32, "ram">) outs(%b : memref<f32, "ram">) {
    ^bb0(%p: f32, %acc: f32):
      %s = arith.addf %acc, %p : f32
      linalg.yield %s : f32
    }
    deploy.yield
  } loc("three")
  func.return
}

// CHECK: func.func private @kernel_0(%{{.*}}: memref<4xf32, "ram"> {deploy.access = "read"}, %{{.*}}: memref<4xf32, "ram"> {deploy.access = "write"}) attributes {deploy.kernel} {
// CHECK: arith.negf
// CHECK: func.return
// CHECK: func.func private @kernel_1(%{{.*}} {deploy.access = "read"}, %{{.*}}: memref<f32, "ram"> {deploy.access = "readwrite"}) attributes {deploy.kernel} {
// CHECK-NOT: func.func
