// RUN: deployopt %s -p cse | filecheck %s

// What ends its work with an epilogue is not what ends it without.

// CHECK-LABEL: @other_epilogue
// CHECK-COUNT-2: nn.reduce
func.func @other_epilogue(%x: tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  %a = nn.reduce(%x) {kind = "max", axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %b = nn.reduce(%x) {kind = "max", axes = array<i64: 1>} epilogue {
  ^bb0(%largest: f32):
    %negated = arith.negf %largest : f32
    nn.yield %negated : f32
  } : (tensor<2x3xf32>) -> tensor<2x1xf32>
  func.return %a, %b : tensor<2x1xf32>, tensor<2x1xf32>
}

// CHECK-LABEL: @equal
// CHECK: [[sum:%.*]] = nn.reduce
// CHECK-NEXT: return [[sum]], [[sum]]
func.func @equal(%x: tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  %a = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %b = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  func.return %a, %b : tensor<2x1xf32>, tensor<2x1xf32>
}
