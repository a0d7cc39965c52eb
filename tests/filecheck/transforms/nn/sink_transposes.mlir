// RUN: deployopt %s -p nn-sink-transposes | filecheck %s

// CHECK-LABEL: @between_inverses
func.func @between_inverses(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.relu(%x) : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  // CHECK-NEXT: func.return %[[Y]]
  %a = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %b = nn.relu(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %c = nn.transpose(%b) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
  func.return %c : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: @both_operands
func.func @both_operands(%x: tensor<2x3xf32>, %z: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // CHECK-NEXT: %[[S:.*]] = nn.add(%x, %z)
  // CHECK-NEXT: nn.transpose(%[[S]]) {permutation = array<i64: 1, 0>} : {{.*}} loc("left")
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("left")
  %b = nn.transpose(%z) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("right")
  %c = nn.add(%a, %b) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  func.return %c : tensor<3x2xf32>
}

// CHECK-LABEL: @bias_of_lower_rank
func.func @bias_of_lower_rank(%x: tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-NEXT: %[[B:.*]] = nn.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: %[[S:.*]] = nn.add(%x, %[[B]])
  // CHECK-NEXT: nn.transpose(%[[S]])
  %b = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %a = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %c = nn.add(%a, %b) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  func.return %c : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: @renamed_dimensions
func.func @renamed_dimensions(%x: tensor<4x3x2xf32>) -> tensor<1x3x1xf32> {
  // CHECK-NEXT: %[[S:.*]] = nn.slice(%x) {starts = array<i64: 1, 0, 0>, steps = array<i64: 2, 1, 1>} : {{.*}} -> tensor<2x3x2xf32>
  // CHECK-NEXT: %[[G:.*]] = nn.gather(%[[S]]) {axis = 0 : i64, indices = array<i64: 1>} : {{.*}} -> tensor<1x3x2xf32>
  // CHECK-NEXT: %[[R:.*]] = nn.reduce(%[[G]]) {kind = "sum", axes = array<i64: 0, 2>} : {{.*}} -> tensor<1x3x1xf32>
  // CHECK-NEXT: func.return %[[R]]
  %a = nn.transpose(%x) {permutation = array<i64: 2, 1, 0>} : (tensor<4x3x2xf32>) -> tensor<2x3x4xf32>
  %s = nn.slice(%a) {starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x2xf32>
  %g = nn.gather(%s) {axis = 2 : i64, indices = array<i64: 1>} : (tensor<2x3x2xf32>) -> tensor<2x3x1xf32>
  %r = nn.reduce(%g) {kind = "sum", axes = array<i64: 0, 2>} : (tensor<2x3x1xf32>) -> tensor<1x3x1xf32>
  func.return %r : tensor<1x3x1xf32>
}

// CHECK-LABEL: @concatenation
func.func @concatenation(%x: tensor<2x3xf32>, %z: tensor<4x3xf32>) -> tensor<3x6xf32> {
  // CHECK-NEXT: %[[C:.*]] = nn.concat(%x, %z) {axis = 0 : i64}
  // CHECK-NEXT: nn.transpose(%[[C]])
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = nn.transpose(%z) {permutation = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %c = nn.concat(%a, %b) {axis = 1 : i64} : (tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<3x6xf32>
  func.return %c : tensor<3x6xf32>
}

// CHECK-LABEL: @pad_before_the_inverse
func.func @pad_before_the_inverse(%x: tensor<2x3xf32>) -> tensor<3x5xf32> {
  // CHECK-NEXT: nn.pad(%x) {low = array<i64: 1, 0>, high = array<i64: 0, 2>, value
  // CHECK-NEXT: func.return
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %p = nn.pad(%a) {low = array<i64: 0, 1>, high = array<i64: 2, 0>, value = 0.0 : f32} : (tensor<3x2xf32>) -> tensor<5x3xf32>
  %b = nn.transpose(%p) {permutation = array<i64: 1, 0>} : (tensor<5x3xf32>) -> tensor<3x5xf32>
  func.return %b : tensor<3x5xf32>
}

// Splitting a dimension keeps the moved ones apart: channel shuffles stay cheap.

// CHECK-LABEL: @reshape_that_splits
func.func @reshape_that_splits(%x: tensor<1x8x8x12xf32>) -> tensor<1x3x4x8x8xf32> {
  // CHECK-NEXT: %[[R:.*]] = nn.reshape(%x) : (tensor<1x8x8x12xf32>) -> tensor<1x8x8x3x4xf32>
  // CHECK-NEXT: nn.transpose(%[[R]]) {permutation = array<i64: 0, 3, 4, 1, 2>}
  %a = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x12xf32>) -> tensor<1x12x8x8xf32>
  %r = nn.reshape(%a) : (tensor<1x12x8x8xf32>) -> tensor<1x3x4x8x8xf32>
  func.return %r : tensor<1x3x4x8x8xf32>
}

// One transpose does the shuffle of the channels, whichever layout is outside.

// CHECK-LABEL: @meet_across_a_reshape_that_merges
func.func @meet_across_a_reshape_that_merges(%x: tensor<1x8x3x4xf32>) -> tensor<1x8x12xf32> {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x) {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x8x3x4xf32>) -> tensor<1x8x4x3xf32>
  // CHECK-NEXT: nn.reshape(%[[T]]) : (tensor<1x8x4x3xf32>) -> tensor<1x8x12xf32>
  // CHECK-NEXT: func.return
  %a = nn.transpose(%x) {permutation = array<i64: 0, 3, 2, 1>} : (tensor<1x8x3x4xf32>) -> tensor<1x4x3x8xf32>
  %r = nn.reshape(%a) : (tensor<1x4x3x8xf32>) -> tensor<1x12x8xf32>
  %b = nn.transpose(%r) {permutation = array<i64: 0, 2, 1>} : (tensor<1x12x8xf32>) -> tensor<1x8x12xf32>
  func.return %b : tensor<1x8x12xf32>
}

// CHECK-LABEL: @quantised_is_smaller
func.func @quantised_is_smaller(%x: tensor<2x3xf32>) -> tensor<3x2xi8> {
  // CHECK-NEXT: %[[Q:.*]] = nn.quantize(%x) {scale = {{.*}}, axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xi8>
  // CHECK-NEXT: nn.transpose(%[[Q]])
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %q = nn.quantize(%a) {scale = dense<[0.5, 0.25, 0.125]> : tensor<3xf32>, axis = 0 : i64} : (tensor<3x2xf32>) -> tensor<3x2xi8>
  func.return %q : tensor<3x2xi8>
}

// The other operand would need a transpose instead.

// CHECK-LABEL: @negative_other_operand
func.func @negative_other_operand(%x: tensor<2x3xf32>, %z: tensor<3x2xf32>) -> tensor<3x2xf32> {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x)
  // CHECK-NEXT: nn.add(%[[T]], %z)
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %c = nn.add(%a, %z) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  func.return %c : tensor<3x2xf32>
}

// As much would be moved on the other operand.

// CHECK-LABEL: @negative_other_operand_instead
func.func @negative_other_operand_instead(%x: tensor<2x3x4xf32>, %z: tensor<3x4x2xf32>) -> tensor<3x2x4xf32> {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x)
  // CHECK-NEXT: nn.add(%[[T]], %z)
  %a = nn.transpose(%x) {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %c = nn.add(%a, %z) : (tensor<3x4x2xf32>, tensor<3x4x2xf32>) -> tensor<3x4x2xf32>
  %d = nn.transpose(%c) {permutation = array<i64: 0, 2, 1>} : (tensor<3x4x2xf32>) -> tensor<3x2x4xf32>
  func.return %d : tensor<3x2x4xf32>
}

// The transpose stays for its second user.

// CHECK-LABEL: @negative_second_user
func.func @negative_second_user(%x: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x)
  // CHECK-NEXT: nn.relu(%[[T]])
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %r = nn.relu(%a) : (tensor<3x2xf32>) -> tensor<3x2xf32>
  func.return %a, %r : tensor<3x2xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: @negative_reshape_that_merges
func.func @negative_reshape_that_merges(%x: tensor<1x4x4x2xf32>) -> tensor<1x32xf32> {
  // CHECK-NEXT: nn.transpose(%x)
  // CHECK-NEXT: nn.reshape
  %a = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %r = nn.reshape(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x32xf32>
  func.return %r : tensor<1x32xf32>
}

// More would have to be moved after the pad than before it.

// CHECK-LABEL: @negative_result_is_larger
func.func @negative_result_is_larger(%x: tensor<2x3xf32>) -> tensor<5x3xf32> {
  // CHECK-NEXT: nn.transpose(%x)
  // CHECK-NEXT: nn.pad
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %p = nn.pad(%a) {low = array<i64: 0, 1>, high = array<i64: 2, 0>, value = 0.0 : f32} : (tensor<3x2xf32>) -> tensor<5x3xf32>
  func.return %p : tensor<5x3xf32>
}

// Two transposes of f32 move less than the same two and one of i8 before them.

// CHECK-LABEL: @dequantized_for_two
func.func @dequantized_for_two(%x : tensor<2x3x4xi8>) -> (tensor<4x3x2xf32>, tensor<3x2x4xf32>) {
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize(%x)
  // CHECK-NEXT: %[[A:.*]] = nn.transpose(%[[D]]) {permutation = array<i64: 2, 1, 0>}
  // CHECK-NEXT: %[[B:.*]] = nn.transpose(%[[D]]) {permutation = array<i64: 1, 0, 2>}
  // CHECK-NEXT: func.return %[[A]], %[[B]]
  %t = nn.transpose(%x) {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xi8>) -> tensor<3x4x2xi8>
  %d = nn.dequantize(%t) {scale = dense<0.5> : tensor<f32>} : (tensor<3x4x2xi8>) -> tensor<3x4x2xf32>
  %a = nn.transpose(%d) {permutation = array<i64: 1, 0, 2>} : (tensor<3x4x2xf32>) -> tensor<4x3x2xf32>
  %b = nn.transpose(%d) {permutation = array<i64: 0, 2, 1>} : (tensor<3x4x2xf32>) -> tensor<3x2x4xf32>
  func.return %a, %b : tensor<4x3x2xf32>, tensor<3x2x4xf32>
}

// CHECK-LABEL: @dequantized_and_undone
func.func @dequantized_and_undone(%x : tensor<2x3xi8>) -> (tensor<3x2xf32>, tensor<2x3xf32>) {
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize(%x)
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%[[D]])
  // CHECK-NEXT: func.return %[[T]], %[[D]]
  %t = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xi8>) -> tensor<3x2xi8>
  %d = nn.dequantize(%t) {scale = dense<0.5> : tensor<f32>} : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %a = nn.transpose(%d) {permutation = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  func.return %d, %a : tensor<3x2xf32>, tensor<2x3xf32>
}

// A transpose that another one will undo says nothing about what is worthwhile.

// CHECK-LABEL: @column_and_row
func.func @column_and_row(%x : tensor<4x3x1xf32>) -> (tensor<1x3x4xf32>, tensor<4x3x4xf32>) {
  // CHECK: %[[T:.*]] = nn.transpose(%x)
  // CHECK-NEXT: %[[S:.*]] = nn.add(%[[T]], %x)
  // CHECK-NEXT: func.return %{{.*}}, %[[S]]
  %t = nn.transpose(%x) {permutation = array<i64: 2, 1, 0>} : (tensor<4x3x1xf32>) -> tensor<1x3x4xf32>
  %r = nn.relu(%t) : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  %s = nn.add(%x, %t) : (tensor<4x3x1xf32>, tensor<1x3x4xf32>) -> tensor<4x3x4xf32>
  %u = nn.transpose(%s) {permutation = array<i64: 2, 1, 0>} : (tensor<4x3x4xf32>) -> tensor<4x3x4xf32>
  func.return %r, %u : tensor<1x3x4xf32>, tensor<4x3x4xf32>
}

// CHECK-LABEL: @as_many_bytes_of_integers
func.func @as_many_bytes_of_integers(%x: tensor<1x5x4x2xi32>) -> tensor<1x2x5x4xf32> {
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize(%x)
  // CHECK-NEXT: nn.transpose(%[[D]]) {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK-NEXT: func.return
  %t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x4x2xi32>) -> tensor<1x2x5x4xi32>
  %y = nn.dequantize(%t) {scale = dense<0.5> : tensor<f32>} : (tensor<1x2x5x4xi32>) -> tensor<1x2x5x4xf32>
  func.return %y : tensor<1x2x5x4xf32>
}
