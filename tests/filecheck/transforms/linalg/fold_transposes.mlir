// RUN: deployopt %s -p linalg-fold-transposes --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-fold-transposes --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0)>

// FLAT-LABEL: @reader
// FLAT-COUNT-2: linalg.generic

// The rows of the transposed tensor, one row of padding in front, are the columns of x.

// CHECK-LABEL: @reader
func.func @reader(%x: tensor<3x4xf32>) -> tensor<4xf32> {
  // CHECK: [[P:%.+]] = tensor.pad %x low[0, 1] high[0, 0] {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, (d0 + 1))>, affine_map<(d0, d1) -> (d0)>]
  // CHECK-SAME: ins([[P]] : tensor<3x5xf32>)
  // CHECK-NOT: linalg.generic
  // CHECK: func.return
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x3xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x3xf32>
  %p = tensor.pad %t low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c : f32
  } : tensor<4x3xf32> to tensor<5x3xf32>
  %d = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + 1, d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%p : tensor<5x3xf32>) outs(%f : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// What is only transposed for the caller is written that way.

// CHECK-LABEL: @maker
func.func @maker(%x: tensor<3x4xf32>) -> tensor<4x3xf32> {
  // CHECK: [[E:%.+]] = tensor.empty() : tensor<4x3xf32>
  // CHECK: [[Y:%.+]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1, d0)>]
  // CHECK-SAME: outs([[E]] : tensor<4x3xf32>)
  // CHECK: arith.negf
  // CHECK: func.return [[Y]] : tensor<4x3xf32>
  %d = tensor.empty() : tensor<3x4xf32>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%d : tensor<3x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.negf %a : f32
    linalg.yield %r : f32
  } -> tensor<3x4xf32>
  %e = tensor.empty() : tensor<4x3xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%n : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x3xf32>
  func.return %t : tensor<4x3xf32>
}

// Read twice, by the caller as well: the transposed tensor has to be there.

// CHECK-LABEL: @negative_two_readers
func.func @negative_two_readers(%x: tensor<3x4xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  // CHECK-COUNT-2: linalg.generic
  %e = tensor.empty() : tensor<4x3xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x3xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%t : tensor<4x3xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<4x3xf32>
  func.return %t, %y : tensor<4x3xf32>, tensor<4x3xf32>
}
