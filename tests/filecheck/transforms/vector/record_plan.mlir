// RUN: deployopt %s -p vector-record-plan --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>
#row = affine_map<(d0, d1) -> (d0, d1)>
#first = affine_map<(d0, d1) -> (d0)>

// An entry for each kernel, and in it one for each operation whose loops can be cut. What
// the plan says of kernels before tiling and of buffers stays.

// CHECK: builtin.module attributes {deploy.plan = {residents = ["x"], kernels = [], blocks = [
// CHECK-SAME: {kernel = "{{[0-9a-f]+}}", nodes = ["double"], operations = [{order = array<i64: 0>, sizes = array<i64: 4>, lanes = array<i64: 0, 4>}]},
// CHECK-SAME: {kernel = "{{[0-9a-f]+}}", nodes = [], operations = [{}, {sizes = array<i64: 2, 3>}]}]}}
builtin.module attributes {deploy.plan = {residents = ["x"], kernels = []}} {
func.func private @double(%a: memref<8xf32>, %b: memref<8xf32>) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xf32>) outs(%b : memref<8xf32>) attrs = {deploy.blocks = {order = array<i64: 0>, sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %p : f32
    linalg.yield %s : f32
  }
  func.return
} loc("double")

func.func private @sums(%a: memref<4x6xf32>, %b: memref<4xf32>) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x6xf32>) outs(%b : memref<4xf32>) attrs = {deploy.blocks = {sizes = array<i64: 2, 3>}} {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

func.func @negative_no_kernel(%a: memref<8xf32>, %b: memref<8xf32>) {
  func.call @double(%a, %b) : (memref<8xf32>, memref<8xf32>) -> ()
  func.return
}
}
