// RUN: deployopt %s -p linalg-pack-words --machine scratchpad --set isa=rv64gcv_zvqdotq --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-pack-words --machine scratchpad --no-debuginfo | filecheck %s --check-prefix PLAIN
// RUN: deployopt %s -p linalg-pack-words --machine rv64gcv --set isa=rv64gcv_zvqdotq --no-debuginfo | filecheck %s --check-prefix PLAIN

// PLAIN-NOT: d2 * 4

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (k, n)>
#turned = affine_map<(m, n, k) -> (n, k)>
#result = affine_map<(m, n, k) -> (m, n)>

// Column 0 is 1 to 8, column 1 is 11 to 18: words of four rows each.

// CHECK-LABEL: @columns
func.func @columns(%x: tensor<3x8xi8>, %y: tensor<3x2xi32>) -> tensor<3x2xi32> {
  // CHECK: [[W:%.+]] = arith.constant dense<{{\[\[\[}}1, 2, 3, 4], [11, 12, 13, 14]], {{\[\[}}5, 6, 7, 8], [15, 16, 17, 18]]]> : tensor<2x2x4xi8>
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, ((d2 * 4) + d3))>, affine_map<(d0, d1, d2, d3) -> (d2, d1, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
  // CHECK-SAME: ins(%x, [[W]] :
  %w = arith.constant dense<[[1, 11], [2, 12], [3, 13], [4, 14], [5, 15], [6, 16], [7, 17], [8, 18]]> : tensor<8x2xi8>
  %r = linalg.generic {indexing_maps = [#row, #column, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<3x8xi8>, tensor<8x2xi8>) outs(%y : tensor<3x2xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<3x2xi32>
  func.return %r : tensor<3x2xi32>
}

// Where the bytes of a word are neighbours already, words of several results come to stand
// together. One number for all is still one for all.

// CHECK-LABEL: @rows
func.func @rows(%x: tensor<3x8xi8>, %y: tensor<3x2xi32>) -> tensor<3x2xi32> {
  // CHECK: [[W:%.+]] = arith.constant dense<7> : tensor<2x2x4xi8>
  // CHECK: (d2, d1, d3)
  // CHECK-SAME: ins([[W]], %x :
  %w = arith.constant dense<7> : tensor<2x8xi8>
  %r = linalg.generic {indexing_maps = [#turned, #row, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%w, %x : tensor<2x8xi8>, tensor<3x8xi8>) outs(%y : tensor<3x2xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extui %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %p, %s : i32
    linalg.yield %t : i32
  } -> tensor<3x2xi32>
  func.return %r : tensor<3x2xi32>
}

// Six are no whole words.

// CHECK-LABEL: @negative_six
func.func @negative_six(%x: tensor<3x6xi8>, %y: tensor<3x2xi32>) -> tensor<3x2xi32> {
  // CHECK: arith.constant dense<1> : tensor<6x2xi8>
  %w = arith.constant dense<1> : tensor<6x2xi8>
  %r = linalg.generic {indexing_maps = [#row, #column, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<3x6xi8>, tensor<6x2xi8>) outs(%y : tensor<3x2xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<3x2xi32>
  func.return %r : tensor<3x2xi32>
}

// The other factor has the bytes of a word in different rows.

// CHECK-LABEL: @negative_apart
func.func @negative_apart(%x: tensor<8x4xi8>, %y: tensor<4x2xi32>) -> tensor<4x2xi32> {
  // CHECK: arith.constant dense<1> : tensor<8x2xi8>
  %w = arith.constant dense<1> : tensor<8x2xi8>
  %r = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, #column, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<8x4xi8>, tensor<8x2xi8>) outs(%y : tensor<4x2xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<4x2xi32>
  func.return %r : tensor<4x2xi32>
}

// Somebody else reads the constant as it is.

// CHECK-LABEL: @negative_shared
func.func @negative_shared(%x: tensor<3x8xi8>, %y: tensor<3x2xi32>) -> (tensor<3x2xi32>, tensor<8x2xi8>) {
  // CHECK: arith.constant dense<1> : tensor<8x2xi8>
  %w = arith.constant dense<1> : tensor<8x2xi8>
  %r = linalg.generic {indexing_maps = [#row, #column, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<3x8xi8>, tensor<8x2xi8>) outs(%y : tensor<3x2xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<3x2xi32>
  func.return %r, %w : tensor<3x2xi32>, tensor<8x2xi8>
}
