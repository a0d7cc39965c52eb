// RUN: deployopt %s -p linalg-from-nn | filecheck %s

// A sum over the second dimension: it stays, as a loop of size 1 (d2).

// CHECK-LABEL: @reduce
// CHECK: %[[FULL:.*]] = linalg.fill
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-SAME: ["parallel", "reduction", "parallel"]
// CHECK: arith.addf
func.func @reduce(%x: tensor<2x8xf32>) -> tensor<2x1xf32> {
  %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  func.return %y : tensor<2x1xf32>
}

// Bytes are summed in 32 bits, which they do not leave; sums of whole words wrap around.

// CHECK-LABEL: @sums_of_integers
// CHECK: arith.addi {{.*}} overflow<nsw> : i32
// CHECK: arith.addi %{{[^ ]*}}, %{{[^ ]*}} : i32
// CHECK: arith.addi %{{[^ ]*}}, %{{[^ ]*}} : i64
func.func @sums_of_integers(%x: tensor<8xi8>, %y: tensor<8xi32>, %z: tensor<8xi64>) -> (tensor<1xi32>, tensor<1xi32>, tensor<1xi64>) {
  %a = nn.reduce(%x) {kind = "sum", axes = array<i64: 0>} : (tensor<8xi8>) -> tensor<1xi32>
  %b = nn.reduce(%y) {kind = "sum", axes = array<i64: 0>} : (tensor<8xi32>) -> tensor<1xi32>
  %c = nn.reduce(%z) {kind = "sum", axes = array<i64: 0>} : (tensor<8xi64>) -> tensor<1xi64>
  func.return %a, %b, %c : tensor<1xi32>, tensor<1xi32>, tensor<1xi64>
}

// Stride 2 and dilation 3: position d1 with tap d3 reads element 2 * d1 + 3 * d3.

// CHECK-LABEL: @conv_stride_and_dilation
// CHECK: affine_map<(d0, d1, d2, d3, d4) -> (d0, ((d1 * 2) + (d3 * 3)), d4)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>
func.func @conv_stride_and_dilation(%x: tensor<1x9x2xf32>, %w: tensor<2x2x4xf32>) -> tensor<1x3x4xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 3>, groups = 1 : i64, channels_last} : (tensor<1x9x2xf32>, tensor<2x2x4xf32>) -> tensor<1x3x4xf32>
  func.return %y : tensor<1x3x4xf32>
}

// Padding holds the zero point, which the body subtracts: it adds nothing.

// CHECK-LABEL: @conv_integer
// CHECK: %[[ZERO:.*]] = arith.constant 5 : i8
// CHECK: tensor.pad
// CHECK: tensor.yield %[[ZERO]] : i8
// CHECK: linalg.generic
// CHECK: arith.extsi
// CHECK: arith.subi %{{.*}}, %{{.*}} overflow<nsw> : i32
// CHECK: arith.muli
// CHECK: linalg.yield %{{.*}} : i32
func.func @conv_integer(%x: tensor<1x4x1xi8>, %w: tensor<3x1x1xi8>) -> tensor<1x4x1xi32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, groups = 1 : i64, channels_last, input_zero_point = 5 : i64} : (tensor<1x4x1xi8>, tensor<3x1x1xi8>) -> tensor<1x4x1xi32>
  func.return %y : tensor<1x4x1xi32>
}

// One filter and one channel per group: no loop over either.

// CHECK-LABEL: @conv_depthwise
// CHECK: affine_map<(d0, d1, d2, d3) -> (d0, (d1 + d3), d2)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3) -> (d3, 0, d2)>
func.func @conv_depthwise(%x: tensor<1x6x4xf32>, %w: tensor<3x1x4xf32>) -> tensor<1x4x4xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 4 : i64, channels_last} : (tensor<1x6x4xf32>, tensor<3x1x4xf32>) -> tensor<1x4x4xf32>
  func.return %y : tensor<1x4x4xf32>
}

// The epilogue is a parallel generic that reads the accumulator with the identity map.

// CHECK-LABEL: @epilogue
// CHECK: %[[ACC:.*]] = linalg.generic
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[ACC]], %{{.*}} : tensor<2x4xf32>, tensor<4xf32>)
// CHECK: arith.addf
// CHECK: arith.maximumf
func.func @epilogue(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<4xf32>) -> tensor<2x4xf32> {
  %y = nn.matmul(%a, %b) with (%c) epilogue {
  ^bb0(%acc: f32, %bias: f32):
    %zero = arith.constant 0.0 : f32
    %s = arith.addf %acc, %bias : f32
    %r = arith.maximumf %s, %zero : f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// Unsigned elements become signless; the signedness is in the operation.

// CHECK-LABEL: @unsigned_maximum
// CHECK-SAME: tensor<4xi8>{{.*}} -> tensor<1xi8>
// CHECK: arith.maxui
func.func @unsigned_maximum(%x: tensor<4xui8>) -> tensor<1xui8> {
  %y = nn.reduce(%x) {kind = "max", axes = array<i64: 0>} : (tensor<4xui8>) -> tensor<1xui8>
  func.return %y : tensor<1xui8>
}

// CHECK-LABEL: @location_stays
// CHECK: tensor.empty() {{.*}} loc("pool")
// CHECK: linalg.fill {{.*}} loc("pool")
// CHECK: -> tensor<1x2x1xf32> loc("pool")
func.func @location_stays(%x: tensor<1x4x1xf32>) -> tensor<1x2x1xf32> {
  %y = nn.pool(%x) {kind = "sum", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, channels_last} : (tensor<1x4x1xf32>) -> tensor<1x2x1xf32> loc("pool")
  func.return %y : tensor<1x2x1xf32>
}

// CHECK-LABEL: @negative_no_network
// CHECK-NOT: linalg
// CHECK: func.return
func.func @negative_no_network(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

// The body captures the table; a byte counts from 0 to 255.
// CHECK-LABEL: @lookup
// CHECK: linalg.generic {{.*}} ins(%x : tensor<4xi8>)
// CHECK: arith.extui {{.*}} : i8 to i32
// CHECK-NEXT: arith.index_cast {{.*}} : i32 to index
// CHECK-NEXT: tensor.extract %t[{{.*}}] : tensor<256xi8>
// CHECK-NEXT: linalg.yield
func.func @lookup(%x: tensor<4xi8>, %t: tensor<256xi8>) -> tensor<4xi8> {
  %y = nn.lookup(%x, %t) : (tensor<4xi8>, tensor<256xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// Each row twice is one copy: d1 counts the times.

// CHECK-LABEL: @gather_each_twice
// CHECK: affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK: tensor.collapse_shape {{.*}} : tensor<3x2x4xf32> into tensor<6x4xf32>
func.func @gather_each_twice(%x: tensor<3x4xf32>) -> tensor<6x4xf32> {
  %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 0, 0, 1, 1, 2, 2>} : (tensor<3x4xf32>) -> tensor<6x4xf32>
  func.return %y : tensor<6x4xf32>
}

// Two halves element by element, from the second row on: row d0 + 1 + 2 * d1.

// CHECK-LABEL: @gather_interleaved
// CHECK: affine_map<(d0, d1, d2) -> (((d0 + 1) + (d1 * 2)), d2)>
func.func @gather_interleaved(%x: tensor<6x4xf32>) -> tensor<4x4xf32> {
  %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 1, 3, 2, 4>} : (tensor<6x4xf32>) -> tensor<4x4xf32>
  func.return %y : tensor<4x4xf32>
}

// A loop over the first entries needs them to be all there are.

// CHECK-LABEL: @gather_of_first_entries
// CHECK: tensor.extract_slice %x[0, 0] [3, 4] [1, 1]
// CHECK-NOT: tensor.insert_slice
// CHECK: linalg.generic
func.func @gather_of_first_entries(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 0, 1, 2, 0, 1, 2>} : (tensor<6x4xf32>) -> tensor<6x4xf32>
  func.return %y : tensor<6x4xf32>
}

// CHECK-LABEL: @slice_that_turns_one_dimension
// CHECK: tensor.extract_slice %x[0, 0] [5, 4] [1, 1]
// CHECK: linalg.generic
func.func @slice_that_turns_one_dimension(%x: tensor<6x4xf32>) -> tensor<5x4xf32> {
  %y = nn.slice(%x) {starts = array<i64: 0, 3>, steps = array<i64: 1, -1>} : (tensor<6x4xf32>) -> tensor<5x4xf32>
  func.return %y : tensor<5x4xf32>
}

// CHECK-LABEL: @negative_gather_of_no_grid
// CHECK-NOT: linalg.generic
// CHECK-COUNT-2: tensor.insert_slice
func.func @negative_gather_of_no_grid(%x: tensor<6x4xf32>) -> tensor<4x4xf32> {
  %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 1, 3, 2, 5>} : (tensor<6x4xf32>) -> tensor<4x4xf32>
  func.return %y : tensor<4x4xf32>
}

// Each index is looked at once: from the end where it is below zero, then the nearest.
// The body captures the source.

// CHECK-LABEL: @take
// CHECK: linalg.generic {{.*}} ins(%i : tensor<4x1xi64>)
// CHECK: arith.cmpi slt, %[[INDEX:.*]], %{{.*}} : i64
// CHECK: %[[SHIFTED:.*]] = arith.addi %[[INDEX]], %{{.*}} : i64
// CHECK: arith.select %{{.*}}, %[[SHIFTED]], %[[INDEX]] : i64
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.trunci {{.*}} : i64 to i32
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1) -> (d0, 0)>
// CHECK: %[[ROW:.*]] = arith.index_cast {{.*}} : i32 to index
// CHECK-NEXT: %[[COLUMN:.*]] = linalg.index 1
// CHECK-NEXT: tensor.extract %x[%[[ROW]], %[[COLUMN]]] : tensor<9x8xf32>
func.func @take(%x: tensor<9x8xf32>, %i: tensor<4x1xi64>) -> tensor<4x8xf32> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4x1xi64>) -> tensor<4x8xf32>
  func.return %y : tensor<4x8xf32>
}
