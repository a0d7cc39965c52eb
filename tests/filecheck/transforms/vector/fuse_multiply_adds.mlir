// RUN: deployopt %s -p vector-fuse-multiply-adds --machine rv64gcv --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-fuse-multiply-adds --machine rv32imc --no-debuginfo | filecheck %s --check-prefix NONE

// Either side of a sum may be the product; scalars and vectors alike. A machine without
// floats keeps both.

// CHECK-LABEL: @sums
// NONE-LABEL: @sums
func.func @sums(%x: f32, %y: f32, %a: f32, %v: vector<4xf32>) -> (f32, f32, vector<4xf32>) attributes {deploy.kernel} {
  // CHECK-NEXT: [[S:%.+]] = math.fma %x, %y, %a : f32
  // CHECK-NEXT: [[T:%.+]] = math.fma %x, %a, %y : f32
  // CHECK-NEXT: [[U:%.+]] = math.fma %v, %v, %v : vector<4xf32>
  // CHECK-NEXT: func.return [[S]], [[T]], [[U]]
  // NONE: arith.mulf
  // NONE-NEXT: arith.addf
  // NONE-NOT: math.fma
  // NONE: func.return
  %p = arith.mulf %x, %y : f32
  %s = arith.addf %a, %p : f32
  %q = arith.mulf %x, %a : f32
  %t = arith.addf %q, %y : f32
  %w = arith.mulf %v, %v : vector<4xf32>
  %u = arith.addf %w, %v : vector<4xf32>
  func.return %s, %t, %u : f32, f32, vector<4xf32>
}

// x * y - a is x * y + (-a), and a - x * y is (-x) * y + a.

// CHECK-LABEL: @differences
func.func @differences(%x: f32, %y: f32, %a: f32) -> (f32, f32) attributes {deploy.kernel} {
  // CHECK-NEXT: [[A:%.+]] = arith.negf %a
  // CHECK-NEXT: [[S:%.+]] = math.fma %x, %y, [[A]]
  // CHECK-NEXT: [[X:%.+]] = arith.negf %x
  // CHECK-NEXT: [[T:%.+]] = math.fma [[X]], %y, %a
  // CHECK-NEXT: func.return [[S]], [[T]]
  %p = arith.mulf %x, %y : f32
  %s = arith.subf %p, %a : f32
  %q = arith.mulf %x, %y : f32
  %t = arith.subf %a, %q : f32
  func.return %s, %t : f32, f32
}

// Of two products in a sum one is left.

// CHECK-LABEL: @two_products
func.func @two_products(%x: f32, %y: f32) -> f32 attributes {deploy.kernel} {
  // CHECK-NEXT: [[P:%.+]] = arith.mulf %x, %x
  // CHECK-NEXT: [[S:%.+]] = math.fma %y, %y, [[P]]
  // CHECK-NEXT: func.return [[S]]
  %p = arith.mulf %x, %x : f32
  %q = arith.mulf %y, %y : f32
  %s = arith.addf %p, %q : f32
  func.return %s : f32
}

// CHECK-LABEL: @negative_product_is_used_twice
func.func @negative_product_is_used_twice(%x: f32, %a: f32) -> (f32, f32) attributes {deploy.kernel} {
  // CHECK-NEXT: arith.mulf
  // CHECK-NEXT: arith.addf
  %p = arith.mulf %x, %x : f32
  %s = arith.addf %a, %p : f32
  func.return %s, %p : f32, f32
}

// A product outside of a loop is made once; in the loop it would be made in every round.

// CHECK-LABEL: @negative_product_outside
func.func @negative_product_outside(%x: f32) -> f32 attributes {deploy.kernel} {
  // CHECK-NOT: math.fma
  // CHECK: func.return
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %p = arith.mulf %x, %x : f32
  %s = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %x) -> (f32) {
    %t = arith.addf %acc, %p : f32
    scf.yield %t : f32
  }
  func.return %s : f32
}

// A dequantised value is rounded before it is added.

// CHECK-LABEL: @negative_multiple_of_an_integer
func.func @negative_multiple_of_an_integer(%n: i32, %v: vector<4xi32>, %x: f32, %w: vector<4xf32>) -> (f32, vector<4xf32>) attributes {deploy.kernel} {
  // CHECK-NOT: math.fma
  // CHECK: func.return
  %f = arith.sitofp %n : i32 to f32
  %p = arith.mulf %f, %x : f32
  %s = arith.addf %x, %p : f32
  %g = deploy.vcast uitofp %v : vector<4xi32> to vector<4xf32>
  %q = arith.mulf %w, %g : vector<4xf32>
  %t = arith.addf %q, %w : vector<4xf32>
  func.return %s, %t : f32, vector<4xf32>
}

// CHECK-LABEL: @negative_integers
func.func @negative_integers(%x: i32, %a: i32) -> i32 attributes {deploy.kernel} {
  // CHECK-NEXT: arith.muli
  // CHECK-NEXT: arith.addi
  %p = arith.muli %x, %x : i32
  %s = arith.addi %a, %p : i32
  func.return %s : i32
}

// CHECK-LABEL: @negative_no_kernel
func.func @negative_no_kernel(%x: f32, %a: f32) -> f32 {
  // CHECK-NEXT: arith.mulf
  // CHECK-NEXT: arith.addf
  %p = arith.mulf %x, %x : f32
  %s = arith.addf %a, %p : f32
  func.return %s : f32
}
