// RUN: deployopt %s -p linalg-fold-transposes --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-fold-transposes --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

#id = affine_map<(d0, d1) -> (d0, d1)>
#swap = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0)>
#cube = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#rows = affine_map<(d0, d1, d2) -> (d1, d0, d2)>

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

// What is only transposed for the caller is written that way, in the order of the result.

// CHECK-LABEL: @maker
func.func @maker(%x: tensor<3x4x5xf32>) -> tensor<4x3x5xf32> {
  // CHECK: [[E:%.+]] = tensor.empty() : tensor<4x3x5xf32>
  // CHECK: [[Y:%.+]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>]
  // CHECK-SAME: outs([[E]] : tensor<4x3x5xf32>)
  // CHECK: arith.negf
  // CHECK: func.return [[Y]] : tensor<4x3x5xf32>
  %d = tensor.empty() : tensor<3x4x5xf32>
  %n = linalg.generic {indexing_maps = [#cube, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<3x4x5xf32>) outs(%d : tensor<3x4x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.negf %a : f32
    linalg.yield %r : f32
  } -> tensor<3x4x5xf32>
  %e = tensor.empty() : tensor<4x3x5xf32>
  %t = linalg.generic {indexing_maps = [#rows, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%n : tensor<3x4x5xf32>) outs(%e : tensor<4x3x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x3x5xf32>
  func.return %t : tensor<4x3x5xf32>
}

// But not where it would then gather each vector from a column of x.

// CHECK-LABEL: @negative_gathers
func.func @negative_gathers(%x: tensor<3x4xf32>) -> tensor<4x3xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK: arith.negf
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]
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

// What a reduction leaves to its epilogue has the layout of the result as well: the epilogue
// reads it element by element, so that it stays in registers, or the result takes its place.

// CHECK-LABEL: @reduction_before_its_epilogue
func.func @reduction_before_its_epilogue(%x: tensor<2x3x4x5xf32>, %b: tensor<4xf32>) -> tensor<4x2x3xf32> {
  // CHECK: [[D:%.+]] = tensor.empty() : tensor<4x2x3xf32>
  // CHECK: [[F:%.+]] = linalg.fill ins(%c : f32) outs([[D]] : tensor<4x2x3xf32>)
  // CHECK: [[A:%.+]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d2, d0, d1)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
  // CHECK-SAME: outs([[F]] : tensor<4x2x3xf32>)
  // CHECK: [[E:%.+]] = tensor.empty() : tensor<4x2x3xf32>
  // CHECK: [[Y:%.+]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>]
  // CHECK-SAME: ins([[A]], %b : tensor<4x2x3xf32>, tensor<4xf32>) outs([[E]] : tensor<4x2x3xf32>)
  // CHECK-NOT: linalg.generic
  // CHECK: func.return [[Y]] : tensor<4x2x3xf32>
  %c = arith.constant 0.0 : f32
  %d = tensor.empty() : tensor<2x3x4xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<2x3x4x5xf32>) outs(%f : tensor<2x3x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  } -> tensor<2x3x4xf32>
  %n = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %b : tensor<2x3x4xf32>, tensor<4xf32>) outs(%d : tensor<2x3x4xf32>) {
  ^bb0(%a: f32, %w: f32, %o: f32):
    %r = arith.addf %a, %w : f32
    linalg.yield %r : f32
  } -> tensor<2x3x4xf32>
  %e = tensor.empty() : tensor<4x2x3xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%n : tensor<2x3x4xf32>) outs(%e : tensor<4x2x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x2x3xf32>
  func.return %t : tensor<4x2x3xf32>
}

// An epilogue that asks for its place keeps its loops, and writes by another map.

// CHECK-LABEL: @negative_epilogue_with_index
func.func @negative_epilogue_with_index(%x: tensor<3x4x5xi32>) -> tensor<4x3x5xi32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0, d2)>]
  // CHECK-NOT: linalg.generic
  // CHECK: func.return
  %d = tensor.empty() : tensor<3x4x5xi32>
  %n = linalg.generic {indexing_maps = [#cube, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<3x4x5xi32>) outs(%d : tensor<3x4x5xi32>) {
  ^bb0(%a: i32, %o: i32):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %r = arith.addi %a, %j : i32
    linalg.yield %r : i32
  } -> tensor<3x4x5xi32>
  %e = tensor.empty() : tensor<4x3x5xi32>
  %t = linalg.generic {indexing_maps = [#rows, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%n : tensor<3x4x5xi32>) outs(%e : tensor<4x3x5xi32>) {
  ^bb0(%a: i32, %o: i32):
    linalg.yield %a : i32
  } -> tensor<4x3x5xi32>
  func.return %t : tensor<4x3x5xi32>
}

// Sums over rows of x: results side by side would be made of a column, so the transpose
// stays, and so does the epilogue between the two.

// CHECK-LABEL: @negative_lanes_apart
func.func @negative_lanes_apart(%x: tensor<5x3x4xf32>) -> tensor<4x3xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]
  %c = arith.constant 0.0 : f32
  %d = tensor.empty() : tensor<3x4xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<3x4xf32>) -> tensor<3x4xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x : tensor<5x3x4xf32>) outs(%f : tensor<3x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %o, %a : f32
    linalg.yield %r : f32
  } -> tensor<3x4xf32>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<3x4xf32>) outs(%d : tensor<3x4xf32>) {
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

// A product of rows of two tensors: with the second as it is, neither rows nor columns of the
// result could be lanes, so the transpose stays.

// CHECK-LABEL: @negative_no_lanes
func.func @negative_no_lanes(%x: tensor<5x3xf32>, %w: tensor<4x3xf32>) -> tensor<5x4xf32> {
  // CHECK: [[T:%.+]] = linalg.generic {{.*}} ins(%w
  // CHECK: linalg.generic {{.*}} ins(%x, [[T]]
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x4xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<4x3xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<3x4xf32>
  %d = tensor.empty() : tensor<5x4xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<5x4xf32>) -> tensor<5x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %t : tensor<5x3xf32>, tensor<3x4xf32>) outs(%f : tensor<5x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<5x4xf32>
  func.return %y : tensor<5x4xf32>
}

// A sum of elements has no lanes either way: each is read once, wherever it stands.

// CHECK-LABEL: @elements_of_both
func.func @elements_of_both(%x: tensor<4x3xf32>, %w: tensor<3x4xf32>) -> tensor<4x3xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]
  // CHECK-NOT: linalg.generic
  // CHECK: func.return
  %e = tensor.empty() : tensor<4x3xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x3xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %t : tensor<4x3xf32>, tensor<4x3xf32>) outs(%e : tensor<4x3xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<4x3xf32>
  func.return %y : tensor<4x3xf32>
}

// Columns of 16 are four vectors of four lanes, as rows of 16 are.

// CHECK-LABEL: @sums_along_either
func.func @sums_along_either(%x: tensor<99x16xf32>, %w: tensor<99x16xf32>) -> tensor<16x16xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d1, d0)>]
  // CHECK-NOT: linalg.generic
  // CHECK: func.return
  %c = arith.constant 0.0 : f32
  %d = tensor.empty() : tensor<16x16xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<16x16xf32>) -> tensor<16x16xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<99x16xf32>, tensor<99x16xf32>) outs(%f : tensor<16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<16x16xf32>
  %e = tensor.empty() : tensor<16x16xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<16x16xf32>
  func.return %t : tensor<16x16xf32>
}

// Rows of 5 take two vectors, of which the second has one lane.

// CHECK-LABEL: @negative_lanes_to_spare
func.func @negative_lanes_to_spare(%x: tensor<99x5xf32>, %w: tensor<99x16xf32>) -> tensor<16x5xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]
  %c = arith.constant 0.0 : f32
  %d = tensor.empty() : tensor<5x16xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<5x16xf32>) -> tensor<5x16xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<99x5xf32>, tensor<99x16xf32>) outs(%f : tensor<5x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<5x16xf32>
  %e = tensor.empty() : tensor<16x5xf32>
  %t = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<5x16xf32>) outs(%e : tensor<16x5xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<16x5xf32>
  func.return %t : tensor<16x5xf32>
}

// Windows of seven to 50 filters: in vectors of 75 pixels they take a ninth more than in
// those of filters, for blocks of few rows.

// CHECK-LABEL: @negative_a_ninth_more
func.func @negative_a_ninth_more(%x: tensor<21x20x81xf32>, %w: tensor<7x21x50xf32>) -> tensor<50x20x75xf32> {
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d4, d0, (d1 + d3))>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>]
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>]
  %c = arith.constant 0.0 : f32
  %d = tensor.empty() : tensor<20x75x50xf32>
  %f = linalg.fill ins(%c : f32) outs(%d : tensor<20x75x50xf32>) -> tensor<20x75x50xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, w, f, k, c) -> (c, h, w + k)>, affine_map<(h, w, f, k, c) -> (k, c, f)>, affine_map<(h, w, f, k, c) -> (h, w, f)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : tensor<21x20x81xf32>, tensor<7x21x50xf32>) outs(%f : tensor<20x75x50xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %o, %p : f32
    linalg.yield %r : f32
  } -> tensor<20x75x50xf32>
  %e = tensor.empty() : tensor<50x20x75xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, #cube], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<20x75x50xf32>) outs(%e : tensor<50x20x75xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<50x20x75xf32>
  func.return %t : tensor<50x20x75xf32>
}
