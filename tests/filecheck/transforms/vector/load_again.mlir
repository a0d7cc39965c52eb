// RUN: deployopt %s -p vector-load-again --machine rv64gcv --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-load-again --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s --check-prefix WIDE
// RUN: deployopt %s -p vector-load-again --machine rv64gc --no-debuginfo | filecheck %s --check-prefix NONE

// NONE-NOT: deploy.anew

// Two vectors of %x and one of %w are 24 registers: there is room for that of %w. With
// registers of 256 bits they are 12, and all are kept.

// CHECK-LABEL: @kept
// CHECK: vector.load %x[
// CHECK: vector.store
// CHECK-NEXT: %[[X:.*]] = deploy.anew %x : memref<64xf32>
// CHECK-NEXT: vector.load %[[X]][
// CHECK-NEXT: vector.load %[[X]][
// CHECK-NEXT: vector.load %w[
// CHECK: func.return
// WIDE-LABEL: @kept
// WIDE-NOT: deploy.anew
// WIDE: func.return
func.func @kept(%x: memref<64xf32>, %w: memref<32xf32>, %y: memref<64xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %a = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %b = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %f = vector.load %w[%c0] : memref<32xf32>, vector<32xf32>
  %s = math.fma %a, %f, %b : vector<32xf32>
  vector.store %s, %y[%c0] : memref<64xf32>, vector<32xf32>
  %d = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %e = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %g = vector.load %w[%c0] : memref<32xf32>, vector<32xf32>
  %t = math.fma %d, %g, %e : vector<32xf32>
  vector.store %t, %y[%c32] : memref<64xf32>, vector<32xf32>
  func.return
}

// Each part that goes on with too much has a name of its own, and so have loops in it.

// CHECK-LABEL: @each
// CHECK: %[[X:.*]] = deploy.anew %x
// CHECK-NEXT: vector.load %[[X]][
// CHECK: scf.for
// CHECK-NEXT: vector.load %[[X]][
// CHECK: %[[Z:.*]] = deploy.anew %[[X]]
// CHECK-NEXT: vector.load %[[Z]][
func.func @each(%x: memref<64xf32>, %y: memref<64xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %a = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %b = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %s = arith.addf %a, %b : vector<32xf32>
  vector.store %s, %y[%c0] : memref<64xf32>, vector<32xf32>
  %c = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %d = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  scf.for %i = %c0 to %c32 step %c16 {
    %e = vector.load %x[%i] : memref<64xf32>, vector<32xf32>
    %t = math.fma %c, %d, %e : vector<32xf32>
    vector.store %t, %y[%i] : memref<64xf32>, vector<32xf32>
  }
  %f = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %g = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %u = arith.subf %f, %g : vector<32xf32>
  vector.store %u, %y[%c32] : memref<64xf32>, vector<32xf32>
  func.return
}

// What is loaded once and what is not behind a store is none of it.

// CHECK-LABEL: @negative_together
// CHECK-NOT: deploy.anew
func.func @negative_together(%x: memref<64xf32>, %y: memref<64xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %a = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %b = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %c = vector.load %x[%c0] : memref<64xf32>, vector<32xf32>
  %d = vector.load %x[%c32] : memref<64xf32>, vector<32xf32>
  %s = arith.addf %a, %b : vector<32xf32>
  %t = math.fma %c, %d, %s : vector<32xf32>
  vector.store %t, %y[%c0] : memref<64xf32>, vector<32xf32>
  %e = vector.load %x[%c8] : memref<64xf32>, vector<32xf32>
  %f = vector.load %x[%c16] : memref<64xf32>, vector<32xf32>
  %u = arith.addf %e, %f : vector<32xf32>
  vector.store %u, %y[%c32] : memref<64xf32>, vector<32xf32>
  func.return
}

// A part of a vector that has been loaded is loaded again, however little is kept; what reaches beyond it is nothing
// that compilers have.

// CHECK-LABEL: @part
// CHECK: vector.load %x[
// CHECK: vector.load %w[
// CHECK: vector.store
// CHECK: %[[X:.*]] = deploy.anew %x : memref<64xf32>
// CHECK-NEXT: vector.load %[[X]][
// CHECK-NEXT: vector.load %w[
// WIDE-LABEL: @part
// WIDE: deploy.anew %x
func.func @part(%x: memref<64xf32>, %w: memref<64xf32>, %y: memref<64xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %a = vector.load %x[%c0] : memref<64xf32>, vector<8xf32>
  %b = vector.load %w[%c0] : memref<64xf32>, vector<8xf32>
  %s = arith.addf %a, %b : vector<8xf32>
  vector.store %s, %y[%c0] : memref<64xf32>, vector<8xf32>
  %c = vector.load %x[%c4] : memref<64xf32>, vector<4xf32>
  %d = vector.load %w[%c5] : memref<64xf32>, vector<4xf32>
  %t = arith.addf %c, %d : vector<4xf32>
  vector.store %t, %y[%c0] : memref<64xf32>, vector<4xf32>
  func.return
}
