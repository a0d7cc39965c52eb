// RUN: deployopt %s -p vector-apply-plan --no-debuginfo | filecheck %s

#row = affine_map<(d0, d1) -> (d0, d1)>
#first = affine_map<(d0, d1) -> (d0)>

// A kernel is known by what it does and not by its name. What says something already keeps
// it; kernels that the plan does not know are left to the search.

builtin.module attributes {deploy.plan = {residents = [], kernels = [], blocks = [{kernel = "3cb1e65a8fbd0d27", nodes = [], operations = [{}, {sizes = array<i64: 2, 3>}]}]}} {

// CHECK-LABEL: @sums
// CHECK: linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>){{$}}
// CHECK: linalg.generic {{.*}} attrs = {deploy.blocks = {sizes = array<i64: 2, 3>}}
func.func private @sums(%a: memref<4x6xf32>, %b: memref<4xf32>) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x6xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @other_names
// CHECK: linalg.generic {{.*}} attrs = {deploy.blocks = {sizes = array<i64: 2, 3>}}
func.func private @other_names(%in: memref<4x6xf32>, %out: memref<4xf32>) attributes {deploy.kernel} {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%out : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%in : memref<4x6xf32>) outs(%out : memref<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @negative_by_hand
// CHECK: linalg.generic {{.*}} attrs = {deploy.blocks = {sizes = array<i64: 4, 1>}}
func.func private @negative_by_hand(%a: memref<4x6xf32>, %b: memref<4xf32>) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x6xf32>) outs(%b : memref<4xf32>) attrs = {deploy.blocks = {sizes = array<i64: 4, 1>}} {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @negative_other_shape
// CHECK-NOT: deploy.blocks
// CHECK: func.return
func.func private @negative_other_shape(%a: memref<4x7xf32>, %b: memref<4xf32>) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x7xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}
}
