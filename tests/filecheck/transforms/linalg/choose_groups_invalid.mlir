// RUN: deployopt %s -p linalg-choose-groups --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: shapes must be static and not empty, got tensor<?xf32>
func.func @unknown_size(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
    outs(%x : tensor<?xf32>) {
  ^bb0(%e: f32):
    linalg.yield %e : f32
  } -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}

// -----

// CHECK: shapes must be static and not empty, got tensor<4x0xf32>
func.func @empty() -> tensor<4x0xf32> {
  %e = tensor.empty() : tensor<4x0xf32>
  func.return %e : tensor<4x0xf32>
}

// -----

// CHECK: elements must be one of i1, i8, i16, i32, i64, f32, f64, index, got tensor<4xf16>
func.func @half(%x: tensor<4xf16>) -> tensor<4xf16> {
  func.return %x : tensor<4xf16>
}

// -----

// CHECK: elements must be one of i1, i8, i16, i32, i64, f32, f64, index, got tensor<4xi5>
func.func @odd_width(%x: tensor<4xi5>) -> tensor<4xi5> {
  func.return %x : tensor<4xi5>
}
