// RUN: deployopt %s -p linalg-fuse-producers | filecheck %s

// Windows side by side: position d0 with tap d1 reads element 2 * d0 + d1, once.

// CHECK-LABEL: @window_side_by_side
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1) -> (((d0 * 2) + d1))>
// CHECK-SAME: ins(%{{.*}}, %{{.*}} : tensor<8xi8>, tensor<2xf32>)
// CHECK-NEXT: ^bb0(%[[Q:.*]]: i8, %{{.*}}: f32, %[[ACC:.*]]: f32):
// CHECK-NEXT: %[[F:.*]] = arith.sitofp %[[Q]] : i8 to f32
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[ACC]], %[[F]] : f32
// CHECK-NEXT: linalg.yield %[[S]] : f32
// CHECK-NEXT: } -> tensor<4xf32> loc(fused["pool", "dequantize"])
// CHECK-NOT: linalg.generic
func.func @window_side_by_side(%q: tensor<8xi8>, %w: tensor<2xf32>, %d: tensor<8xf32>, %acc: tensor<4xf32>) -> tensor<4xf32> {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%q : tensor<8xi8>) outs(%d : tensor<8xf32>) {
  ^bb0(%x: i8, %o: f32):
    %r = arith.sitofp %x : i8 to f32
    linalg.yield %r : f32
  } -> tensor<8xf32> loc("dequantize")
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%f, %w : tensor<8xf32>, tensor<2xf32>) outs(%acc : tensor<4xf32>) {
  ^bb0(%x: f32, %t: f32, %a: f32):
    %r = arith.addf %a, %x : f32
    linalg.yield %r : f32
  } -> tensor<4xf32> loc("pool")
  func.return %s : tensor<4xf32>
}

// Windows that overlap would convert an element twice.

// CHECK-LABEL: @negative_window_overlaps
// CHECK: arith.sitofp
// CHECK: linalg.generic
// CHECK: arith.addf
func.func @negative_window_overlaps(%q: tensor<5xi8>, %w: tensor<2xf32>, %d: tensor<5xf32>, %acc: tensor<4xf32>) -> tensor<4xf32> {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%q : tensor<5xi8>) outs(%d : tensor<5xf32>) {
  ^bb0(%x: i8, %o: f32):
    %r = arith.sitofp %x : i8 to f32
    linalg.yield %r : f32
  } -> tensor<5xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%f, %w : tensor<5xf32>, tensor<2xf32>) outs(%acc : tensor<4xf32>) {
  ^bb0(%x: f32, %t: f32, %a: f32):
    %r = arith.addf %a, %x : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  func.return %s : tensor<4xf32>
}

// An accumulator would be stored instead of the narrower result.

// CHECK-LABEL: @negative_widens_what_is_stored
// CHECK: arith.trunci
// CHECK: linalg.generic
// CHECK: arith.addi
func.func @negative_widens_what_is_stored(%x: tensor<3xi32>, %d: tensor<3xi8>, %acc: tensor<i8>) -> tensor<i8> {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<3xi32>) outs(%d : tensor<3xi8>) {
  ^bb0(%a: i32, %o: i8):
    %r = arith.trunci %a : i32 to i8
    linalg.yield %r : i8
  } -> tensor<3xi8>
  %s = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%f : tensor<3xi8>) outs(%acc : tensor<i8>) {
  ^bb0(%a: i8, %c: i8):
    %r = arith.addi %c, %a : i8
    linalg.yield %r : i8
  } -> tensor<i8>
  func.return %s : tensor<i8>
}

// A row of a matrix product is read once for every column.

// CHECK-LABEL: @negative_read_again
// CHECK: arith.sitofp
// CHECK: linalg.generic
// CHECK: arith.mulf
func.func @negative_read_again(%x: tensor<3xi8>, %w: tensor<3x4xf32>, %d: tensor<3xf32>, %acc: tensor<4xf32>) -> tensor<4xf32> {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<3xi8>) outs(%d : tensor<3xf32>) {
  ^bb0(%a: i8, %o: f32):
    %r = arith.sitofp %a : i8 to f32
    linalg.yield %r : f32
  } -> tensor<3xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%f, %w : tensor<3xf32>, tensor<3x4xf32>) outs(%acc : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %r = arith.addf %c, %p : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  func.return %s : tensor<4xf32>
}

// CHECK-LABEL: @negative_two_readers
// CHECK: arith.sitofp
// CHECK: linalg.generic
// CHECK: arith.addf
func.func @negative_two_readers(%x: tensor<3xi8>, %d: tensor<3xf32>, %acc: tensor<f32>) -> (tensor<f32>, tensor<3xf32>) {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<3xi8>) outs(%d : tensor<3xf32>) {
  ^bb0(%a: i8, %o: f32):
    %r = arith.sitofp %a : i8 to f32
    linalg.yield %r : f32
  } -> tensor<3xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%f : tensor<3xf32>) outs(%acc : tensor<f32>) {
  ^bb0(%a: f32, %c: f32):
    %r = arith.addf %c, %a : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  func.return %s, %f : tensor<f32>, tensor<3xf32>
}

// One element is read again and again: without the tensor of three nobody knows how often.

// CHECK-LABEL: @negative_loop_without_size
// CHECK-COUNT-2: linalg.generic
func.func @negative_loop_without_size(%x: tensor<1xi8>, %d: tensor<3xf32>, %acc: tensor<1xf32>) -> tensor<1xf32> {
  %f = linalg.generic {indexing_maps = [affine_map<(d0) -> (0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<1xi8>) outs(%d : tensor<3xf32>) {
  ^bb0(%a: i8, %o: f32):
    %r = arith.sitofp %a : i8 to f32
    linalg.yield %r : f32
  } -> tensor<3xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%f : tensor<3xf32>) outs(%acc : tensor<1xf32>) {
  ^bb0(%a: f32, %c: f32):
    %r = arith.addf %c, %a : f32
    linalg.yield %r : f32
  } -> tensor<1xf32>
  func.return %s : tensor<1xf32>
}
