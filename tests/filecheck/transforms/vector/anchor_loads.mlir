// RUN: deployopt %s -p vector-anchor-loads --machine rv64gcv --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-anchor-loads --machine rv64gc --no-debuginfo | filecheck %s --check-prefix NONE
// RUN: deployopt %s -p vector-anchor-loads --machine host --no-debuginfo | filecheck %s --check-prefix NONE

// NONE-NOT: deploy.anew

// Twelve vectors of two rows, the first of which begins one before the index: the part has
// as many columns as there are from the first one to the last lane of the last one. %w does
// not move with the loop.

// CHECK-LABEL: @two_rows
// CHECK: scf.for %i
// CHECK: %[[ROW:[0-9]+]] = arith.muli %i, %c2
// CHECK: %[[COLUMN:[0-9]+]] = arith.subi %i, %c1
// CHECK: %[[PART:[0-9]+]] = memref.subview %x[%[[ROW]], %[[COLUMN]]] [2, 14] [1, 1]
// CHECK-NEXT: %[[Z:[0-9]+]] = deploy.anew %[[PART]]
// CHECK: vector.load %[[Z]][%c0, %c0] : memref<2x14xf32, strided<[80, 1], offset: ?>>, vector<4xf32>
// CHECK: vector.load %w[
// CHECK: vector.load %[[Z]][%c1, %c10] : memref<2x14xf32, strided<[80, 1], offset: ?>>, vector<4xf32>
// CHECK: vector.store %{{.*}}, %y[%i]
func.func @two_rows(%x: memref<80x80xf32>, %w: memref<4xf32>, %y: memref<80xf32>) attributes {deploy.kernel} {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c9 = arith.constant 9 : index
  %c33 = arith.constant 33 : index
  scf.for %i = %c1 to %c33 step %c2 {
    %r = arith.muli %i, %c2 : index
    %s = arith.addi %r, %c1 : index
    %j = arith.subi %i, %c1 : index
    %j1 = arith.addi %i, %c1 : index
    %j3 = arith.addi %i, %c3 : index
    %j5 = arith.addi %i, %c5 : index
    %j7 = arith.addi %i, %c7 : index
    %j9 = arith.addi %i, %c9 : index
    %a0 = vector.load %x[%r, %j] : memref<80x80xf32>, vector<4xf32>
    %f = vector.load %w[%c0] : memref<4xf32>, vector<4xf32>
    %a1 = vector.load %x[%r, %j1] : memref<80x80xf32>, vector<4xf32>
    %a2 = vector.load %x[%r, %j3] : memref<80x80xf32>, vector<4xf32>
    %a3 = vector.load %x[%r, %j5] : memref<80x80xf32>, vector<4xf32>
    %a4 = vector.load %x[%r, %j7] : memref<80x80xf32>, vector<4xf32>
    %a5 = vector.load %x[%r, %j9] : memref<80x80xf32>, vector<4xf32>
    %b0 = vector.load %x[%s, %j] : memref<80x80xf32>, vector<4xf32>
    %b1 = vector.load %x[%s, %j1] : memref<80x80xf32>, vector<4xf32>
    %b2 = vector.load %x[%s, %j3] : memref<80x80xf32>, vector<4xf32>
    %b3 = vector.load %x[%s, %j5] : memref<80x80xf32>, vector<4xf32>
    %b4 = vector.load %x[%s, %j7] : memref<80x80xf32>, vector<4xf32>
    %b5 = vector.load %x[%s, %j9] : memref<80x80xf32>, vector<4xf32>
    %t = math.fma %a0, %f, %b5 : vector<4xf32>
    vector.store %t, %y[%i] : memref<80xf32>, vector<4xf32>
  }
  func.return
}

// A loop of two short rounds is written out, and rounds then share what they load.

// CHECK-LABEL: @negative_short
// CHECK-NOT: deploy.anew
func.func @negative_short(%x: memref<80x80xf32>, %w: memref<4xf32>, %y: memref<80xf32>) attributes {deploy.kernel} {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c9 = arith.constant 9 : index
  %c5_ = arith.constant 5 : index
  scf.for %i = %c1 to %c5_ step %c2 {
    %r = arith.muli %i, %c2 : index
    %s = arith.addi %r, %c1 : index
    %j = arith.subi %i, %c1 : index
    %j1 = arith.addi %i, %c1 : index
    %j3 = arith.addi %i, %c3 : index
    %j5 = arith.addi %i, %c5 : index
    %j7 = arith.addi %i, %c7 : index
    %j9 = arith.addi %i, %c9 : index
    %a0 = vector.load %x[%r, %j] : memref<80x80xf32>, vector<4xf32>
    %f = vector.load %w[%c0] : memref<4xf32>, vector<4xf32>
    %a1 = vector.load %x[%r, %j1] : memref<80x80xf32>, vector<4xf32>
    %a2 = vector.load %x[%r, %j3] : memref<80x80xf32>, vector<4xf32>
    %a3 = vector.load %x[%r, %j5] : memref<80x80xf32>, vector<4xf32>
    %a4 = vector.load %x[%r, %j7] : memref<80x80xf32>, vector<4xf32>
    %a5 = vector.load %x[%r, %j9] : memref<80x80xf32>, vector<4xf32>
    %b0 = vector.load %x[%s, %j] : memref<80x80xf32>, vector<4xf32>
    %b1 = vector.load %x[%s, %j1] : memref<80x80xf32>, vector<4xf32>
    %b2 = vector.load %x[%s, %j3] : memref<80x80xf32>, vector<4xf32>
    %b3 = vector.load %x[%s, %j5] : memref<80x80xf32>, vector<4xf32>
    %b4 = vector.load %x[%s, %j7] : memref<80x80xf32>, vector<4xf32>
    %b5 = vector.load %x[%s, %j9] : memref<80x80xf32>, vector<4xf32>
    %t = math.fma %a0, %f, %b5 : vector<4xf32>
    vector.store %t, %y[%i] : memref<80xf32>, vector<4xf32>
  }
  func.return
}

// Two loads have their additions in few registers anyway.

// CHECK-LABEL: @negative_few
// CHECK-NOT: deploy.anew
func.func @negative_few(%x: memref<40xf32>, %y: memref<40xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  scf.for %i = %c0 to %c32 step %c4 {
    %j = arith.addi %i, %c4 : index
    %a = vector.load %x[%i] : memref<40xf32>, vector<4xf32>
    %b = vector.load %x[%j] : memref<40xf32>, vector<4xf32>
    %s = arith.addf %a, %b : vector<4xf32>
    vector.store %s, %y[%i] : memref<40xf32>, vector<4xf32>
  }
  func.return
}

// Six scalars, each 4,400 bytes behind the one before: none is in reach of another one's
// address.

// CHECK-LABEL: @far_scalars
// CHECK: %[[PART:[0-9]+]] = memref.subview %x[%i] [5501] [1]
// CHECK-NEXT: %[[Z:[0-9]+]] = deploy.anew %[[PART]]
// CHECK: memref.load %[[Z]][%c0] : memref<5501xf32, strided<[1], offset: ?>>
// CHECK: memref.load %[[Z]][%c5500]
func.func @far_scalars(%x: memref<9000xf32>, %y: memref<400xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c400 = arith.constant 400 : index
  %k1 = arith.constant 1100 : index
  %k2 = arith.constant 2200 : index
  %k3 = arith.constant 3300 : index
  %k4 = arith.constant 4400 : index
  %k5 = arith.constant 5500 : index
  scf.for %i = %c0 to %c400 step %c1 {
    %a0 = memref.load %x[%i] : memref<9000xf32>
    %j1 = arith.addi %i, %k1 : index
    %a1 = memref.load %x[%j1] : memref<9000xf32>
    %j2 = arith.addi %i, %k2 : index
    %a2 = memref.load %x[%j2] : memref<9000xf32>
    %j3 = arith.addi %i, %k3 : index
    %a3 = memref.load %x[%j3] : memref<9000xf32>
    %j4 = arith.addi %i, %k4 : index
    %a4 = memref.load %x[%j4] : memref<9000xf32>
    %j5 = arith.addi %i, %k5 : index
    %a5 = memref.load %x[%j5] : memref<9000xf32>
    %s1 = arith.addf %a0, %a1 : f32
    %s2 = arith.addf %s1, %a2 : f32
    %s3 = arith.addf %s2, %a3 : f32
    %s4 = arith.addf %s3, %a4 : f32
    %s5 = arith.addf %s4, %a5 : f32
    memref.store %s5, %y[%i] : memref<400xf32>
  }
  func.return
}

// The last two are in reach of each other, so there are five addresses.

// CHECK-LABEL: @negative_near_scalars
// CHECK-NOT: deploy.anew
func.func @negative_near_scalars(%x: memref<9000xf32>, %y: memref<400xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c400 = arith.constant 400 : index
  %k1 = arith.constant 1100 : index
  %k2 = arith.constant 2200 : index
  %k3 = arith.constant 3300 : index
  %k4 = arith.constant 4400 : index
  %k5 = arith.constant 4500 : index
  scf.for %i = %c0 to %c400 step %c1 {
    %a0 = memref.load %x[%i] : memref<9000xf32>
    %j1 = arith.addi %i, %k1 : index
    %a1 = memref.load %x[%j1] : memref<9000xf32>
    %j2 = arith.addi %i, %k2 : index
    %a2 = memref.load %x[%j2] : memref<9000xf32>
    %j3 = arith.addi %i, %k3 : index
    %a3 = memref.load %x[%j3] : memref<9000xf32>
    %j4 = arith.addi %i, %k4 : index
    %a4 = memref.load %x[%j4] : memref<9000xf32>
    %j5 = arith.addi %i, %k5 : index
    %a5 = memref.load %x[%j5] : memref<9000xf32>
    %s1 = arith.addf %a0, %a1 : f32
    %s2 = arith.addf %s1, %a2 : f32
    %s3 = arith.addf %s2, %a3 : f32
    %s4 = arith.addf %s3, %a4 : f32
    %s5 = arith.addf %s4, %a5 : f32
    memref.store %s5, %y[%i] : memref<400xf32>
  }
  func.return
}

// Three rows of 2,400 bytes: from one of them the next one is two additions away. Each has a place of its own.

// CHECK-LABEL: @far_rows
// CHECK: %[[PART:[0-9]+]] = memref.subview %x[%i, 0] [1, 24]
// CHECK-NEXT: %[[Z:[0-9]+]] = deploy.anew %[[PART]]
// CHECK: vector.load %[[Z]][%c0, %c20] : memref<1x24xf32, strided<[600, 1], offset: ?>>, vector<4xf32>
// CHECK: %[[NEXT:[0-9]+]] = memref.subview %x[%{{.*}}, 0] [1, 24]
// CHECK-NEXT: %[[Z1:[0-9]+]] = deploy.anew %[[NEXT]]
// CHECK: vector.load %[[Z1]][%c0, %c20]
// CHECK: %[[LAST:[0-9]+]] = memref.subview %x[%{{.*}}, 0] [1, 24]
// CHECK-NEXT: %[[Z2:[0-9]+]] = deploy.anew %[[LAST]]
// CHECK: vector.load %[[Z2]][%c0, %c20]
func.func @far_rows(%x: memref<40x600xf32>, %y: memref<80xf32>) attributes {deploy.kernel} {
  %k1 = arith.constant 1 : index
  %k2 = arith.constant 2 : index
  %n = arith.constant 32 : index
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c12 = arith.constant 12 : index
  %c16 = arith.constant 16 : index
  %c20 = arith.constant 20 : index
  scf.for %i = %c0 to %n step %k1 {
    %r1 = arith.addi %i, %k1 : index
    %r2 = arith.addi %i, %k2 : index
    %a00 = vector.load %x[%i, %c0] : memref<40x600xf32>, vector<4xf32>
    %a01 = vector.load %x[%i, %c4] : memref<40x600xf32>, vector<4xf32>
    %a02 = vector.load %x[%i, %c8] : memref<40x600xf32>, vector<4xf32>
    %a03 = vector.load %x[%i, %c12] : memref<40x600xf32>, vector<4xf32>
    %a04 = vector.load %x[%i, %c16] : memref<40x600xf32>, vector<4xf32>
    %a05 = vector.load %x[%i, %c20] : memref<40x600xf32>, vector<4xf32>
    %a10 = vector.load %x[%r1, %c0] : memref<40x600xf32>, vector<4xf32>
    %a11 = vector.load %x[%r1, %c4] : memref<40x600xf32>, vector<4xf32>
    %a12 = vector.load %x[%r1, %c8] : memref<40x600xf32>, vector<4xf32>
    %a13 = vector.load %x[%r1, %c12] : memref<40x600xf32>, vector<4xf32>
    %a14 = vector.load %x[%r1, %c16] : memref<40x600xf32>, vector<4xf32>
    %a15 = vector.load %x[%r1, %c20] : memref<40x600xf32>, vector<4xf32>
    %a20 = vector.load %x[%r2, %c0] : memref<40x600xf32>, vector<4xf32>
    %a21 = vector.load %x[%r2, %c4] : memref<40x600xf32>, vector<4xf32>
    %a22 = vector.load %x[%r2, %c8] : memref<40x600xf32>, vector<4xf32>
    %a23 = vector.load %x[%r2, %c12] : memref<40x600xf32>, vector<4xf32>
    %a24 = vector.load %x[%r2, %c16] : memref<40x600xf32>, vector<4xf32>
    %a25 = vector.load %x[%r2, %c20] : memref<40x600xf32>, vector<4xf32>
    %s = arith.addf %a00, %a25 : vector<4xf32>
    vector.store %s, %y[%i] : memref<80xf32>, vector<4xf32>
  }
  func.return
}

// Three rows of 640 bytes are in reach of one place.

// CHECK-LABEL: @negative_near_rows
// CHECK: deploy.anew
// CHECK-NOT: deploy.anew
func.func @negative_near_rows(%x: memref<40x160xf32>, %y: memref<80xf32>) attributes {deploy.kernel} {
  %k1 = arith.constant 1 : index
  %k2 = arith.constant 2 : index
  %n = arith.constant 32 : index
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c12 = arith.constant 12 : index
  %c16 = arith.constant 16 : index
  %c20 = arith.constant 20 : index
  scf.for %i = %c0 to %n step %k1 {
    %r1 = arith.addi %i, %k1 : index
    %r2 = arith.addi %i, %k2 : index
    %a00 = vector.load %x[%i, %c0] : memref<40x160xf32>, vector<4xf32>
    %a01 = vector.load %x[%i, %c4] : memref<40x160xf32>, vector<4xf32>
    %a02 = vector.load %x[%i, %c8] : memref<40x160xf32>, vector<4xf32>
    %a03 = vector.load %x[%i, %c12] : memref<40x160xf32>, vector<4xf32>
    %a04 = vector.load %x[%i, %c16] : memref<40x160xf32>, vector<4xf32>
    %a05 = vector.load %x[%i, %c20] : memref<40x160xf32>, vector<4xf32>
    %a10 = vector.load %x[%r1, %c0] : memref<40x160xf32>, vector<4xf32>
    %a11 = vector.load %x[%r1, %c4] : memref<40x160xf32>, vector<4xf32>
    %a12 = vector.load %x[%r1, %c8] : memref<40x160xf32>, vector<4xf32>
    %a13 = vector.load %x[%r1, %c12] : memref<40x160xf32>, vector<4xf32>
    %a14 = vector.load %x[%r1, %c16] : memref<40x160xf32>, vector<4xf32>
    %a15 = vector.load %x[%r1, %c20] : memref<40x160xf32>, vector<4xf32>
    %a20 = vector.load %x[%r2, %c0] : memref<40x160xf32>, vector<4xf32>
    %a21 = vector.load %x[%r2, %c4] : memref<40x160xf32>, vector<4xf32>
    %a22 = vector.load %x[%r2, %c8] : memref<40x160xf32>, vector<4xf32>
    %a23 = vector.load %x[%r2, %c12] : memref<40x160xf32>, vector<4xf32>
    %a24 = vector.load %x[%r2, %c16] : memref<40x160xf32>, vector<4xf32>
    %a25 = vector.load %x[%r2, %c20] : memref<40x160xf32>, vector<4xf32>
    %s = arith.addf %a00, %a25 : vector<4xf32>
    vector.store %s, %y[%i] : memref<80xf32>, vector<4xf32>
  }
  func.return
}

// The last square begins earlier: four rows of loads, and of stores behind them, have one place each, whatever the
// number of rounds.

// CHECK-LABEL: @squares
// CHECK: [[PART:%.+]] = memref.subview %x[%v, %k] [4, 4] [1, 1]
// CHECK-NEXT: [[Z:%.+]] = deploy.anew [[PART]]
// CHECK: vector.load [[Z]][%c0, %c0]
// CHECK: vector.load [[Z]][%c3, %c0]
// CHECK-NEXT: [[TO:%.+]] = memref.subview %y[%k, %v] [4, 4] [1, 1]
// CHECK-NEXT: [[ANEW:%.+]] = deploy.anew [[TO]]
// CHECK-NEXT: vector.store %a0, [[ANEW]][%c0, %c0]
// CHECK-NEXT: vector.store %a1, [[ANEW]][%c1, %c0]
// CHECK-NEXT: vector.store %a2, [[ANEW]][%c2, %c0]
// CHECK-NEXT: vector.store %a3, [[ANEW]][%c3, %c0]
func.func @squares(%x: memref<9x80xf32>, %y: memref<80x9xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c80 = arith.constant 80 : index
  scf.for %k = %c0 to %c80 step %c4 {
  %k1 = arith.addi %k, %c1 : index
  %k2 = arith.addi %k, %c2 : index
  %k3 = arith.addi %k, %c3 : index
  scf.for %i = %c0 to %c9 step %c4 {
    %v = arith.minsi %i, %c5 : index
    %v1 = arith.addi %v, %c1 : index
    %v2 = arith.addi %v, %c2 : index
    %v3 = arith.addi %v, %c3 : index
    %a0 = vector.load %x[%v, %k] : memref<9x80xf32>, vector<4xf32>
    %a1 = vector.load %x[%v1, %k] : memref<9x80xf32>, vector<4xf32>
    %a2 = vector.load %x[%v2, %k] : memref<9x80xf32>, vector<4xf32>
    %a3 = vector.load %x[%v3, %k] : memref<9x80xf32>, vector<4xf32>
    vector.store %a0, %y[%k, %v] : memref<80x9xf32>, vector<4xf32>
    vector.store %a1, %y[%k1, %v] : memref<80x9xf32>, vector<4xf32>
    vector.store %a2, %y[%k2, %v] : memref<80x9xf32>, vector<4xf32>
    vector.store %a3, %y[%k3, %v] : memref<80x9xf32>, vector<4xf32>
  }
  }
  func.return
}

// Where a load comes behind them, compilers would no longer know that it reads what was there before.

// CHECK-LABEL: @negative_stored_before
// CHECK-NOT: deploy.anew
// CHECK: vector.store %w, %y[
func.func @negative_stored_before(%x: memref<9x80xf32>, %y: memref<9x80xf32>, %w: vector<4xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c9 = arith.constant 9 : index
  %c80 = arith.constant 80 : index
  scf.for %k = %c0 to %c80 step %c4 {
  scf.for %i = %c0 to %c9 step %c4 {
    %v = arith.minsi %i, %c5 : index
    %v1 = arith.addi %v, %c1 : index
    %v2 = arith.addi %v, %c2 : index
    %v3 = arith.addi %v, %c3 : index
    vector.store %w, %y[%v, %k] : memref<9x80xf32>, vector<4xf32>
    vector.store %w, %y[%v1, %k] : memref<9x80xf32>, vector<4xf32>
    vector.store %w, %y[%v2, %k] : memref<9x80xf32>, vector<4xf32>
    vector.store %w, %y[%v3, %k] : memref<9x80xf32>, vector<4xf32>
    %a0 = vector.load %x[%v, %k] : memref<9x80xf32>, vector<4xf32>
    vector.store %a0, %y[%v, %c0] : memref<9x80xf32>, vector<4xf32>
  }
  }
  func.return
}

// Compilers share what is loaded at a remainder with other rounds.

// CHECK-LABEL: @negative_remainder
// CHECK-NOT: deploy.anew
// CHECK: vector.load %w[
func.func @negative_remainder(%w: memref<80xf32>, %y: memref<80xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c9 = arith.constant 9 : index
  %c12 = arith.constant 12 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c4 {
    %v = arith.remsi %i, %c9 : index
    %v4 = arith.addi %v, %c4 : index
    %v8 = arith.addi %v, %c8 : index
    %v12 = arith.addi %v, %c12 : index
    %a0 = vector.load %w[%v] : memref<80xf32>, vector<4xf32>
    %a1 = vector.load %w[%v4] : memref<80xf32>, vector<4xf32>
    %a2 = vector.load %w[%v8] : memref<80xf32>, vector<4xf32>
    %a3 = vector.load %w[%v12] : memref<80xf32>, vector<4xf32>
    %s = arith.addf %a0, %a1 : vector<4xf32>
    %t = arith.addf %a2, %a3 : vector<4xf32>
    %u = arith.addf %s, %t : vector<4xf32>
    vector.store %u, %y[%i] : memref<80xf32>, vector<4xf32>
  }
  func.return
}
