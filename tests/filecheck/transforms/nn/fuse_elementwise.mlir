// RUN: deployopt %s -p nn-fuse-elementwise | filecheck %s

// CHECK-LABEL: @chain
func.func @chain(%x: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: nn.elementwise(%x, %b) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: %[[S:.*]] = arith.addf %[[X]], %[[B]] : f32
  // CHECK-NEXT: %[[R:.*]] = math.exp %[[S]] : f32
  // CHECK-NEXT: nn.yield %[[R]] : f32
  // CHECK: func.return
  %s = nn.elementwise(%x, %b) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %y = nn.elementwise(%s) do {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @uniform_constant
func.func @uniform_constant(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: nn.elementwise(%x) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
  // CHECK-NEXT: %[[C:.*]] = arith.constant 5.000000e-01 : f32
  // CHECK-NEXT: arith.mulf %[[X]], %[[C]] : f32
  %c = nn.constant dense<0.5> : tensor<4xf32>
  %y = nn.elementwise(%x, %c) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.mulf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// 200 as `ui8` has the bits of -56.

// CHECK-LABEL: @unsigned_constant
func.func @unsigned_constant(%x: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: arith.constant -56 : i8
  %c = nn.constant dense<200> : tensor<1xui8>
  %y = nn.elementwise(%x, %c) do {
  ^bb0(%p: i8, %q: i8):
    %r = arith.minui %p, %q : i8
    nn.yield %r : i8
  } : (tensor<4xui8>, tensor<1xui8>) -> tensor<4xui8>
  func.return %y : tensor<4xui8>
}

// CHECK-LABEL: @into_an_epilogue
func.func @into_an_epilogue(%x: tensor<2x2xf32>, %z: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // CHECK-NEXT: nn.matmul(%x, %x) with (%z) epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[Z:.*]]: f32):
  // CHECK-NEXT: %[[N:.*]] = arith.negf %[[Z]] : f32
  // CHECK-NEXT: arith.addf %[[ACC]], %[[N]] : f32
  %n = nn.elementwise(%z) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = nn.matmul(%x, %x) with (%n) epilogue {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  func.return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @operand_twice_and_unread
func.func @operand_twice_and_unread(%x: tensor<4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: nn.elementwise(%x) do {
  // CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
  // CHECK: arith.mulf %[[X]], %[[X]] : f32
  %y = nn.elementwise(%x, %x, %z) do {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %r = arith.mulf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @identity
func.func @identity(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: func.return %x
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    nn.yield %p : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @locations_add_up
func.func @locations_add_up(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: -> tensor<4xf32> loc(fused["second", "first"])
  %a = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32> loc("first")
  %y = nn.elementwise(%a) do {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32> loc("second")
  func.return %y : tensor<4xf32>
}

// The exponential of each of the three would be computed twice.

// CHECK-LABEL: @negative_result_is_larger
func.func @negative_result_is_larger(%x: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: math.exp
  // CHECK: nn.elementwise
  // CHECK: arith.addf
  %e = nn.elementwise(%b) do {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    nn.yield %r : f32
  } : (tensor<3xf32>) -> tensor<3xf32>
  %y = nn.elementwise(%x, %e) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// Without the constant the result would have three elements.

// CHECK-LABEL: @negative_constant_gives_the_shape
func.func @negative_constant_gives_the_shape(%b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: nn.elementwise(%b, %{{.*}}) do {
  %c = nn.constant dense<0.5> : tensor<2x1xf32>
  %y = nn.elementwise(%b, %c) do {
  ^bb0(%p: f32, %q: f32):
    %r = arith.mulf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @negative_second_user
func.func @negative_second_user(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: nn.elementwise
  // CHECK: nn.elementwise
  %a = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  %y = nn.elementwise(%a) do {
  ^bb0(%p: f32):
    %r = math.exp %p : f32
    nn.yield %r : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %y : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @negative_also_a_main_operand
func.func @negative_also_a_main_operand(%z: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // CHECK: %[[N:.*]] = nn.elementwise(%z)
  // CHECK: nn.matmul(%[[N]], %z) with (%[[N]])
  %n = nn.elementwise(%z) do {
  ^bb0(%p: f32):
    %r = arith.negf %p : f32
    nn.yield %r : f32
  } : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = nn.matmul(%n, %z) with (%n) epilogue {
  ^bb0(%p: f32, %q: f32):
    %r = arith.addf %p, %q : f32
    nn.yield %r : f32
  } : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  func.return %y : tensor<2x2xf32>
}

// The body between them was not the operand itself before the factor was taken in.

// CHECK-LABEL: @reshapes_meet
func.func @reshapes_meet(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<2x2xf32>) {
  // CHECK-NEXT: %[[Y:.*]] = nn.reshape(%x) : (tensor<1x4xf32>) -> tensor<2x2xf32>
  // CHECK-NEXT: func.return %x, %[[Y]]
  %a = nn.reshape(%x) : (tensor<1x4xf32>) -> tensor<4xf32>
  %b = nn.elementwise(%a) do {
  ^bb0(%p: f32):
    nn.yield %p : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  %c = nn.reshape(%b) : (tensor<4xf32>) -> tensor<1x4xf32>
  %d = nn.reshape(%b) : (tensor<4xf32>) -> tensor<2x2xf32>
  func.return %c, %d : tensor<1x4xf32>, tensor<2x2xf32>
}
