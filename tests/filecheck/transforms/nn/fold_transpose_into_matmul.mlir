// RUN: deployopt %s -p nn-fold-transpose-into-matmul | filecheck %s

// Columns c0p0 c0p1 c1p0 c1p1 become c0p0 c1p0 c0p1 c1p1, and so do the rows.

// CHECK-LABEL: @flattened_channels
func.func @flattened_channels(%x: tensor<3x2x2xf32>) -> tensor<3x1xf32> {
  // CHECK: %[[F:.*]] = nn.reshape(%x) : (tensor<3x2x2xf32>) -> tensor<3x4xf32>
  // CHECK-NEXT: %[[W:.*]] = nn.constant dense<{{\[\[}}0.000000e+00], [2.000000e+00], [1.000000e+00], [3.000000e+00]]> : tensor<4x1xf32> loc("weight")
  // CHECK-NEXT: nn.matmul(%[[F]], %[[W]])
  // CHECK-NEXT: func.return
  %w = nn.constant dense<[[0.0], [1.0], [2.0], [3.0]]> : tensor<4x1xf32> loc("weight")
  %t = nn.transpose(%x) {permutation = array<i64: 0, 2, 1>} : (tensor<3x2x2xf32>) -> tensor<3x2x2xf32>
  %f = nn.reshape(%t) : (tensor<3x2x2xf32>) -> tensor<3x4xf32>
  %y = nn.matmul(%f, %w) : (tensor<3x4xf32>, tensor<4x1xf32>) -> tensor<3x1xf32>
  func.return %y : tensor<3x1xf32>
}

// CHECK-LABEL: @negative_not_a_constant
func.func @negative_not_a_constant(%x: tensor<3x2x2xf32>, %w: tensor<4x1xf32>) -> tensor<3x1xf32> {
  // CHECK-NEXT: nn.transpose
  %t = nn.transpose(%x) {permutation = array<i64: 0, 2, 1>} : (tensor<3x2x2xf32>) -> tensor<3x2x2xf32>
  %f = nn.reshape(%t) : (tensor<3x2x2xf32>) -> tensor<3x4xf32>
  %y = nn.matmul(%f, %w) : (tensor<3x4xf32>, tensor<4x1xf32>) -> tensor<3x1xf32>
  func.return %y : tensor<3x1xf32>
}

// The first dimension moves among the columns.

// CHECK-LABEL: @negative_rows_move
func.func @negative_rows_move(%x: tensor<2x3x2xf32>) -> tensor<3x1xf32> {
  // CHECK: nn.transpose
  %w = nn.constant dense<[[0.0], [1.0], [2.0], [3.0]]> : tensor<4x1xf32>
  %t = nn.transpose(%x) {permutation = array<i64: 1, 0, 2>} : (tensor<2x3x2xf32>) -> tensor<3x2x2xf32>
  %f = nn.reshape(%t) : (tensor<3x2x2xf32>) -> tensor<3x4xf32>
  %y = nn.matmul(%f, %w) : (tensor<3x4xf32>, tensor<4x1xf32>) -> tensor<3x1xf32>
  func.return %y : tensor<3x1xf32>
}
