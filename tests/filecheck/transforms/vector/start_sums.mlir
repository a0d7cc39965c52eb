// RUN: deployopt %s -p vector-start-sums --machine rv64gc --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-start-sums --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix KEPT

// The load moves in front of the loop. Where there are vectors, scalars stay.

// CHECK-LABEL: @loop
// CHECK: [[Z:%.+]] = arith.constant 0.000000e+00
// CHECK-NEXT: [[B:%.+]] = memref.load %bias
// CHECK-NEXT: [[S:%.+]] = scf.for {{.*}} iter_args({{.*}} = [[B]])
// CHECK: memref.store [[S]], %out
// KEPT-LABEL: @loop
// KEPT: scf.for
// KEPT: memref.load %bias
// KEPT-NEXT: arith.addf
func.func @loop(%x: memref<8xf32>, %bias: memref<4xf32>, %out: memref<4xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %v = memref.load %x[%i] : memref<8xf32>
    %t = arith.addf %v, %acc : f32
    scf.yield %t : f32
  }
  %b = memref.load %bias[%c1] : memref<4xf32>
  %r = arith.addf %b, %s : f32
  memref.store %r, %out[%c1] : memref<4xf32>
  func.return
}

// Loops in loops and behind each other, and what is written out between them.

// CHECK-LABEL: @parts
// CHECK: scf.for {{.*}} iter_args([[A:%[^ ]+]] = %b)
// CHECK-NEXT: scf.for {{.*}} iter_args({{%.+}} = [[A]])
// CHECK: %t = math.fma %x, %x,
// CHECK-NEXT: %u = scf.for {{.*}} = %t)
// CHECK: func.return %u
func.func @parts(%x: f32, %b: f32) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %inner = scf.for %j = %c0 to %c8 step %c1 iter_args(%sum = %acc) -> (f32) {
      %f = math.fma %x, %x, %sum : f32
      scf.yield %f : f32
    }
    scf.yield %inner : f32
  }
  %t = math.fma %x, %x, %s : f32
  %u = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %t) -> (f32) {
    %f = arith.addf %acc, %x : f32
    scf.yield %f : f32
  }
  %r = arith.addf %u, %b : f32
  func.return %r : f32
}

// CHECK-LABEL: @integers
// CHECK: [[S:%.+]] = arith.addi %b, %x
// CHECK-NEXT: func.return [[S]]
func.func @integers(%x: i32, %b: i32) -> i32 attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  %s = arith.addi %zero, %x : i32
  %r = arith.addi %s, %b : i32
  func.return %r : i32
}

// CHECK-LABEL: @negative_begins_with_another
// CHECK: scf.for
// CHECK: arith.addf
// CHECK: arith.addf
func.func @negative_begins_with_another(%x: f32, %b: f32) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %one) -> (f32) {
    %t = arith.addf %acc, %x : f32
    scf.yield %t : f32
  }
  %r = arith.addf %s, %b : f32
  func.return %r : f32
}

// CHECK-LABEL: @negative_maximum
// CHECK: [[S:%.+]] = scf.for
// CHECK: arith.addf [[S]], %b
func.func @negative_maximum(%x: f32, %b: f32) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %t = arith.maximumf %acc, %x : f32
    scf.yield %t : f32
  }
  %r = arith.addf %s, %b : f32
  func.return %r : f32
}

// The sum alone is stored as well.

// CHECK-LABEL: @negative_is_used_twice
// CHECK: [[S:%.+]] = scf.for
// CHECK: [[R:%.+]] = arith.addf [[S]], %b
// CHECK-NEXT: func.return [[S]], [[R]]
func.func @negative_is_used_twice(%x: f32, %b: f32) -> (f32, f32) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %t = arith.addf %acc, %x : f32
    scf.yield %t : f32
  }
  %r = arith.addf %s, %b : f32
  func.return %s, %r : f32, f32
}

// A partial sum is seen by somebody else.

// CHECK-LABEL: @negative_partial_sum
// CHECK: [[S:%.+]] = scf.for
// CHECK: arith.addf [[S]], %b
func.func @negative_partial_sum(%x: f32, %b: f32, %out: memref<8xf32>) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %t = arith.addf %acc, %x : f32
    %u = arith.mulf %acc, %x : f32
    %v = arith.addf %t, %u : f32
    scf.yield %v : f32
  }
  %r = arith.addf %s, %b : f32
  func.return %r : f32
}

// What is loaded behind the loop is written in it.

// CHECK-LABEL: @negative_written_between
// CHECK: scf.for
// CHECK: memref.load
// CHECK-NEXT: arith.addf
func.func @negative_written_between(%x: f32, %bias: memref<8xf32>) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
    %t = arith.addf %acc, %x : f32
    memref.store %x, %bias[%i] : memref<8xf32>
    scf.yield %t : f32
  }
  %b = memref.load %bias[%c1] : memref<8xf32>
  %r = arith.addf %s, %b : f32
  func.return %r : f32
}

// CHECK-LABEL: @negative_needs_the_sum
// CHECK: %s, %n = scf.for
// CHECK: %m = arith.mulf
// CHECK-NEXT: arith.addf %s, %m
func.func @negative_needs_the_sum(%x: f32) -> f32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %s, %n = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero, %other = %zero) -> (f32, f32) {
    %t = arith.addf %acc, %x : f32
    %u = arith.addf %other, %x : f32
    scf.yield %t, %u : f32, f32
  }
  %m = arith.mulf %n, %n : f32
  %r = arith.addf %s, %m : f32
  func.return %r : f32
}

// Vectors that each round loads for one sum alone are what it begins with.

// KEPT-LABEL: @own
// KEPT: scf.for [[N:%[^ ]+]] =
// KEPT-NEXT: [[B:%.+]] = vector.load %bias{{\[}}[[N]]]
// KEPT-NEXT: [[S:%.+]] = scf.for {{.*}} iter_args({{.*}} = [[B]])
// KEPT: vector.store [[S]], %out
func.func @own(%x: memref<8xf32>, %bias: memref<8xf32>, %out: memref<8xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : vector<4xf32>
  scf.for %n = %c0 to %c8 step %c4 {
    %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (vector<4xf32>) {
      %v = vector.load %x[%n] : memref<8xf32>, vector<4xf32>
      %t = arith.addf %v, %acc : vector<4xf32>
      scf.yield %t : vector<4xf32>
    }
    %b = vector.load %bias[%n] : memref<8xf32>, vector<4xf32>
    %r = arith.addf %s, %b : vector<4xf32>
    vector.store %r, %out[%n] : memref<8xf32>, vector<4xf32>
  }
  func.return
}

// Bytes are widened in the loop, which writes no memory by that.

// CHECK-LABEL: @bytes
// CHECK: [[B:%.+]] = memref.load %bias
// CHECK-NEXT: [[S:%.+]] = scf.for {{.*}} iter_args({{.*}} = [[B]])
// CHECK: func.return [[S]]
func.func @bytes(%x: memref<8xi8>, %bias: memref<4xi32>) -> i32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0 : i32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (i32) {
    %v = memref.load %x[%i] : memref<8xi8>
    %w = arith.extsi %v : i8 to i32
    %t = arith.addi %acc, %w : i32
    scf.yield %t : i32
  }
  %b = memref.load %bias[%c1] : memref<4xi32>
  %r = arith.addi %s, %b : i32
  func.return %r : i32
}

// Sums of four products are sums.

// CHECK-LABEL: @dots
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %b)
// CHECK: func.return %s
func.func @dots(%x: i32, %b: i32) -> i32 attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0 : i32
  %s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (i32) {
    %t = deploy.dot4 %acc, %x, %x : i32, i32
    scf.yield %t : i32
  }
  %r = arith.addi %s, %b : i32
  func.return %r : i32
}

// A factor is none of them.

// CHECK-LABEL: @negative_factor
// CHECK: arith.addi
func.func @negative_factor(%x: i32, %b: i32) -> i32 attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  %t = deploy.dot4 %x, %zero, %x : i32, i32
  %r = arith.addi %t, %b : i32
  func.return %r : i32
}

// So are those that many sums share, where the sums are written out: the zero that they
// would begin with takes a register as well. In a loop it does not.

// KEPT-LABEL: @written_out
// KEPT: [[B:%.+]] = vector.load %bias
// KEPT-NEXT: [[S:%.+]] = arith.addf [[B]], %p
// KEPT-NEXT: [[T:%.+]] = arith.addf [[B]], %q
// KEPT-NEXT: [[L:%.+]] = scf.for {{.*}} = %zero)
// KEPT: arith.addf [[L]], [[B]]
// KEPT-NEXT: vector.store [[S]], %out
// KEPT-NEXT: vector.store [[T]], %out
func.func @written_out(%bias: memref<8xf32>, %out: memref<8xf32>, %p: vector<4xf32>, %q: vector<4xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant dense<0.0> : vector<4xf32>
  %s = arith.addf %zero, %p : vector<4xf32>
  %t = arith.addf %zero, %q : vector<4xf32>
  %l = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> (vector<4xf32>) {
    %n = arith.addf %acc, %p : vector<4xf32>
    scf.yield %n : vector<4xf32>
  }
  %b = vector.load %bias[%c0] : memref<8xf32>, vector<4xf32>
  %u = arith.addf %s, %b : vector<4xf32>
  %v = arith.addf %t, %b : vector<4xf32>
  %w = arith.addf %l, %b : vector<4xf32>
  vector.store %u, %out[%c0] : memref<8xf32>, vector<4xf32>
  vector.store %v, %out[%c4] : memref<8xf32>, vector<4xf32>
  vector.store %w, %out[%c4] : memref<8xf32>, vector<4xf32>
  func.return
}
