// RUN: deployopt %s -p nn-fold-scalars | filecheck %s

// CHECK-LABEL: @constants_only
func.func @constants_only(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[C:.*]] = arith.constant 6.000000e+00 : f32
  // CHECK-NEXT: arith.mulf %{{.*}}, %[[C]] : f32
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 2.0 : f32
    %b = arith.constant 3.0 : f32
    %c = arith.mulf %a, %b : f32
    %r = arith.mulf %p, %c : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @times_one
func.func @times_one(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ^bb0(%[[X:.*]]: f32):
  // CHECK-NEXT: nn.yield %[[X]] : f32
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 1.0 : f32
    %r = arith.mulf %a, %p : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @division_by_a_power_of_two
func.func @division_by_a_power_of_two(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[C:.*]] = arith.constant 2.500000e-01 : f32
  // CHECK-NEXT: arith.mulf %{{.*}}, %[[C]] : f32
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 4.0 : f32
    %r = arith.divf %p, %a : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @square_in_an_epilogue
func.func @square_in_an_epilogue(%x: tensor<2x4xf32>) -> tensor<2x1xf32> {
  // CHECK: ^bb0(%[[ACC:.*]]: f32):
  // CHECK-NEXT: arith.mulf %[[ACC]], %[[ACC]] : f32
  %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} epilogue {
  ^bb0(%p: f32):
    %a = arith.constant 2.0 : f32
    %r = math.powf %p, %a : f32
    nn.yield %r : f32
  } : (tensor<2x4xf32>) -> tensor<2x1xf32>
  func.return %y : tensor<2x1xf32>
}

// CHECK-LABEL: @cube_of_integers
func.func @cube_of_integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  // CHECK: ^bb0(%[[X:.*]]: i32):
  // CHECK-NEXT: %[[S:.*]] = arith.muli %[[X]], %[[X]] : i32
  // CHECK-NEXT: arith.muli %[[S]], %[[X]] : i32
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i32):
    %a = arith.constant 3 : i32
    %r = math.ipowi %p, %a : i32
    nn.yield %r : i32
  } : (tensor<4xi32>) -> tensor<4xi32>
  func.return %y : tensor<4xi32>
}

// A third has no exact float.

// CHECK-LABEL: @negative_division_by_three
func.func @negative_division_by_three(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: arith.divf
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 3.0 : f32
    %r = arith.divf %p, %a : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -0.0 + 0.0 is 0.0.

// CHECK-LABEL: @negative_plus_zero
func.func @negative_plus_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: arith.addf
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 0.0 : f32
    %r = arith.addf %p, %a : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @first_and_fourth_power
func.func @first_and_fourth_power(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ^bb0(%[[X:.*]]: f32):
  // CHECK-NEXT: %[[S:.*]] = arith.mulf %[[X]], %[[X]] : f32
  // CHECK-NEXT: %[[F:.*]] = arith.mulf %[[S]], %[[S]] : f32
  // CHECK-NEXT: arith.subf %[[F]], %[[X]] : f32
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %one = arith.constant 1.0 : f32
    %four = arith.constant 4.0 : f32
    %a = math.powf %p, %one : f32
    %b = math.powf %p, %four : f32
    %r = arith.subf %b, %a : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @negative_fifth_power
func.func @negative_fifth_power(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: math.powf
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %a = arith.constant 5.0 : f32
    %r = math.powf %p, %a : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
