// RUN: deployopt %s | deployopt | filecheck %s

// Printed and parsed twice, so that what is checked has survived the syntax.

// CHECK-LABEL: @constant
// CHECK: nn.constant dense<[1, 255]> : tensor<2xui8> loc("table")
func.func @constant() -> tensor<2xui8> {
  %c = nn.constant dense<[1, 255]> : tensor<2xui8> loc("table")
  func.return %c : tensor<2xui8>
}

// CHECK-LABEL: @conv_with_epilogue
// CHECK: nn.conv(%{{.*}}, %{{.*}}) with (%{{.*}}) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} epilogue {
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[BIAS:.*]]: f32):
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[ACC]], %[[BIAS]] : f32
// CHECK-NEXT: nn.yield %[[SUM]] : f32
// CHECK-NEXT: } : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32> loc(fused["conv", "bias"])
func.func @conv_with_epilogue(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %y = nn.conv(%x, %w) with (%b) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} epilogue {
  ^bb0(%acc: f32, %bias: f32):
    %r = arith.addf %acc, %bias : f32
    nn.yield %r : f32
  } : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32> loc(fused["conv", "bias"])
  func.return %y : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: @conv_channels_last_integer
// CHECK: channels_last, input_zero_point = 3 : i64} : (tensor<1x8x2xi8>, tensor<3x1x4xi8>) -> tensor<1x6x4xi32>
func.func @conv_channels_last_integer(%x: tensor<1x8x2xi8>, %w: tensor<3x1x4xi8>) -> tensor<1x6x4xi32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 2 : i64, channels_last, input_zero_point = 3 : i64} : (tensor<1x8x2xi8>, tensor<3x1x4xi8>) -> tensor<1x6x4xi32>
  func.return %y : tensor<1x6x4xi32>
}

// CHECK-LABEL: @matmul_batched
// CHECK: nn.matmul(%{{.*}}, %{{.*}}) : (tensor<5x1x2x3xf32>, tensor<4x3x6xf32>) -> tensor<5x4x2x6xf32>
func.func @matmul_batched(%a: tensor<5x1x2x3xf32>, %b: tensor<4x3x6xf32>) -> tensor<5x4x2x6xf32> {
  %y = nn.matmul(%a, %b) : (tensor<5x1x2x3xf32>, tensor<4x3x6xf32>) -> tensor<5x4x2x6xf32>
  func.return %y : tensor<5x4x2x6xf32>
}

// CHECK-LABEL: @pool_and_reduce
// CHECK: nn.pool(%{{.*}}) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>}
// CHECK: nn.reduce(%{{.*}}) {kind = "sum", axes = array<i64: 2>}
func.func @pool_and_reduce(%x: tensor<1x4x8xf32>) -> tensor<1x4x1xf32> {
  %p = nn.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x4x8xf32>) -> tensor<1x4x4xf32>
  %r = nn.reduce(%p) {kind = "sum", axes = array<i64: 2>} : (tensor<1x4x4xf32>) -> tensor<1x4x1xf32>
  func.return %r : tensor<1x4x1xf32>
}

// CHECK-LABEL: @elementwise
// CHECK: nn.elementwise(%{{.*}}, %{{.*}}) do {
// CHECK: nn.yield %{{.*}} : f32
// CHECK: } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: nn.clip(%{{.*}}) {low = 0.000000e+00 : f64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: nn.cast(%{{.*}}) : (tensor<2x3xf32>) -> tensor<2x3xi32>
func.func @elementwise(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xi32> {
  %y = nn.elementwise(%a, %b) do {
  ^bb0(%x: f32, %z: f32):
    %r = arith.mulf %x, %z : f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %c = nn.clip(%y) {low = 0.0 : f64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %i = nn.cast(%c) : (tensor<2x3xf32>) -> tensor<2x3xi32>
  func.return %i : tensor<2x3xi32>
}

// CHECK-LABEL: @quantization
// CHECK: nn.quantize(%{{.*}}) {scale = dense<5.000000e-01> : tensor<f32>, zero_point = dense<3> : tensor<ui8>}
// CHECK: nn.dequantize(%{{.*}}) {scale = dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>, axis = 0 : i64}
func.func @quantization(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>} : (tensor<2x4xf32>) -> tensor<2x4xui8>
  %y = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64} : (tensor<2x4xui8>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// CHECK-LABEL: @lookup
// CHECK: nn.lookup(%{{.*}}, %{{.*}}) : (tensor<2x4xui8>, tensor<256xi16>) -> tensor<2x4xi16>
func.func @lookup(%x: tensor<2x4xui8>, %t: tensor<256xi16>) -> tensor<2x4xi16> {
  %y = nn.lookup(%x, %t) : (tensor<2x4xui8>, tensor<256xi16>) -> tensor<2x4xi16>
  func.return %y : tensor<2x4xi16>
}

// CHECK-LABEL: @movement
// CHECK: nn.reshape(%{{.*}}) : (tensor<2x3xf32>) -> tensor<6xf32>
// CHECK: nn.slice(%{{.*}}) {starts = array<i64: 5>, steps = array<i64: -2>} : (tensor<6xf32>) -> tensor<3xf32>
// CHECK: nn.pad(%{{.*}}) {low = array<i64: 1>, high = array<i64: 0>, value = 0.000000e+00 : f32}
// CHECK: nn.gather(%{{.*}}) {axis = 0 : i64, indices = array<i64: 2, 0>}
// CHECK: nn.concat(%{{.*}}, %{{.*}}) {axis = 0 : i64}
// CHECK: nn.transpose(%{{.*}}) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
func.func @movement(%x: tensor<2x3xf32>) -> (tensor<6xf32>, tensor<3x2xf32>) {
  %r = nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<6xf32>
  %s = nn.slice(%r) {starts = array<i64: 5>, steps = array<i64: -2>} : (tensor<6xf32>) -> tensor<3xf32>
  %p = nn.pad(%s) {low = array<i64: 1>, high = array<i64: 0>, value = 0.0 : f32} : (tensor<3xf32>) -> tensor<4xf32>
  %g = nn.gather(%p) {axis = 0 : i64, indices = array<i64: 2, 0>} : (tensor<4xf32>) -> tensor<2xf32>
  %c = nn.concat(%p, %g) {axis = 0 : i64} : (tensor<4xf32>, tensor<2xf32>) -> tensor<6xf32>
  %t = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  func.return %c, %t : tensor<6xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: @places
// CHECK: nn.take(%{{.*}}, %{{.*}}) {axes = array<i64: 0>, along = array<i64: 1>}
// CHECK: nn.take(%{{.*}}, %{{.*}}, %{{.*}}) {axes = array<i64: 1, 0>, along = array<i64>}
func.func @places(%x: tensor<9x8xf32>, %i: tensor<4x1xi64>, %j: tensor<4xi32>) -> (tensor<4x8xf32>, tensor<4x4xf32>) {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<9x8xf32>, tensor<4x1xi64>) -> tensor<4x8xf32>
  %z = nn.take(%x, %i, %j) {axes = array<i64: 1, 0>, along = array<i64>} : (tensor<9x8xf32>, tensor<4x1xi64>, tensor<4xi32>) -> tensor<4x4xf32>
  func.return %y, %z : tensor<4x8xf32>, tensor<4x4xf32>
}
