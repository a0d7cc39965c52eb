// RUN: deployopt %s -p nn-generalize-quantization | filecheck %s

// CHECK-LABEL: @into_the_reader
// CHECK-SAME: (%[[Q:.*]]: tensor<4xui8>)
func.func @into_the_reader(%q: tensor<4xui8>) -> tensor<4xf32> {
  // CHECK-NEXT: nn.elementwise(%[[Q]]) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: i8):
  // CHECK-NEXT: %[[S:.*]] = arith.constant 5.000000e-01 : f32
  // CHECK-NEXT: %[[Z:.*]] = arith.constant 3 : i32
  // CHECK-NEXT: %[[W:.*]] = arith.extui %[[X]] : i8 to i32
  // CHECK-NEXT: %[[D:.*]] = arith.subi %[[W]], %[[Z]] overflow<nsw> : i32
  // CHECK-NEXT: %[[F:.*]] = arith.sitofp %[[D]] : i32 to f32
  // CHECK-NEXT: %[[R:.*]] = arith.mulf %[[F]], %[[S]] : f32
  // CHECK-NEXT: %[[Y:.*]] = arith.negf %[[R]] : f32
  // CHECK-NEXT: nn.yield %[[Y]] : f32
  // CHECK-NEXT: } : (tensor<4xui8>) -> tensor<4xf32>
  // CHECK-NEXT: func.return
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>}
      : (tensor<4xui8>) -> tensor<4xf32>
  %y = nn.elementwise(%r) do {
  ^bb0(%p: f32):
    %n = arith.negf %p : f32
    nn.yield %n : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @quantize
func.func @quantize(%x: tensor<4xf32>) -> tensor<4xui8> {
  // CHECK: %[[D:.*]] = arith.divf
  // CHECK-NEXT: %[[R:.*]] = math.roundeven %[[D]] : f32
  // CHECK-NEXT: %[[Z:.*]] = arith.addf %[[R]]
  // CHECK-NEXT: %[[LOW:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK-NEXT: %[[A:.*]] = arith.maxnumf %[[Z]], %[[LOW]] : f32
  // CHECK-NEXT: %[[HIGH:.*]] = arith.constant 2.550000e+02 : f32
  // CHECK-NEXT: %[[B:.*]] = arith.minnumf %[[A]], %[[HIGH]] : f32
  // CHECK-NEXT: %[[I:.*]] = arith.fptoui %[[B]] : f32 to i8
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>}
      : (tensor<4xf32>) -> tensor<4xui8>
  func.return %q : tensor<4xui8>
}

// Scales along an axis are an operand that broadcasts.

// CHECK-LABEL: @per_channel
func.func @per_channel(%q: tensor<1x2x3xi32>) -> tensor<1x2x3xf32> {
  // CHECK-NEXT: %[[S:.*]] = nn.constant dense<{{\[\[}}5.000000e-01], [2.500000e-01]]> : tensor<2x1xf32>
  // CHECK-NEXT: nn.elementwise(%{{.*}}, %[[S]]) do {
  %r = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 1 : i64}
      : (tensor<1x2x3xi32>) -> tensor<1x2x3xf32>
  func.return %r : tensor<1x2x3xf32>
}

// Both readers read the integers; nothing real lies between.

// CHECK-LABEL: @two_readers_one_in_an_epilogue
// CHECK-SAME: (%[[Q:.*]]: tensor<2x2xi8>, %[[X:.*]]: tensor<2x2xf32>)
func.func @two_readers_one_in_an_epilogue(
    %q: tensor<2x2xi8>, %x: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  // CHECK-NEXT: nn.matmul(%[[X]], %[[X]]) with (%[[Q]]) epilogue
  // CHECK: nn.elementwise(%[[Q]]) do
  // CHECK-NOT: nn.dequantize
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<2x2xi8>) -> tensor<2x2xf32>
  %m = nn.matmul(%x, %x) with (%r) epilogue {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %o : f32
    nn.yield %s : f32
  } : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %n = nn.elementwise(%r) do {
  ^bb0(%p: f32):
    %s = arith.negf %p : f32
    nn.yield %s : f32
  } : (tensor<2x2xf32>) -> tensor<2x2xf32>
  func.return %m, %n : tensor<2x2xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: @constant
func.func @constant() -> tensor<2xf32> {
  // CHECK: nn.constant dense<[-1.000000e+00, 5.000000e-01]> : tensor<2xf32>
  %q = nn.constant dense<[1, 4]> : tensor<2xi8>
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<i8>}
      : (tensor<2xi8>) -> tensor<2xf32>
  func.return %r : tensor<2xf32>
}
