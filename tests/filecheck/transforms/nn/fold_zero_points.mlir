// RUN: deployopt %s -p nn-fold-zero-points | filecheck %s

// -3 * (1 + 2) and -3 * (3 + 4); what stands for zero is now 3.

// CHECK-LABEL: @conv_with_padding
func.func @conv_with_padding(%x: tensor<1x1x4xi8>) -> tensor<1x2x5xi32> {
  // CHECK-NEXT: nn.constant
  // CHECK-NEXT: %[[A:.*]] = nn.conv({{.*}}groups = 1 : i64, pad_value = 3 : i64}
  // CHECK-NEXT: %[[C:.*]] = nn.constant dense<{{\[\[}}-9], [-21]]> : tensor<2x1xi32>
  // CHECK-NEXT: nn.add(%[[A]], %[[C]])
  %w = nn.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>,
      groups = 1 : i64, input_zero_point = 3 : i64}
      : (tensor<1x1x4xi8>, tensor<2x1x2xi8>) -> tensor<1x2x5xi32>
  func.return %y : tensor<1x2x5xi32>
}

// CHECK-LABEL: @depthwise_without_padding
func.func @depthwise_without_padding(%x: tensor<1x4x2xui8>) -> tensor<1x3x2xi32> {
  // CHECK-NEXT: nn.constant
  // CHECK-NEXT: nn.conv({{.*}}groups = 2 : i64, channels_last} :
  // CHECK-NEXT: nn.constant dense<[-40, -60]> : tensor<2xi32>
  // CHECK-NEXT: nn.add
  %w = nn.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>,
      groups = 2 : i64, channels_last, input_zero_point = 10 : i64}
      : (tensor<1x4x2xui8>, tensor<2x1x2xi8>) -> tensor<1x3x2xi32>
  func.return %y : tensor<1x3x2xi32>
}

// CHECK-LABEL: @matmul_either_side
func.func @matmul_either_side(%x: tensor<2x2xi8>) -> (tensor<2x2xi32>, tensor<2x2xi32>) {
  // CHECK-NEXT: nn.constant
  // CHECK-NEXT: nn.matmul({{.*}}) :
  // CHECK-NEXT: nn.constant dense<[-8, -12]> : tensor<2xi32>
  // CHECK-NEXT: nn.add
  // CHECK-NEXT: nn.matmul({{.*}}) :
  // CHECK-NEXT: nn.constant dense<{{\[\[}}-6], [-14]]> : tensor<2x1xi32>
  // CHECK-NEXT: nn.add
  %w = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %y = nn.matmul(%x, %w) {lhs_zero_point = 2 : i64} : (tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<2x2xi32>
  %z = nn.matmul(%w, %x) {rhs_zero_point = 2 : i64} : (tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<2x2xi32>
  func.return %y, %z : tensor<2x2xi32>, tensor<2x2xi32>
}

// CHECK-LABEL: @sums
func.func @sums(%x: tensor<1x2x4xi8>) -> (tensor<1x1x1xi32>, tensor<1x2x2xi32>) {
  // CHECK-NEXT: nn.reduce(%x) {kind = "sum", axes = array<i64: 1, 2>} :
  // CHECK-NEXT: nn.constant dense<-24> : tensor<i32>
  // CHECK-NEXT: nn.add
  // CHECK-NEXT: nn.pool({{.*}}dilations = array<i64: 1>} :
  // CHECK-NEXT: nn.constant dense<-6> : tensor<i32>
  // CHECK-NEXT: nn.add
  %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1, 2>, input_zero_point = 3 : i64}
      : (tensor<1x2x4xi8>) -> tensor<1x1x1xi32>
  %z = nn.pool(%x) {kind = "sum", kernel = array<i64: 2>, strides = array<i64: 2>,
      pads = array<i64: 0, 0>, dilations = array<i64: 1>, input_zero_point = 3 : i64}
      : (tensor<1x2x4xi8>) -> tensor<1x2x2xi32>
  func.return %y, %z : tensor<1x1x1xi32>, tensor<1x2x2xi32>
}

// Windows at the edge have fewer elements.

// CHECK-LABEL: @negative_padded_pool
func.func @negative_padded_pool(%x: tensor<1x2x4xi8>) -> tensor<1x2x3xi32> {
  // CHECK-NEXT: nn.pool({{.*}}input_zero_point = 3 : i64}
  // CHECK-NEXT: func.return
  %z = nn.pool(%x) {kind = "sum", kernel = array<i64: 2>, strides = array<i64: 2>,
      pads = array<i64: 1, 1>, dilations = array<i64: 1>, input_zero_point = 3 : i64}
      : (tensor<1x2x4xi8>) -> tensor<1x2x3xi32>
  func.return %z : tensor<1x2x3xi32>
}

// CHECK-LABEL: @negative_two_activations
func.func @negative_two_activations(%x: tensor<2x2xi8>, %w: tensor<2x2xi8>) -> tensor<2x2xi32> {
  // CHECK-NEXT: nn.matmul({{.*}}lhs_zero_point = 2 : i64}
  // CHECK-NEXT: func.return
  %y = nn.matmul(%x, %w) {lhs_zero_point = 2 : i64} : (tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<2x2xi32>
  func.return %y : tensor<2x2xi32>
}
