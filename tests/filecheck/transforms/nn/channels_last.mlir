// RUN: deployopt %s -p nn-channels-last | filecheck %s

// Weights 0 1 | 2 3 of two outputs and two inputs become columns of outputs.

// CHECK-LABEL: @convolution
func.func @convolution(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%x) {permutation = array<i64: 0, 2, 3, 1>} : {{.*}} loc("conv")
  // CHECK-NEXT: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}0.000000e+00, 2.000000e+00], [1.000000e+00, 3.000000e+00]]]]> : tensor<1x1x2x2xf32> loc("weight")
  // CHECK-NEXT: %[[C:.*]] = nn.conv(%[[T]], %[[W]]) {{{.*}}channels_last} : {{.*}} -> tensor<1x4x4x2xf32> loc("conv")
  // CHECK-NEXT: nn.transpose(%[[C]]) {permutation = array<i64: 0, 3, 1, 2>}
  %w = nn.constant dense<[[[[0.0]], [[1.0]]], [[[2.0]], [[3.0]]]]> : tensor<2x2x1x1xf32> loc("weight")
  %c = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> loc("conv")
  func.return %c : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: @epilogue_operands
func.func @epilogue_operands(
    %x: tensor<1x1x4xf32>, %w: tensor<2x1x3xf32>, %r: tensor<1x2x2xf32>) -> tensor<1x2x2xf32> {
  // CHECK-DAG: %[[X:.*]] = nn.reshape(%x) : (tensor<1x1x4xf32>) -> tensor<1x4x1xf32>
  // CHECK-DAG: %[[W:.*]] = nn.transpose(%w) {permutation = array<i64: 2, 1, 0>}
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[R:.*]] = nn.transpose(%r) {permutation = array<i64: 0, 2, 1>}
  // CHECK: nn.conv(%[[X]], %[[W]]) with (%[[B]], %[[R]])
  // CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
  %b = nn.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %c = nn.conv(%x, %w) with (%b, %r) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} epilogue {
  ^bb0(%acc: f32, %p: f32, %q: f32):
    %s = arith.addf %acc, %p : f32
    %t = arith.addf %s, %q : f32
    nn.yield %t : f32
  } : (tensor<1x1x4xf32>, tensor<2x1x3xf32>, tensor<2x1xf32>, tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  func.return %c : tensor<1x2x2xf32>
}

// CHECK-LABEL: @pools_meet
func.func @pools_meet(%x: tensor<1x2x8x8xi8>) -> tensor<1x2x2x2xi8> {
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: nn.pool({{.*}}channels_last} : {{.*}} -> tensor<1x4x4x2xi8>
  // CHECK-NEXT: nn.pool({{.*}}channels_last} : {{.*}} -> tensor<1x2x2x2xi8>
  // CHECK-NEXT: nn.transpose
  %a = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x8x8xi8>) -> tensor<1x2x4x4xi8>
  %b = nn.pool(%a) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xi8>) -> tensor<1x2x2x2xi8>
  func.return %b : tensor<1x2x2x2xi8>
}

// What is made of one tensor twice follows the window; no transpose is left inside.

// CHECK-LABEL: @what_follows
func.func @what_follows(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: [[p:%.*]] = nn.pool({{.*}}channels_last} : {{.*}} -> tensor<1x4x4x2xf32>
  // CHECK-NEXT: [[s:%.*]] = nn.reduce([[p]]) {kind = "sum", axes = array<i64: 1, 2>} : {{.*}} -> tensor<1x1x1x2xf32>
  // CHECK-NEXT: nn.sub([[p]], [[s]]) : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>)
  // CHECK-NEXT: nn.pool({{.*}}channels_last} : {{.*}} -> tensor<1x2x2x2xf32>
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: func.return
  %a = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  %s = nn.reduce(%a) {kind = "sum", axes = array<i64: 2, 3>, deploy.layout = "channels last"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  %d = nn.sub(%a, %s) {deploy.layout = "channels last"} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %b = nn.pool(%d) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  func.return %b : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: @negative_last_already
func.func @negative_last_already(%x: tensor<1x8x8x2xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-NEXT: nn.pool(%x)
  // CHECK-NEXT: func.return
  %a = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, channels_last} : (tensor<1x8x8x2xf32>) -> tensor<1x4x4x2xf32>
  func.return %a : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: @negative_stays_as_written
func.func @negative_stays_as_written(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK-NEXT: nn.pool(%x)
  // CHECK-NEXT: func.return
  %a = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, deploy.layout = "as written"} : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  func.return %a : tensor<1x2x4x4xf32>
}
