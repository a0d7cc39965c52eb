// RUN: deployopt %s -p nn-fuse-epilogue | filecheck %s

// CHECK-LABEL: @bias_then_activation
func.func @bias_then_activation(
    %x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: nn.matmul(%x, %w) with (%b) epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: %[[S:.*]] = arith.addf %[[ACC]], %[[B]] : f32
  // CHECK-NEXT: %[[Y:.*]] = arith.negf %[[S]] : f32
  // CHECK-NEXT: nn.yield %[[Y]] : f32
  // CHECK-NEXT: } : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: func.return
  %m = nn.matmul(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %s = nn.elementwise(%m, %b) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %y = nn.elementwise(%s) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// CHECK-LABEL: @two_operands_more
func.func @two_operands_more(
    %x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>, %z: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: nn.matmul(%x, %w) with (%b, %z) epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[B:.*]]: f32, %[[Z:.*]]: f32):
  // CHECK-NEXT: %[[S:.*]] = arith.addf %[[ACC]], %[[B]] : f32
  // CHECK-NEXT: arith.subf %[[Z]], %[[S]] : f32
  %m = nn.matmul(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %y = nn.elementwise(%b, %m, %z) do {
  ^bb0(%p: f32, %q: f32, %s: f32):
    %r = arith.addf %q, %p : f32
    %t = arith.subf %s, %r : f32
    nn.yield %t : f32
  } : (tensor<4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// The later product takes the sum; the other one is there by then.

// CHECK-LABEL: @residual_of_two_products
func.func @residual_of_two_products(
    %x: tensor<2x2xf32>, %v: tensor<2x2xf32>, %w: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // CHECK-NEXT: %[[A:.*]] = nn.matmul(%x, %v) :
  // CHECK-NEXT: nn.matmul(%x, %w) with (%[[A]]) epilogue {
  %a = nn.matmul(%x, %v) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = nn.matmul(%x, %w) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = nn.elementwise(%b, %a) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.subf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  func.return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @same_operand_twice
func.func @same_operand_twice(%x: tensor<2x4xf32>) -> tensor<2x1xf32> {
  // CHECK-NEXT: nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
  // CHECK-NEXT: arith.mulf %[[ACC]], %[[ACC]] : f32
  %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = nn.elementwise(%s, %s) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.mulf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  func.return %y : tensor<2x1xf32>
}

// CHECK-LABEL: @computing_node_first
func.func @computing_node_first(%x: tensor<2x4xf32>) -> tensor<2x1xf32> {
  // CHECK: -> tensor<2x1xf32> loc(fused["total", "flip"])
  %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32> loc("total")
  %y = nn.elementwise(%s) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<2x1xf32>) -> tensor<2x1xf32> loc("flip")
  func.return %y : tensor<2x1xf32>
}

// CHECK-LABEL: @other_result_type
func.func @other_result_type(%x: tensor<2x4xi8>) -> tensor<2x1xui8> {
  // CHECK: } : (tensor<2x4xi8>) -> tensor<2x1xui8>
  %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xi8>) -> tensor<2x1xi32>
  %y = nn.elementwise(%s) do {
  ^bb0(%p: i32):
    %r = arith.trunci %p : i32 to i8
    nn.yield %r : i8
  } : (tensor<2x1xi32>) -> tensor<2x1xui8>
  func.return %y : tensor<2x1xui8>
}

// CHECK-LABEL: @negative_second_user
func.func @negative_second_user(%x: tensor<2x4xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  // CHECK: nn.reduce(%x) {{{.*}}} :
  // CHECK: nn.elementwise
  %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = nn.elementwise(%s) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<2x1xf32>) -> tensor<2x1xf32>
  func.return %s, %y : tensor<2x1xf32>, tensor<2x1xf32>
}

// Each sum would be computed four times.

// CHECK-LABEL: @negative_result_is_larger
func.func @negative_result_is_larger(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK: nn.reduce(%x) {{{.*}}} :
  // CHECK: nn.elementwise
  %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = nn.elementwise(%x, %s) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.divf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// Dequantised elements would be four times as wide.

// CHECK-LABEL: @negative_wider
// CHECK: nn.pool
// CHECK-SAME: -> tensor<1x1x2xi8>
// CHECK: nn.elementwise
func.func @negative_wider(%x: tensor<1x1x4xi8>) -> tensor<1x1x2xf32> {
  %p = nn.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xi8>) -> tensor<1x1x2xi8>
  %y = nn.elementwise(%p) do {
  ^bb0(%a: i8):
    %r = arith.sitofp %a : i8 to f32
    nn.yield %r : f32
  } : (tensor<1x1x2xi8>) -> tensor<1x1x2xf32>
  func.return %y : tensor<1x1x2xf32>
}
