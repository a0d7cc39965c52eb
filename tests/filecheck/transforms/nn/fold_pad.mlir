// RUN: deployopt %s -p nn-fold-pad | filecheck %s

// CHECK-LABEL: @convolution_of_zeros
func.func @convolution_of_zeros(%x: tensor<1x1x4xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x7xf32> {
  // CHECK-NEXT: nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 2, 3>, {{.*}}loc(fused["conv", "pad"])
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 2>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x7xf32> loc("pad")
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x1x7xf32>, tensor<1x1x3xf32>) -> tensor<1x1x7xf32> loc("conv")
  func.return %y : tensor<1x1x7xf32>
}

// CHECK-LABEL: @channels_last
func.func @channels_last(%x: tensor<1x4x1xf32>, %w: tensor<3x1x1xf32>) -> tensor<1x5x1xf32> {
  // CHECK-NEXT: nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 1, 2>,
  %p = nn.pad(%x) {low = array<i64: 0, 1, 0>, high = array<i64: 0, 2, 0>, value = 0.0 : f32} : (tensor<1x4x1xf32>) -> tensor<1x7x1xf32>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, channels_last} : (tensor<1x7x1xf32>, tensor<3x1x1xf32>) -> tensor<1x5x1xf32>
  func.return %y : tensor<1x5x1xf32>
}

// -56 is how 200 stands in a signless attribute.

// CHECK-LABEL: @zero_point_of_unsigned
func.func @zero_point_of_unsigned(%x: tensor<1x1x4xui8>, %w: tensor<1x1x3xi8>) -> tensor<1x1x4xi32> {
  // CHECK-NEXT: nn.conv(%x, %w) {{{.*}}pads = array<i64: 1, 1>, {{.*}}input_zero_point = 200 : i64} :
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 1>, value = -56 : i8} : (tensor<1x1x4xui8>) -> tensor<1x1x6xui8>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, input_zero_point = 200 : i64} : (tensor<1x1x6xui8>, tensor<1x1x3xi8>) -> tensor<1x1x4xi32>
  func.return %y : tensor<1x1x4xi32>
}

// CHECK-LABEL: @other_integer
func.func @other_integer(%x: tensor<1x1x4xi8>, %w: tensor<1x1x3xi8>) -> tensor<1x1x4xi32> {
  // CHECK-NEXT: nn.conv(%x, %w) {{{.*}}pads = array<i64: 1, 1>, {{.*}}pad_value = 5 : i64} :
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 1>, value = 5 : i8} : (tensor<1x1x4xi8>) -> tensor<1x1x6xi8>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x1x6xi8>, tensor<1x1x3xi8>) -> tensor<1x1x4xi32>
  func.return %y : tensor<1x1x4xi32>
}

// CHECK-LABEL: @maximum_of_the_lowest
func.func @maximum_of_the_lowest(%x: tensor<1x1x4xi8>) -> tensor<1x1x2xi8> {
  // CHECK-NEXT: nn.pool(%x) {{{.*}}pads = array<i64: 1, 0>
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 0>, value = -128 : i8} : (tensor<1x1x4xi8>) -> tensor<1x1x5xi8>
  %y = nn.pool(%p) {kind = "max", kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xi8>) -> tensor<1x1x2xi8>
  func.return %y : tensor<1x1x2xi8>
}

// No element of the operand is below the zeros around it.

// CHECK-LABEL: @maximum_of_rectified
func.func @maximum_of_rectified(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  // CHECK: nn.pool(%{{.*}}) {{{.*}}pads = array<i64: 1, 0>
  %r = nn.elementwise(%x) do {
  ^bb0(%e: f32):
    %z = arith.constant 0.0 : f32
    %m = arith.maximumf %e, %z : f32
    nn.yield %m : f32
  } : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = nn.pad(%r) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 0>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x5xf32>
  %y = nn.pool(%p) {kind = "max", kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  func.return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: @sum_of_zeros
func.func @sum_of_zeros(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  // CHECK-NEXT: nn.pool(%x) {{{.*}}pads = array<i64: 1, 0>
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 0>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x5xf32>
  %y = nn.pool(%p) {kind = "sum", kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  func.return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: @negative_convolution_of_ones
func.func @negative_convolution_of_ones(%x: tensor<1x1x4xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x4xf32> {
  // CHECK: nn.pad
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 1>, value = 1.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x6xf32>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  func.return %y : tensor<1x1x4xf32>
}

// The convolution itself pads with zero.

// CHECK-LABEL: @negative_two_integers
func.func @negative_two_integers(%x: tensor<1x1x4xi8>, %w: tensor<1x1x3xi8>) -> tensor<1x1x6xi32> {
  // CHECK: nn.pad
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 1>, value = 5 : i8} : (tensor<1x1x4xi8>) -> tensor<1x1x6xi8>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x1x6xi8>, tensor<1x1x3xi8>) -> tensor<1x1x6xi32>
  func.return %y : tensor<1x1x6xi32>
}

// CHECK-LABEL: @negative_channels_padded
func.func @negative_channels_padded(%x: tensor<1x1x4xf32>, %w: tensor<1x2x3xf32>) -> tensor<1x1x2xf32> {
  // CHECK: nn.pad
  %p = nn.pad(%x) {low = array<i64: 0, 1, 0>, high = array<i64: 0, 0, 0>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x2x4xf32>
  %y = nn.conv(%p, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x2x4xf32>, tensor<1x2x3xf32>) -> tensor<1x1x2xf32>
  func.return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: @negative_maximum_of_zeros
func.func @negative_maximum_of_zeros(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  // CHECK: nn.pad
  %p = nn.pad(%x) {low = array<i64: 0, 0, 1>, high = array<i64: 0, 0, 0>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x5xf32>
  %y = nn.pool(%p) {kind = "max", kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  func.return %y : tensor<1x1x2xf32>
}

// The first window sees nothing but zeros.

// CHECK-LABEL: @negative_window_of_zeros
func.func @negative_window_of_zeros(%x: tensor<1x1x4xf32>) -> tensor<1x1x3xf32> {
  // CHECK: nn.pad
  %r = nn.relu(%x) : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = nn.pad(%r) {low = array<i64: 0, 0, 2>, high = array<i64: 0, 0, 0>, value = 0.0 : f32} : (tensor<1x1x4xf32>) -> tensor<1x1x6xf32>
  %y = nn.pool(%p) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x6xf32>) -> tensor<1x1x3xf32>
  func.return %y : tensor<1x1x3xf32>
}
