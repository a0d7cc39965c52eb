// RUN: deployopt %s --verify-diagnostics --split-input-file | filecheck %s

// CHECK: result shape must be [1, 4, 6], got [1, 4, 8]
func.func @conv_shape(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x8xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x8xf32>
  func.return %y : tensor<1x4x8xf32>
}

// -----

// CHECK: 2 groups of 3 channels must make the input's 3 and divide the 4 outputs
func.func @conv_groups(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x6xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 2 : i64} : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x6xf32>
  func.return %y : tensor<1x4x6xf32>
}

// -----

// CHECK: input and weight must have the same rank, 3 or more, got 3 and 4
func.func @conv_rank(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x6xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x3x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6xf32>
  func.return %y : tensor<1x4x6xf32>
}

// -----

// CHECK: strides must have 1 entries, got [1, 1]
func.func @conv_strides(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x6xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x6xf32>
  func.return %y : tensor<1x4x6xf32>
}

// -----

// CHECK: pads must not be negative
func.func @conv_pads(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x5xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: -1, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x5xf32>
  func.return %y : tensor<1x4x5xf32>
}

// -----

// CHECK: result element type must be i32, got f32
func.func @integers_accumulate_in_i32(%x: tensor<1x3x8xi8>, %w: tensor<4x3x3xi8>) -> tensor<1x4x6xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x3x8xi8>, tensor<4x3x3xi8>) -> tensor<1x4x6xf32>
  func.return %y : tensor<1x4x6xf32>
}

// -----

// CHECK: epilogue operands need an epilogue
func.func @epilogue_missing(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<4xf32>) -> tensor<2x4xf32> {
  %y = nn.matmul(%a, %b) with (%c) : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// -----

// CHECK: epilogue operands must broadcast to [2, 4], got [3]
func.func @epilogue_broadcast(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<3xf32>) -> tensor<2x4xf32> {
  %y = nn.matmul(%a, %b) with (%c) epilogue {
  ^bb0(%acc: f32, %z: f32):
    nn.yield %acc : f32
  } : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// -----

// CHECK: region arguments must be (f32), got (i32)
func.func @epilogue_argument(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %y = nn.matmul(%a, %b) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// -----

// CHECK: region must yield f32, got i32
func.func @elementwise_result(%a: tensor<2xi32>) -> tensor<2xf32> {
  %y = nn.elementwise(%a) do {
  ^bb0(%x: i32):
    nn.yield %x : i32
  } : (tensor<2xi32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

// CHECK: inner dimensions must agree, got 3 and 2
func.func @matmul_inner(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %y = nn.matmul(%a, %b) : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// -----

// CHECK: batch dimensions must broadcast, got [2, 2, 3] and [3, 3, 4]
func.func @matmul_batch(%a: tensor<2x2x3xf32>, %b: tensor<3x3x4xf32>) -> tensor<2x2x4xf32> {
  %y = nn.matmul(%a, %b) : (tensor<2x2x3xf32>, tensor<3x3x4xf32>) -> tensor<2x2x4xf32>
  func.return %y : tensor<2x2x4xf32>
}

// -----

// CHECK: operands must have rank 2 or more, got 1 and 2
func.func @matmul_rank(%a: tensor<3xf32>, %b: tensor<3x4xf32>) -> tensor<4xf32> {
  %y = nn.matmul(%a, %b) : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

// CHECK: kind must be one of max, sum, got 'mean'
func.func @pool_kind(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %y = nn.pool(%x) {kind = "mean", kernel = array<i64: 1>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  func.return %y : tensor<1x1x4xf32>
}

// -----

// CHECK: input must have rank 3 or more, got 2
func.func @pool_rank(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %y = nn.pool(%x) {kind = "max", kernel = array<i64>, strides = array<i64>, pads = array<i64>, dilations = array<i64>} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %y : tensor<1x4xf32>
}

// -----

// CHECK: kernel, strides and dilations must be positive
func.func @pool_stride(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 1>, strides = array<i64: 0>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  func.return %y : tensor<1x1x4xf32>
}

// -----

// CHECK: axes must ascend within rank 2, got [1, 0]
func.func @reduce_axes(%x: tensor<2x4xf32>) -> tensor<1x1xf32> {
  %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1, 0>} : (tensor<2x4xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// -----

// CHECK: operands must broadcast, got [2], [3]
func.func @broadcast(%a: tensor<2xf32>, %b: tensor<3xf32>) -> tensor<3xf32> {
  %y = nn.add(%a, %b) : (tensor<2xf32>, tensor<3xf32>) -> tensor<3xf32>
  func.return %y : tensor<3xf32>
}

// -----

// CHECK: operands must have one element type, got
func.func @mixed_types(%a: tensor<2xf32>, %b: tensor<2xi32>) -> tensor<2xf32> {
  %y = nn.add(%a, %b) : (tensor<2xf32>, tensor<2xi32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

// CHECK: result element type must be f32, got i32
func.func @result_type(%a: tensor<2xf32>) -> tensor<2xi32> {
  %y = nn.relu(%a) : (tensor<2xf32>) -> tensor<2xi32>
  func.return %y : tensor<2xi32>
}

// -----

// CHECK: approximate must be none or tanh, got 'fast'
func.func @gelu(%a: tensor<2xf32>) -> tensor<2xf32> {
  %y = nn.gelu(%a) {approximate = "fast"} : (tensor<2xf32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// -----

// CHECK: scale must have shape [2], got []
func.func @scale_shape(%q: tensor<2x4xi8>) -> tensor<2x4xf32> {
  %y = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, axis = 0 : i64} : (tensor<2x4xi8>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// -----

// CHECK: zero_point must be i8, got ui8
func.func @zero_point_type(%q: tensor<4xi8>) -> tensor<4xf32> {
  %y = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<1> : tensor<ui8>} : (tensor<4xi8>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

// CHECK: expected integers and reals, got tensor<4xf32> and tensor<4xf32>
func.func @quantize_to_float(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

// CHECK: element counts must agree, got [2, 3] and [5]
func.func @reshape(%x: tensor<2x3xf32>) -> tensor<5xf32> {
  %y = nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<5xf32>
  func.return %y : tensor<5xf32>
}

// -----

// CHECK: permutation must order the 2 dimensions, got [0, 0]
func.func @transpose(%x: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %y = nn.transpose(%x) {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  func.return %y : tensor<2x2xf32>
}

// -----

// CHECK: operands must agree but for axis 0, got [2, 3] and [2, 4]
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<4x3xf32> {
  %y = nn.concat(%a, %b) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  func.return %y : tensor<4x3xf32>
}

// -----

// CHECK: elements 2 to 6 of dimension 0 must lie within its 6
func.func @slice(%x: tensor<6xf32>) -> tensor<3xf32> {
  %y = nn.slice(%x) {starts = array<i64: 2>, steps = array<i64: 2>} : (tensor<6xf32>) -> tensor<3xf32>
  func.return %y : tensor<3xf32>
}

// -----

// CHECK: low and high must be 1 sizes, not negative, got [-1] and [0]
func.func @pad(%x: tensor<6xf32>) -> tensor<5xf32> {
  %y = nn.pad(%x) {low = array<i64: -1>, high = array<i64: 0>, value = 0.0 : f32} : (tensor<6xf32>) -> tensor<5xf32>
  func.return %y : tensor<5xf32>
}

// -----

// CHECK: index must be within the 4 entries, got 4
func.func @gather(%x: tensor<4x5xf32>) -> tensor<1x5xf32> {
  %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 4>} : (tensor<4x5xf32>) -> tensor<1x5xf32>
  func.return %y : tensor<1x5xf32>
}

// -----

// CHECK: input must hold bytes, got i16
func.func @lookup_wide(%x: tensor<4xi16>, %t: tensor<256xi8>) -> tensor<4xi8> {
  %y = nn.lookup(%x, %t) : (tensor<4xi16>, tensor<256xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// -----

// CHECK: table must have shape [256], got [128]
func.func @lookup_short(%x: tensor<4xi8>, %t: tensor<128xi8>) -> tensor<4xi8> {
  %y = nn.lookup(%x, %t) : (tensor<4xi8>, tensor<128xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// -----

// CHECK: result element type must be i16, got i8
func.func @lookup_other_type(%x: tensor<4xi8>, %t: tensor<256xi16>) -> tensor<4xi8> {
  %y = nn.lookup(%x, %t) : (tensor<4xi8>, tensor<256xi16>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// -----

// CHECK: result element type must be f32, got i8
func.func @take_other_type(%x: tensor<9x8xf32>, %i: tensor<4x1xi64>) -> tensor<4x8xi8> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4x1xi64>) -> tensor<4x8xi8>
  func.return %y : tensor<4x8xi8>
}

// -----

// CHECK: axes must be 1 dimensions of the 2, one for each operand of indices, got [2]
func.func @take_axis(%x: tensor<9x8xf32>, %i: tensor<4x1xi64>) -> tensor<4x8xf32> {
  %y = nn.take(%x, %i) {axes = array<i64: 2>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4x1xi64>) -> tensor<4x8xf32>
  func.return %y : tensor<4x8xf32>
}

// -----

// CHECK: along must be dimensions of [4, 8] that have sizes [8], got [0]
func.func @take_along(%x: tensor<9x8xf32>, %i: tensor<4x1xi64>) -> tensor<4x8xf32> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 0>} : (tensor<9x8xf32>, tensor<4x1xi64>) -> tensor<4x8xf32>
  func.return %y : tensor<4x8xf32>
}

// -----

// CHECK: indices must be i32 or i64, got f32
func.func @take_real_index(%x: tensor<9x8xf32>, %i: tensor<4x1xf32>) -> tensor<4x8xf32> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %y : tensor<4x8xf32>
}

// -----

// CHECK: indices must broadcast to [4, 8], got [4]
func.func @take_index_shape(%x: tensor<9x8xf32>, %i: tensor<4xi64>) -> tensor<4x8xf32> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4xi64>) -> tensor<4x8xf32>
  func.return %y : tensor<4x8xf32>
}
