// RUN: deployopt %s -p linalg-slice-operands --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-slice-operands --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

#id = affine_map<(d0, d1) -> (d0, d1)>

// FLAT-NOT: tensor.extract_slice

// Of seven rows the first, third, fifth and last are read.

// CHECK-LABEL: @every_second_row
func.func @every_second_row(%x: tensor<7x4xf32>) -> tensor<4x4xf32> {
  // CHECK: [[S:%.+]] = tensor.extract_slice %x[0, 0] [4, 4] [2, 1] : tensor<7x4xf32> to tensor<4x4xf32>
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK-SAME: ins([[S]] : tensor<4x4xf32>)
  %e = tensor.empty() : tensor<4x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2, d1)>, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<7x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.negf %a : f32
    linalg.yield %r : f32
  } -> tensor<4x4xf32>
  func.return %y : tensor<4x4xf32>
}

// Three times, from the second column on: 1, 4, 7. The sums go over rows, which stay.

// CHECK-LABEL: @offset_and_reduction
func.func @offset_and_reduction(%x: tensor<5x9xf32>) -> tensor<3xf32> {
  // CHECK: [[S:%.+]] = tensor.extract_slice %x[0, 1] [5, 3] [1, 3] : tensor<5x9xf32> to tensor<5x3xf32>
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0)>]
  // CHECK-SAME: ins([[S]] : tensor<5x3xf32>)
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0 * 3 + 1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<5x9xf32>) outs(%f : tensor<3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  } -> tensor<3xf32>
  func.return %y : tensor<3xf32>
}

// A window of three at every second place reads all there is.

// CHECK-LABEL: @negative_window
func.func @negative_window(%x: tensor<9xf32>) -> tensor<4xf32> {
  // CHECK-NOT: tensor.extract_slice
  // CHECK: func.return
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %w = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : tensor<9xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// Two places of that window read five of the caller's seven elements, from the second on.

// CHECK-LABEL: @end_of_what_the_caller_gives
func.func @end_of_what_the_caller_gives(%x: tensor<7xf32>) -> tensor<2xf32> {
  // CHECK: [[S:%.+]] = tensor.extract_slice %x[1] [5] [1] : tensor<7xf32> to tensor<5xf32>
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (((d0 * 2) + d1))>
  // CHECK-SAME: ins([[S]], {{%.+}} : tensor<5xf32>, tensor<3xf32>)
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  %w = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1 + 1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : tensor<7xf32>, tensor<3xf32>) outs(%f : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// What is padded is made for one tile, its padding with it.

// CHECK-LABEL: @negative_padding
func.func @negative_padding(%x: tensor<6xf32>) -> tensor<4xf32> {
  // CHECK-NOT: tensor.extract_slice
  // CHECK: func.return
  %c = arith.constant 0.0 : f32
  %p = tensor.pad %x low[1] high[0] {
  ^bb0(%i: index):
    tensor.yield %c : f32
  } : tensor<6xf32> to tensor<7xf32>
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 * 2)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%p : tensor<7xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
