// RUN: deployopt %s -p linalg-choose-groups --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-choose-groups --machine scratchpad --no-debuginfo | filecheck %s --check-prefix CLOSED
// RUN: deployopt %s -p linalg-choose-groups --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix LANES

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#flip = affine_map<(d0, d1) -> (d1, d0)>

// What accumulates and what finishes it.

// CHECK-LABEL: @reduction_and_epilogue
func.func @reduction_and_epilogue(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  // CHECK-NOT: linalg.fill {{.*}}deploy.group
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  // CHECK: attrs = {deploy.group = 0 : i64}
  %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x3xf32>) outs(%f : tensor<2xf32>) {
  ^bb0(%p: f32, %acc: f32):
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  // CHECK: attrs = {deploy.group = 0 : i64}
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// Both readers of %a are in the group: it is still made once and used at once.

// CHECK-LABEL: @two_readers_in_one_group
func.func @two_readers_in_one_group(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.group = 0
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  // CHECK: deploy.group = 0
  %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = math.sqrt %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  // CHECK: deploy.group = 0
  %c = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %n = arith.mulf %p, %q : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}

// CHECK-LABEL: @negative_also_a_result
func.func @negative_also_a_result(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.group = 0
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  // CHECK: deploy.group = 1
  %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = math.sqrt %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @negative_read_transposed
func.func @negative_read_transposed(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  // CHECK: deploy.group = 0
  %a = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4x4xf32>
  // CHECK: deploy.group = 1
  %b = linalg.generic {indexing_maps = [#flip, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = math.sqrt %p : f32
    linalg.yield %n : f32
  } -> tensor<4x4xf32>
  func.return %b : tensor<4x4xf32>
}

// The second sum would have to run while the first one is not finished.

// CHECK-LABEL: @negative_two_reductions
func.func @negative_two_reductions(%x: tensor<2x3xf32>) -> tensor<f32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  // CHECK: deploy.group = 0
  %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x3xf32>) outs(%f : tensor<2xf32>) {
  ^bb0(%p: f32, %acc: f32):
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  %e0 = tensor.empty() : tensor<f32>
  %f0 = linalg.fill ins(%c0 : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  // CHECK: deploy.group = 1
  %y = linalg.generic {indexing_maps = [#id1, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%a : tensor<2xf32>) outs(%f0 : tensor<f32>) {
  ^bb0(%p: f32, %acc: f32):
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  func.return %y : tensor<f32>
}

// CHECK-LABEL: @negative_chosen_by_hand
func.func @negative_chosen_by_hand(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.group = 7
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) attrs = {deploy.group = 7 : i64} {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  // CHECK-NOT: deploy.group
  %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = math.sqrt %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  func.return %b : tensor<4xf32>
}

// Two sums meet. One of them has to be memory, and the one that is rounded to i8 before
// they meet takes less of it than the other.

// CHECK-LABEL: @the_cheapest_cut
func.func @the_cheapest_cut(%x: tensor<2x3xi32>, %z: tensor<2x3xi32>) -> tensor<2xi32> {
  %c0 = arith.constant 0 : i32
  %e = tensor.empty() : tensor<2xi32>
  %e8 = tensor.empty() : tensor<2xi8>
  %f = linalg.fill ins(%c0 : i32) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  // CHECK: linalg.generic {{.*}} ins(%x {{.*}} attrs = {deploy.group = 0 : i64}
  %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x3xi32>) outs(%f : tensor<2xi32>) {
  ^bb0(%p: i32, %acc: i32):
    %s = arith.addi %acc, %p : i32
    linalg.yield %s : i32
  } -> tensor<2xi32>
  // CHECK: linalg.generic {{.*}} ins(%a {{.*}} attrs = {deploy.group = 0 : i64}
  %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<2xi32>) outs(%e8 : tensor<2xi8>) {
  ^bb0(%p: i32, %o: i8):
    %t = arith.trunci %p : i32 to i8
    linalg.yield %t : i8
  } -> tensor<2xi8>
  // CHECK: linalg.generic {{.*}} ins(%z {{.*}} attrs = {deploy.group = 1 : i64}
  %b = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%z : tensor<2x3xi32>) outs(%f : tensor<2xi32>) {
  ^bb0(%p: i32, %acc: i32):
    %s = arith.addi %acc, %p : i32
    linalg.yield %s : i32
  } -> tensor<2xi32>
  // CHECK: linalg.generic {{.*}} ins(%r, %b {{.*}} attrs = {deploy.group = 1 : i64}
  %y = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%r, %b : tensor<2xi8>, tensor<2xi32>) outs(%e : tensor<2xi32>) {
  ^bb0(%p: i8, %q: i32, %o: i32):
    %w = arith.extsi %p : i8 to i32
    %s = arith.addi %w, %q : i32
    linalg.yield %s : i32
  } -> tensor<2xi32>
  func.return %y : tensor<2xi32>
}

// A pad is a member of all groups that read it. Where kernels may not touch all memory,
// tiles do the padding.

// CLOSED-NOT: deploy.group = array
// CHECK-LABEL: @pad
func.func @pad(%x: tensor<4xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  // CHECK: tensor.pad %x low[1] high[1] {
  // CHECK: } {deploy.group = array<i64: 0, 1>} : tensor<4xf32> to tensor<6xf32>
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %c0 : f32
  } : tensor<4xf32> to tensor<6xf32>
  // CHECK: deploy.group = 0 : i64
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%e : tensor<6xf32>) {
  ^bb0(%q: f32, %o: f32):
    %n = arith.negf %q : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  // CHECK: deploy.group = 1 : i64
  %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%e : tensor<6xf32>) {
  ^bb0(%q: f32, %o: f32):
    %n = math.sqrt %q : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  func.return %a, %b : tensor<6xf32>, tensor<6xf32>
}

// Lanes along a row that read what is outside of it are scalars: 80 products at the ends of four rows, three
// instructions each, are more than 48 elements of a padding take. Three taps are 24 products beside 40 elements. Along
// another axis, all lanes are outside or none.

// CHECK-LABEL: @windows
// CHECK-COUNT-3: {deploy.group = array<i64: {{.}}>}
// LANES-LABEL: @windows
// LANES: tensor.pad %x low[1, 0] high[1, 0] {
// LANES: {deploy.group = array<i64: 0>} : tensor<4x8xf32> to tensor<6x8xf32>
// LANES-NOT: deploy.group = array
// LANES: tensor<4x8xf32> to tensor<4x12xf32>
// LANES: {deploy.group = array<i64: 2>} : tensor<4x8xf32> to tensor<4x10xf32>
func.func @windows(%x: tensor<4x8xf32>, %k: tensor<3xf32>, %l: tensor<5xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = tensor.pad %x low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c0 : f32
  } : tensor<4x8xf32> to tensor<6x8xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%p, %k : tensor<6x8xf32>, tensor<3xf32>) outs(%f : tensor<4x8xf32>) {
  ^bb0(%v: f32, %w: f32, %acc: f32):
    %m = arith.mulf %v, %w : f32
    %s = arith.addf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  %q = tensor.pad %x low[0, 2] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c0 : f32
  } : tensor<4x8xf32> to tensor<4x12xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1 + d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%q, %l : tensor<4x12xf32>, tensor<5xf32>) outs(%f : tensor<4x8xf32>) {
  ^bb0(%v: f32, %w: f32, %acc: f32):
    %m = arith.mulf %v, %w : f32
    %s = arith.addf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  %r = tensor.pad %x low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c0 : f32
  } : tensor<4x8xf32> to tensor<4x10xf32>
  %c = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1 + d2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%r, %k : tensor<4x10xf32>, tensor<3xf32>) outs(%f : tensor<4x8xf32>) {
  ^bb0(%v: f32, %w: f32, %acc: f32):
    %m = arith.mulf %v, %w : f32
    %s = arith.addf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<4x8xf32>
  func.return %a, %b, %c : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// Who needs the whole of it needs memory.

// CHECK-LABEL: @negative_pad_is_a_result
func.func @negative_pad_is_a_result(%x: tensor<4xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  // CHECK: tensor.pad
  // CHECK-NOT: deploy.group = array
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %c0 : f32
  } : tensor<4xf32> to tensor<6xf32>
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%e : tensor<6xf32>) {
  ^bb0(%q: f32, %o: f32):
    %n = arith.negf %q : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  func.return %a, %p : tensor<6xf32>, tensor<6xf32>
}

// CHECK-LABEL: @negative_pad_is_a_destination
func.func @negative_pad_is_a_destination(%x: tensor<4xf32>, %y: tensor<6xf32>) -> tensor<6xf32> {
  %c0 = arith.constant 0.0 : f32
  // CHECK: tensor.pad
  // CHECK-NOT: deploy.group = array
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %c0 : f32
  } : tensor<4xf32> to tensor<6xf32>
  %a = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%y : tensor<6xf32>) outs(%p : tensor<6xf32>) {
  ^bb0(%q: f32, %o: f32):
    %n = arith.addf %q, %o : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  func.return %a : tensor<6xf32>
}
