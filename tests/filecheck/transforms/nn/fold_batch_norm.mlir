// RUN: deployopt %s -p nn-fold-batch-norm | filecheck %s

// Scales 2 and 4; the bias is 2 * 1 + 10 and 4 * 1 + 20.

// CHECK-LABEL: @bias_then_normalisation
func.func @bias_then_normalisation(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}6.000000e+00]]], {{\[\[\[}}2.000000e+01]]]]> : tensor<2x1x1x1xf32>
  // CHECK-NEXT: %[[C:.*]] = nn.conv(%x, %[[W]]) {{{.*}}} : {{.*}} loc(fused["conv", "bias", "bn"])
  // CHECK-NEXT: %[[B:.*]] = nn.constant dense<{{\[\[\[}}1.200000e+01]], {{\[\[}}2.400000e+01]]]> : tensor<2x1x1xf32>
  // CHECK-NEXT: nn.add(%[[C]], %[[B]])
  // CHECK-NEXT: func.return
  %w = nn.constant dense<[[[[3.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %b = nn.constant dense<1.0> : tensor<2x1x1xf32>
  %s = nn.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %t = nn.constant dense<[[[10.0]], [[20.0]]]> : tensor<2x1x1xf32>
  %c = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32> loc("conv")
  %0 = nn.add(%c, %b) : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("bias")
  %1 = nn.mul(%0, %s) : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("bn")
  %2 = nn.add(%t, %1) : (tensor<2x1x1xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("bn")
  func.return %2 : tensor<1x2x2x2xf32>
}

// 8 - y / 2 of each column: the scales are -1/2, nothing is left of a bias of zero.

// CHECK-LABEL: @columns_of_a_product
func.func @columns_of_a_product(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}-1.000000e+00, -2.000000e+00]]> : tensor<1x2xf32>
  // CHECK-NEXT: nn.matmul(%x, %[[W]])
  // CHECK-NEXT: func.return
  %w = nn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %a = nn.constant dense<8.0> : tensor<1xf32>
  %b = nn.constant dense<[8.0, 8.0]> : tensor<2xf32>
  %m = nn.matmul(%x, %w) : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = nn.div(%m, %two) : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %1 = nn.sub(%a, %0) : (tensor<1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = nn.sub(%1, %b) : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  func.return %2 : tensor<1x2xf32>
}

// CHECK-LABEL: @channels_last
func.func @channels_last(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: nn.constant dense<{{\[\[\[\[}}6.000000e+00, 2.000000e+01]]]]> : tensor<1x1x1x2xf32>
  %w = nn.constant dense<[[[[3.0, 5.0]]]]> : tensor<1x1x1x2xf32>
  %s = nn.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %c = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, channels_last} : (tensor<1x2x2x1xf32>, tensor<1x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  %0 = nn.mul(%c, %s) : (tensor<1x2x2x2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  func.return %0 : tensor<1x2x2x2xf32>
}

// The constants vary along the rows.

// CHECK-LABEL: @negative_rows_of_a_product
func.func @negative_rows_of_a_product(%x: tensor<2x1xf32>) -> tensor<2x2xf32> {
  // CHECK: nn.mul
  %w = nn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %s = nn.constant dense<[[2.0], [3.0]]> : tensor<2x1xf32>
  %m = nn.matmul(%x, %w) : (tensor<2x1xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  %0 = nn.mul(%m, %s) : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  func.return %0 : tensor<2x2xf32>
}

// CHECK-LABEL: @negative_second_user
func.func @negative_second_user(%x: tensor<1x1xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK: nn.mul
  %w = nn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %s = nn.constant dense<2.0> : tensor<f32>
  %m = nn.matmul(%x, %w) : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = nn.mul(%m, %s) : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  func.return %m, %0 : tensor<1x2xf32>, tensor<1x2xf32>
}

// The weight would have to be stored twice.

// CHECK-LABEL: @negative_shared_weight
func.func @negative_shared_weight(%x: tensor<1x1xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK: nn.mul
  %w = nn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %s = nn.constant dense<2.0> : tensor<f32>
  %m = nn.matmul(%x, %w) : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %n = nn.matmul(%x, %w) : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = nn.mul(%m, %s) : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  func.return %n, %0 : tensor<1x2xf32>, tensor<1x2xf32>
}

// CHECK-LABEL: @negative_division_by_zero
func.func @negative_division_by_zero(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  // CHECK: nn.div
  %w = nn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %s = nn.constant dense<[2.0, 0.0]> : tensor<2xf32>
  %m = nn.matmul(%x, %w) : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = nn.div(%m, %s) : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  func.return %0 : tensor<1x2xf32>
}
