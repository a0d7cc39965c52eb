// RUN: deployopt %s --parsing-diagnostics | filecheck %s

// CHECK: expected indexing_maps and iterator_types of linalg.generic
func.func @f(%m: memref<4xf32>) {
  linalg.generic {indexing_maps = 3 : i64, iterator_types = ["sideways"]} outs(%m : memref<4xf32>) {
  ^bb0(%p: f32):
    linalg.yield %p : f32
  }
  func.return
}
