// RUN: deployopt %s -p linalg-fold-transposes --machine host --no-debuginfo | filecheck %s

#pixels = affine_map<(h, w, c) -> (c, h, w)>
#cube = affine_map<(h, w, c) -> (h, w, c)>
#window = affine_map<(h, w, f, k, c) -> (h, w + k, c)>
#filters = affine_map<(h, w, f, k, c) -> (k, c, f)>
#made = affine_map<(h, w, f, k, c) -> (h, w, f)>

// Each pixel multiplies the lanes of all filters, and stands in one of three planes.

// CHECK-LABEL: @channels
func.func @channels(%x: tensor<3x8x8xf32>, %w: tensor<3x3x16xf32>, %d: tensor<8x8x16xf32>) -> tensor<8x8x16xf32> {
  // CHECK: [[P:%.+]] = tensor.pad %x low[0, 0, 1] high[0, 0, 1] {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d4, d0, (d1 + d3))>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>
  // CHECK-SAME: ins([[P]], %w
  // CHECK-NOT: linalg.generic
  // CHECK: func.return
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8x3xf32>
  %t = linalg.generic {indexing_maps = [#pixels, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<3x8x8xf32>) outs(%e : tensor<8x8x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<8x8x3xf32>
  %p = tensor.pad %t low[0, 1, 0] high[0, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %c : f32
  } : tensor<8x8x3xf32> to tensor<8x10x3xf32>
  %s = linalg.generic {indexing_maps = [#window, #filters, #made], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : tensor<8x10x3xf32>, tensor<3x3x16xf32>) outs(%d : tensor<8x8x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<8x8x16xf32>
  func.return %s : tensor<8x8x16xf32>
}

// Of nine planes, a power of two apart, a cache of eight ways would not keep all lines.

// CHECK-LABEL: @negative_many_channels
func.func @negative_many_channels(%x: tensor<9x8x10xf32>, %w: tensor<3x9x16xf32>, %d: tensor<8x8x16xf32>) -> tensor<8x8x16xf32> {
  // CHECK-COUNT-2: linalg.generic
  %e = tensor.empty() : tensor<8x10x9xf32>
  %t = linalg.generic {indexing_maps = [#pixels, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<9x8x10xf32>) outs(%e : tensor<8x10x9xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<8x10x9xf32>
  %s = linalg.generic {indexing_maps = [#window, #filters, #made], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%t, %w : tensor<8x10x9xf32>, tensor<3x9x16xf32>) outs(%d : tensor<8x8x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<8x8x16xf32>
  func.return %s : tensor<8x8x16xf32>
}

// Four bytes in a row may be one word.

// CHECK-LABEL: @negative_bytes
func.func @negative_bytes(%x: tensor<4x8x10xi8>, %w: tensor<3x4x16xi8>, %d: tensor<8x8x16xi32>) -> tensor<8x8x16xi32> {
  // CHECK-COUNT-2: linalg.generic
  %e = tensor.empty() : tensor<8x10x4xi8>
  %t = linalg.generic {indexing_maps = [#pixels, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<4x8x10xi8>) outs(%e : tensor<8x10x4xi8>) {
  ^bb0(%a: i8, %o: i8):
    linalg.yield %a : i8
  } -> tensor<8x10x4xi8>
  %s = linalg.generic {indexing_maps = [#window, #filters, #made], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%t, %w : tensor<8x10x4xi8>, tensor<3x4x16xi8>) outs(%d : tensor<8x8x16xi32>) {
  ^bb0(%a: i8, %b: i8, %o: i32):
    %f = arith.extsi %a : i8 to i32
    %g = arith.extsi %b : i8 to i32
    %m = arith.muli %f, %g : i32
    %r = arith.addi %o, %m : i32
    linalg.yield %r : i32
  } -> tensor<8x8x16xi32>
  func.return %s : tensor<8x8x16xi32>
}

// The lanes of a window without filters are the channels themselves.

// CHECK-LABEL: @negative_lanes
func.func @negative_lanes(%x: tensor<3x8x10xf32>, %w: tensor<3x3xf32>, %d: tensor<8x8x3xf32>) -> tensor<8x8x3xf32> {
  // CHECK-COUNT-2: linalg.generic
  %e = tensor.empty() : tensor<8x10x3xf32>
  %t = linalg.generic {indexing_maps = [#pixels, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<3x8x10xf32>) outs(%e : tensor<8x10x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<8x10x3xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, w, c, k) -> (h, w + k, c)>, affine_map<(h, w, c, k) -> (k, c)>, affine_map<(h, w, c, k) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%t, %w : tensor<8x10x3xf32>, tensor<3x3xf32>) outs(%d : tensor<8x8x3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<8x8x3xf32>
  func.return %s : tensor<8x8x3xf32>
}
