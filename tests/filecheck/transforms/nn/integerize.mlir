// RUN: deployopt %s -p nn-integerize,dce | filecheck %s

// (acc + 40) * 0.1875 = (acc + 40) * 3 / 16, with ties to even: acc = 0 gives 7.5, 8.

// CHECK-LABEL: @bias_joins_the_accumulator
func.func @bias_joins_the_accumulator(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi8> {
  // CHECK: nn.matmul(%{{.*}}, %{{.*}}) epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32):
  // CHECK-NEXT: %[[B:.*]] = arith.constant 40 : i32
  // CHECK-NEXT: %[[N:.*]] = arith.addi %[[ACC]], %[[B]] overflow<nsw> : i32
  // CHECK-NEXT: %[[M:.*]] = arith.constant 3 : i32
  // CHECK-NEXT: %[[P:.*]] = arith.muli %[[N]], %[[M]] overflow<nsw> : i32
  // CHECK-NEXT: %[[H:.*]] = arith.constant 7 : i32
  // CHECK-NEXT: %[[Q:.*]] = arith.addi %[[P]], %[[H]] overflow<nsw> : i32
  // CHECK-NEXT: %[[C4:.*]] = arith.constant 4 : i32
  // CHECK-NEXT: %[[F:.*]] = arith.shrsi %[[Q]], %[[C4]] : i32
  // CHECK-NEXT: %[[C1:.*]] = arith.constant 1 : i32
  // CHECK-NEXT: %[[ODD:.*]] = arith.andi %[[F]], %[[C1]] : i32
  // CHECK-NEXT: %[[T:.*]] = arith.addi %[[Q]], %[[ODD]] overflow<nsw> : i32
  // CHECK-NEXT: %[[C4B:.*]] = arith.constant 4 : i32
  // CHECK-NEXT: %[[R:.*]] = arith.shrsi %[[T]], %[[C4B]] : i32
  // CHECK-NEXT: %[[LOW:.*]] = arith.constant -128 : i32
  // CHECK-NEXT: %[[A:.*]] = arith.maxsi %[[R]], %[[LOW]] : i32
  // CHECK-NEXT: %[[HIGH:.*]] = arith.constant 127 : i32
  // CHECK-NEXT: %[[Z:.*]] = arith.minsi %[[A]], %[[HIGH]] : i32
  // CHECK-NEXT: %[[Y:.*]] = arith.trunci %[[Z]] : i32 to i8
  // CHECK-NEXT: nn.yield %[[Y]] : i8
  // CHECK-NEXT: } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xi8>
  %y = nn.matmul(%x, %w) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %s = arith.constant 0.1875 : f32
    %v = arith.mulf %r, %s : f32
    %b = arith.constant 7.5 : f32
    %a = arith.addf %v, %b : f32
    %n = math.roundeven %a : f32
    %l = arith.constant -128.0 : f32
    %m = arith.maxnumf %n, %l : f32
    %h = arith.constant 127.0 : f32
    %o = arith.minnumf %m, %h : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xi8>
  func.return %y : tensor<1x2xi8>
}

// One multiplier a channel, one shift for all; the upper half of the product is enough.
// No product of these meets a tie: an odd multiplier of 2 ** 23 or more would need an
// accumulator as large. The zero point comes with the half: 3 * 2 + 1.

// CHECK-LABEL: @scale_per_channel
func.func @scale_per_channel(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi8> {
  // CHECK: %[[M:.*]] = nn.constant dense<[858993472, 1717986944]> : tensor<2xi32>
  // CHECK-NEXT: nn.matmul(%{{.*}}, %{{.*}}) with (%[[M]]) epilogue {
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32, %[[MUL:.*]]: i32):
  // CHECK-NEXT: %{{.*}}, %[[P:.*]] = arith.mulsi_extended %[[ACC]], %[[MUL]] : i32
  // CHECK-NEXT: %[[HALF:.*]] = arith.constant 7 : i32
  // CHECK-NEXT: %[[Q:.*]] = arith.addi %[[P]], %[[HALF]] overflow<nsw> : i32
  // CHECK-NEXT: %[[S:.*]] = arith.constant 1 : i32
  // CHECK-NEXT: %[[R:.*]] = arith.shrsi %[[Q]], %[[S]] : i32
  // CHECK-NEXT: %[[LOW:.*]] = arith.constant -128 : i32
  // CHECK-NEXT: arith.maxsi %[[R]], %[[LOW]] : i32
  // CHECK-NOT: arith.andi
  // CHECK: nn.yield
  %scale = nn.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %y = nn.matmul(%x, %w) with (%scale) epilogue {
  ^bb0(%acc: i32, %s: f32):
    %r = arith.sitofp %acc : i32 to f32
    %v = arith.mulf %r, %s : f32
    %n = math.roundeven %v : f32
    %three = arith.constant 3.0 : f32
    %z = arith.addf %n, %three : f32
    %l = arith.constant -128.0 : f32
    %m = arith.maxnumf %z, %l : f32
    %h = arith.constant 127.0 : f32
    %o = arith.minnumf %m, %h : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<1x2xi8>, tensor<2x2xi8>, tensor<2xf32>) -> tensor<1x2xi8>
  func.return %y : tensor<1x2xi8>
}

// A sum of products of bytes is scaled up first, so that the upper halves are exact enough.

// CHECK-LABEL: @sum_of_two
func.func @sum_of_two(%x: tensor<4xi8>, %z: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK-NOT: i64
  // CHECK: %[[UP:.*]] = arith.shli %{{.*}}, %{{.*}} overflow<nsw> : i32
  // CHECK-NEXT: arith.constant
  // CHECK-NEXT: arith.mulsi_extended %[[UP]], %{{.*}} : i32
  // CHECK-NOT: i64
  // CHECK: arith.mulsi_extended
  // CHECK-NOT: i64
  // CHECK: nn.yield
  %y = nn.elementwise(%x, %z) do {
  ^bb0(%p: i8, %q: i8):
    %a = arith.sitofp %p : i8 to f32
    %b = arith.sitofp %q : i8 to f32
    %s = arith.constant 1.3 : f32
    %t = arith.constant 0.7 : f32
    %v = arith.mulf %a, %s : f32
    %w = arith.mulf %b, %t : f32
    %u = arith.addf %v, %w : f32
    %n = math.roundeven %u : f32
    %l = arith.constant -128.0 : f32
    %m = arith.maxnumf %n, %l : f32
    %h = arith.constant 127.0 : f32
    %o = arith.minnumf %m, %h : f32
    %i = arith.fptosi %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// max(v, 0) is rounded after the clamp that saturation needs anyway.

// CHECK-LABEL: @activation_is_the_saturation
func.func @activation_is_the_saturation(%x: tensor<4xi8>, %z: tensor<4xi8>) -> tensor<4xui8> {
  // CHECK: arith.muli %{{.*}}, %{{.*}} overflow<nsw> : i32
  // CHECK: arith.andi
  // CHECK: %[[R:.*]] = arith.shrsi
  // CHECK-NEXT: %[[LOW:.*]] = arith.constant 0 : i32
  // CHECK-NEXT: %[[A:.*]] = arith.maxsi %[[R]], %[[LOW]] : i32
  // CHECK-NEXT: %[[HIGH:.*]] = arith.constant 255 : i32
  // CHECK-NEXT: %[[B:.*]] = arith.minsi %[[A]], %[[HIGH]] : i32
  // CHECK-NEXT: arith.trunci %[[B]] : i32 to i8
  %y = nn.elementwise(%x, %z) do {
  ^bb0(%p: i8, %q: i8):
    %a = arith.sitofp %p : i8 to f32
    %b = arith.sitofp %q : i8 to f32
    %v = arith.mulf %a, %b : f32
    %s = arith.constant 0.125 : f32
    %w = arith.mulf %v, %s : f32
    %zero = arith.constant 0.0 : f32
    %c = arith.maximumf %w, %zero : f32
    %n = math.roundeven %c : f32
    %m = arith.maxnumf %n, %zero : f32
    %h = arith.constant 255.0 : f32
    %o = arith.minnumf %m, %h : f32
    %i = arith.fptoui %o : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xui8>
  func.return %y : tensor<4xui8>
}

// Both branches are rounded, the comparison is one of integers.

// CHECK-LABEL: @select
func.func @select(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi32> {
  // CHECK: ^bb0(%[[ACC:.*]]: i32):
  // CHECK-NEXT: %[[ONE:.*]] = arith.constant 0 : i32
  // CHECK-NEXT: %[[NOT:.*]] = arith.cmpi sge, %[[ACC]], %[[ONE]] : i32
  // CHECK-NOT: f32
  // CHECK: arith.select
  // CHECK-NOT: f32
  // CHECK: nn.yield
  %y = nn.matmul(%x, %w) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %zero = arith.constant 0.0 : f32
    %c = arith.cmpf oge, %r, %zero : f32
    %alpha = arith.constant 0.25 : f32
    %v = arith.mulf %r, %alpha : f32
    %s = arith.select %c, %r, %v : f32
    %n = math.roundeven %s : f32
    %i = arith.fptosi %n : f32 to i32
    nn.yield %i : i32
  } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xi32>
  func.return %y : tensor<1x2xi32>
}

// Nothing is left of the difference that decides.

// CHECK-LABEL: @maximum_of_equals
func.func @maximum_of_equals(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi32> {
  // CHECK: nn.matmul
  // CHECK-NOT: f32
  // CHECK: nn.yield
  %y = nn.matmul(%x, %w) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %m = arith.maximumf %r, %r : f32
    %n = math.roundeven %m : f32
    %i = arith.fptosi %n : f32 to i32
    nn.yield %i : i32
  } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xi32>
  func.return %y : tensor<1x2xi32>
}

// A sixth is no binary fraction, but odd multiples of three give ties.

// CHECK-LABEL: @mean_of_six
func.func @mean_of_six(%x: tensor<2x6xi8>) -> tensor<2x1xi8> {
  // CHECK: nn.reduce
  // CHECK-NOT: f32
  // CHECK: arith.andi
  // CHECK: nn.yield
  %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %c = arith.constant 6.0 : f32
    %v = arith.divf %r, %c : f32
    %n = math.roundeven %v : f32
    %i = arith.fptosi %n : f32 to i8
    nn.yield %i : i8
  } : (tensor<2x6xi8>) -> tensor<2x1xi8>
  func.return %y : tensor<2x1xi8>
}

// The integers are done with integers, what follows is real.

// CHECK-LABEL: @dequantized_output
func.func @dequantized_output(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xf32> {
  // CHECK-NOT: math.roundeven
  // CHECK: %[[I:.*]] = arith.trunci %{{.*}} : i32 to i8
  // CHECK-NEXT: %[[R:.*]] = arith.sitofp %[[I]] : i8 to f32
  // CHECK: %[[Y:.*]] = arith.mulf %[[R]]
  // CHECK-NEXT: nn.yield %[[Y]] : f32
  %y = nn.matmul(%x, %w) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %s = arith.constant 0.1875 : f32
    %v = arith.mulf %r, %s : f32
    %n = math.roundeven %v : f32
    %l = arith.constant -128.0 : f32
    %m = arith.maxnumf %n, %l : f32
    %h = arith.constant 127.0 : f32
    %o = arith.minnumf %m, %h : f32
    %i = arith.fptosi %o : f32 to i8
    %d = arith.sitofp %i : i8 to f32
    %e = arith.mulf %d, %s : f32
    nn.yield %e : f32
  } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xf32>
  func.return %y : tensor<1x2xf32>
}

// CHECK-LABEL: @negative_exponential
func.func @negative_exponential(%x: tensor<1x2xi8>, %w: tensor<2x2xi8>) -> tensor<1x2xi8> {
  // CHECK: arith.sitofp
  // CHECK: math.exp
  // CHECK: math.roundeven
  %y = nn.matmul(%x, %w) epilogue {
  ^bb0(%acc: i32):
    %r = arith.sitofp %acc : i32 to f32
    %v = math.exp %r : f32
    %n = math.roundeven %v : f32
    %i = arith.fptosi %n : f32 to i8
    nn.yield %i : i8
  } : (tensor<1x2xi8>, tensor<2x2xi8>) -> tensor<1x2xi8>
  func.return %y : tensor<1x2xi8>
}

// CHECK-LABEL: @negative_reals_in
func.func @negative_reals_in(%x: tensor<4xf32>) -> tensor<4xi8> {
  // CHECK: math.roundeven
  %y = nn.elementwise(%x) do {
  ^bb0(%p: f32):
    %n = math.roundeven %p : f32
    %i = arith.fptosi %n : f32 to i8
    nn.yield %i : i8
  } : (tensor<4xf32>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// Truncation towards zero is not rounding.

// CHECK-LABEL: @negative_truncation
func.func @negative_truncation(%x: tensor<4xi16>) -> tensor<4xi16> {
  // CHECK: arith.mulf
  // CHECK: arith.fptosi
  %y = nn.elementwise(%x) do {
  ^bb0(%p: i16):
    %r = arith.sitofp %p : i16 to f32
    %s = arith.constant 0.1875 : f32
    %v = arith.mulf %r, %s : f32
    %i = arith.fptosi %v : f32 to i16
    nn.yield %i : i16
  } : (tensor<4xi16>) -> tensor<4xi16>
  func.return %y : tensor<4xi16>
}
