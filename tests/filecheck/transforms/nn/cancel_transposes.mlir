// RUN: deployopt %s -p nn-cancel-transposes | filecheck %s

// CHECK-LABEL: @inverses
func.func @inverses(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: func.return %x
  %a = nn.transpose(%x) {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %b = nn.transpose(%a) {permutation = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
  func.return %b : tensor<2x3x4xf32>
}

// CHECK-LABEL: @two_become_one
func.func @two_become_one(%x: tensor<2x3x4xf32>) -> tensor<3x2x4xf32> {
  // CHECK-NEXT: nn.transpose(%x) {permutation = array<i64: 1, 0, 2>} : {{.*}} loc(fused["second", "first"])
  %a = nn.transpose(%x) {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32> loc("first")
  %b = nn.transpose(%a) {permutation = array<i64: 0, 2, 1>} : (tensor<3x4x2xf32>) -> tensor<3x2x4xf32> loc("second")
  func.return %b : tensor<3x2x4xf32>
}

// CHECK-LABEL: @one_channel
func.func @one_channel(%x: tensor<1x1x4x5xi8>) -> tensor<1x4x5x1xi8> {
  // CHECK-NEXT: nn.reshape(%x) : (tensor<1x1x4x5xi8>) -> tensor<1x4x5x1xi8>
  %a = nn.transpose(%x) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x1x4x5xi8>) -> tensor<1x4x5x1xi8>
  func.return %a : tensor<1x4x5x1xi8>
}

// CHECK-LABEL: @constant
func.func @constant() -> tensor<2x2xui8> {
  // CHECK-NEXT: nn.constant dense<{{\[\[}}1, 200], [2, 4]]> : tensor<2x2xui8> loc("weight")
  %w = nn.constant dense<[[1, 2], [200, 4]]> : tensor<2x2xui8> loc("weight")
  %a = nn.transpose(%w) {permutation = array<i64: 1, 0>} : (tensor<2x2xui8>) -> tensor<2x2xui8>
  func.return %a : tensor<2x2xui8>
}

// The integers are smaller than what they mean; the scales follow their dimension.

// CHECK-LABEL: @dequantized
func.func @dequantized(%x: tensor<2x3xi8>) -> tensor<3x2xf32> {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xi8>) -> tensor<3x2xi8>
  // CHECK-NEXT: nn.dequantize(%[[T]]) {scale = {{.*}}, axis = 1 : i64} : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %r = nn.dequantize(%x) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64} : (tensor<2x3xi8>) -> tensor<2x3xf32>
  %a = nn.transpose(%r) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  func.return %a : tensor<3x2xf32>
}

// CHECK-LABEL: @negative_one_alone
func.func @negative_one_alone(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // CHECK-NEXT: nn.transpose(%x)
  %a = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  func.return %a : tensor<3x2xf32>
}
