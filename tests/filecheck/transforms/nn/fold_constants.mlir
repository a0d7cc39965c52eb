// RUN: deployopt %s -p 'nn-fold-constants{limit=64}' | filecheck %s

// CHECK-LABEL: @chain
func.func @chain() -> tensor<2xf32> {
  // CHECK-NEXT: nn.constant dense<[4.000000e+00, 6.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: func.return
  %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = nn.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %s = nn.add(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %r = nn.relu(%s) : (tensor<2xf32>) -> tensor<2xf32>
  func.return %r : tensor<2xf32>
}

// CHECK-LABEL: @unsigned_and_bool
func.func @unsigned_and_bool() -> (tensor<2xui8>, tensor<2xi1>) {
  // CHECK-DAG: nn.constant dense<[200, 0]> : tensor<2xui8>
  // CHECK-DAG: nn.constant dense<[true, false]> : tensor<2xi1>
  %a = nn.constant dense<[200, 0]> : tensor<2xi32>
  %u = nn.cast(%a) : (tensor<2xi32>) -> tensor<2xui8>
  %b = nn.cast(%a) : (tensor<2xi32>) -> tensor<2xi1>
  func.return %u, %b : tensor<2xui8>, tensor<2xi1>
}

// CHECK-LABEL: @body
func.func @body() -> tensor<2xi32> {
  // CHECK-NEXT: nn.constant dense<[9, 16]> : tensor<2xi32> loc("squares")
  %a = nn.constant dense<[3, 4]> : tensor<2xi32>
  %s = nn.elementwise(%a) do {
  ^bb0(%p: i32):
    %r = arith.muli %p, %p : i32
    nn.yield %r : i32
  } : (tensor<2xi32>) -> tensor<2xi32> loc("squares")
  func.return %s : tensor<2xi32>
}

// CHECK-LABEL: @negative_an_argument
func.func @negative_an_argument(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: nn.add
  %a = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = nn.add(%a, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %s : tensor<2xf32>
}

// 20 elements of 4 bytes are more than 64 bytes and more than the 4 of the operand.

// CHECK-LABEL: @negative_too_large
func.func @negative_too_large() -> tensor<20xf32> {
  // CHECK: nn.pad
  %a = nn.constant dense<[1.0]> : tensor<1xf32>
  %s = nn.pad(%a) {low = array<i64: 0>, high = array<i64: 19>, value = 0.0 : f32} : (tensor<1xf32>) -> tensor<20xf32>
  func.return %s : tensor<20xf32>
}

// Integer arithmetic wants the integers.

// CHECK-LABEL: @negative_dequantized
func.func @negative_dequantized() -> tensor<2xf32> {
  // CHECK: nn.dequantize
  %a = nn.constant dense<[1, 2]> : tensor<2xi8>
  %s = nn.dequantize(%a) {scale = dense<0.5> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  func.return %s : tensor<2xf32>
}
