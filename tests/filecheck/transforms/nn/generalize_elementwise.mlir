// RUN: deployopt %s -p nn-generalize-elementwise | filecheck %s

// CHECK-LABEL: @float_operands
func.func @float_operands(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: nn.elementwise(%a, %b) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
  // CHECK-NEXT: %[[R:.*]] = arith.addf %[[X]], %[[Y]] : f32
  // CHECK-NEXT: nn.yield %[[R]] : f32
  // CHECK-NEXT: } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %y = nn.add(%a, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// Signedness moves from the tensors into the operations.

// CHECK-LABEL: @unsigned_operands
func.func @unsigned_operands(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: ^bb0(%[[X:.*]]: i8, %[[Y:.*]]: i8):
  // CHECK-NEXT: arith.maxui %[[X]], %[[Y]] : i8
  // CHECK: } : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %y = nn.max(%a, %b) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  func.return %y : tensor<4xui8>
}

// CHECK-LABEL: @properties_become_constants
func.func @properties_become_constants(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[LOW:.*]] = arith.constant -1.000000e+00 : f32
  // CHECK-NEXT: %[[M:.*]] = arith.maximumf %{{.*}}, %[[LOW]] : f32
  // CHECK-NEXT: %[[HIGH:.*]] = arith.constant 6.000000e+00 : f32
  // CHECK-NEXT: arith.minimumf %[[M]], %[[HIGH]] : f32
  %y = nn.clip(%x) {low = -1.0 : f64, high = 6.0 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @location_goes_inside
func.func @location_goes_inside(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: arith.negf %{{.*}} : f32 loc("flip")
  // CHECK: -> tensor<4xf32> loc("flip")
  %y = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("flip")
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @negative_general_already
func.func @negative_general_already(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: nn.elementwise(%x) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
  // CHECK-NEXT: nn.yield %[[X]] : f32
  %y = nn.elementwise(%x) do {
  ^bb0(%e: f32):
    nn.yield %e : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// A divisor that nobody knows may be zero or -1, and nothing may trap.

// CHECK-LABEL: @quotient
func.func @quotient(%x: tensor<4xi32>, %y: tensor<4xi32>) -> tensor<4xi32> {
  // CHECK: %[[ZERO:.*]] = arith.cmpi eq, %[[Y:.*]], %{{.*}} : i32
  // CHECK: %[[ONES:.*]] = arith.cmpi eq, %[[Y]], %{{.*}} : i32
  // CHECK: %[[EITHER:.*]] = arith.ori %[[ZERO]], %[[ONES]] : i1
  // CHECK: %[[SAFE:.*]] = arith.select %[[EITHER]], %{{.*}}, %[[Y]] : i32
  // CHECK: arith.divsi %{{.*}}, %[[SAFE]] : i32
  // CHECK-COUNT-2: arith.select
  %q = nn.div(%x, %y) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  func.return %q : tensor<4xi32>
}

// CHECK-LABEL: @negative_known_divisor
func.func @negative_known_divisor(%x: tensor<2xui8>) -> tensor<2xui8> {
  // CHECK-NOT: arith.select
  // CHECK: arith.divui
  // CHECK-NOT: arith.select
  %y = nn.constant dense<[3, 7]> : tensor<2xui8>
  %q = nn.div(%x, %y) : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  func.return %q : tensor<2xui8>
}
