// RUN: deployopt %s -p nn-tabulate,dce | filecheck %s

// x * x / 64, saturated: six times 0, then 0.5625 and 0.765625, which are 1.

// CHECK-LABEL: @square
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>)
func.func @square(%x: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK-NEXT: %[[T:.*]] = nn.constant dense<"0x0000000000000101{{.*}}> : tensor<256xi8>
  // CHECK-NEXT: nn.lookup(%[[X]], %[[T]]) : (tensor<4xi8>, tensor<256xi8>) -> tensor<4xi8>
  // CHECK-NEXT: func.return
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i8):
    %r = arith.sitofp %p : i8 to f32
    %s = arith.mulf %r, %r : f32
    %c = arith.constant 0.015625 : f32
    %q = arith.mulf %s, %c : f32
    %n = math.roundeven %q : f32
    %m = arith.constant 127.0 : f32
    %o = arith.minnumf %n, %m : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// The reals in between have another reader, which does not matter.

// CHECK-LABEL: @through_several_bodies
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>)
func.func @through_several_bodies(%x: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xf32>) {
  // CHECK: %[[E:.*]] = nn.elementwise(%[[X]], %{{.*}})
  // CHECK: %[[T:.*]] = nn.constant
  // CHECK-NEXT: %[[Y:.*]] = nn.lookup(%[[X]], %[[T]])
  // CHECK-NEXT: func.return %[[Y]], %[[E]]
  %c = nn.constant dense<0.5> : tensor<1xf32>
  %e = nn.elementwise(%x, %c) do {
  ^bb0(%p: i8, %k: f32):
    %r = arith.sitofp %p : i8 to f32
    %m = arith.mulf %r, %k : f32
    %s = math.exp %m : f32
    nn.yield %s : f32
  } : (tensor<4xi8>, tensor<1xf32>) -> tensor<4xf32>
  %y = nn.elementwise(%e) do {
  ^bb0(%p: f32):
    %m = arith.constant 127.0 : f32
    %o = arith.minnumf %p, %m : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xf32>) -> tensor<4xi8>
  func.return %y, %e : tensor<4xi8>, tensor<4xf32>
}

// 0.5 * (x - 3) clamped at 0 and requantised to 0.5 * (y + 2).

// CHECK-LABEL: @clamp_needs_no_table
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>)
func.func @clamp_needs_no_table(%x: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK-NEXT: nn.elementwise(%[[X]]) do {
  // CHECK-NEXT: ^bb0(%[[P:.*]]: i8):
  // CHECK-NEXT: %[[W:.*]] = arith.extsi %[[P]] : i8 to i32
  // CHECK-NEXT: %[[S:.*]] = arith.constant -5 : i32
  // CHECK-NEXT: %[[A:.*]] = arith.addi %[[W]], %[[S]] overflow<nsw> : i32
  // CHECK-NEXT: %[[L:.*]] = arith.constant -2 : i32
  // CHECK-NEXT: %[[M:.*]] = arith.maxsi %[[A]], %[[L]] : i32
  // CHECK-NEXT: %[[Y:.*]] = arith.trunci %[[M]] : i32 to i8
  // CHECK-NEXT: nn.yield %[[Y]] : i8
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i8):
    %w = arith.extsi %p : i8 to i32
    %z = arith.constant 3 : i32
    %d = arith.subi %w, %z : i32
    %r = arith.sitofp %d : i32 to f32
    %s = arith.constant 0.5 : f32
    %v = arith.mulf %r, %s : f32
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %v, %zero : f32
    %q = arith.divf %a, %s : f32
    %n = math.roundeven %q : f32
    %k = arith.constant -2.0 : f32
    %o = arith.addf %n, %k : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// CHECK-LABEL: @identity_is_nothing
// CHECK-SAME: (%[[X:.*]]: tensor<4xui8>)
func.func @identity_is_nothing(%x: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK-NEXT: func.return %[[X]]
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i8):
    %r = arith.uitofp %p : i8 to f32
    %i = arith.fptoui %r : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xui8>) -> tensor<4xui8>
  func.return %y : tensor<4xui8>
}

// CHECK-LABEL: @negative_two_bytes
func.func @negative_two_bytes(%x: tensor<4xi8>, %z: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK-NEXT: nn.elementwise
  // CHECK-NOT: nn.lookup
  %y = nn.elementwise(%x, %z) do {
  ^bb0(%p: i8, %q: i8):
    %r = arith.sitofp %p : i8 to f32
    %s = arith.sitofp %q : i8 to f32
    %t = arith.divf %r, %s : f32
    %i = arith.fptosi %t : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// One table a channel would be needed.

// CHECK-LABEL: @negative_constant_per_channel
func.func @negative_constant_per_channel(%x: tensor<2xi8>) -> tensor<2xi8> {
  // CHECK-NOT: nn.lookup
  // CHECK: func.return
  %c = nn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %y = nn.elementwise(%x, %c) do {
  ^bb0(%p: i8, %k: f32):
    %r = arith.sitofp %p : i8 to f32
    %s = arith.mulf %r, %k : f32
    %i = arith.fptosi %s : f32 to i8
    nn.yield %i : i8
  } : (tensor<2xi8>, tensor<2xf32>) -> tensor<2xi8>
  func.return %y : tensor<2xi8>
}

// CHECK-LABEL: @negative_integers_already
func.func @negative_integers_already(%x: tensor<2xi8>) -> tensor<2xi8> {
  // CHECK-NOT: nn.lookup
  // CHECK: func.return
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i8):
    %s = arith.muli %p, %p : i8
    nn.yield %s : i8
  } : (tensor<2xi8>) -> tensor<2xi8>
  func.return %y : tensor<2xi8>
}
