// RUN: deployopt %s | filecheck %s
// RUN: deployopt %s | deployopt | filecheck %s
// RUN: deployopt %s --print-op-generic | deployopt | filecheck %s

#id = affine_map<(i) -> (i)>

// CHECK: %y, %n = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"], doc = "two"} ins(%x : tensor<4xf32>) outs(%a, %b : tensor<4xf32>, tensor<4xi32>) attrs = {deploy.group = 0 : i64} {
// CHECK: } -> (tensor<4xf32>, tensor<4xi32>)
// CHECK: } -> tensor<4xf32>
func.func @f(%x: tensor<4xf32>, %a: tensor<4xf32>, %b: tensor<4xi32>) -> tensor<4xf32> {
  %y, %n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"], doc = "two"} ins(%x : tensor<4xf32>) outs(%a, %b : tensor<4xf32>, tensor<4xi32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %q: f32, %r: i32):
    linalg.yield %p, %r : f32, i32
  } -> (tensor<4xf32>, tensor<4xi32>)
  %z = linalg.generic {indexing_maps = [#id], iterator_types = [#linalg.iterator_type<parallel>]} outs(%y : tensor<4xf32>) {
  ^bb0(%p: f32):
    linalg.yield %p : f32
  } -> tensor<4xf32>
  func.return %z : tensor<4xf32>
}

// CHECK: linalg.generic {{.*}} ins(%m : memref<4xf32>) outs(%m : memref<4xf32>) {
// CHECK-NOT: ->
func.func @on_memory(%m: memref<4xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%m : memref<4xf32>) outs(%m : memref<4xf32>) {
  ^bb0(%p: f32, %q: f32):
    linalg.yield %p : f32
  }
  func.return
}
