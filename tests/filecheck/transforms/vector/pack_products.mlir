// RUN: deployopt %s -p vector-pack-products --machine rv64gc | filecheck %s
// RUN: deployopt %s -p vector-pack-products --machine rv32imc | filecheck %s --check-prefix KEPT
// RUN: deployopt %s -p vector-pack-products --machine rv64gcv | filecheck %s --check-prefix KEPT
// RUN: deployopt %s -p vector-pack-products --machine host --set vlen=0 | filecheck %s --check-prefix KEPT

// KEPT-NOT: arith.shrsi

// Two channels of weights are one factor for two rows, and two sums one of 64 bits.

// CHECK-LABEL: @two_by_two
func.func @two_by_two(%x: memref<2x8xi8>, %w: memref<8x2xi8>, %y: memref<4xi32>)
    attributes {deploy.kernel} {
  // CHECK: %[[Z:.*]] = arith.constant 0 : i64
  // CHECK: %[[L:.*]], %[[M:.*]] = scf.for %{{.*}} iter_args(%[[A:.*]] = %[[Z]], %[[B:.*]] = %{{.*}}) -> (i64, i64)
  // CHECK: %[[V:.*]] = arith.extsi %{{.*}} : i8 to i64
  // CHECK: %[[W:.*]] = arith.extsi %{{.*}} : i8 to i64
  // CHECK: %[[H:.*]] = arith.shli %[[W]], %{{.*}} : i64
  // CHECK-NEXT: %[[VW:.*]] = arith.addi %[[V]], %[[H]] : i64
  // CHECK: %[[P:.*]] = arith.muli %{{.*}}, %[[VW]] : i64
  // CHECK-NEXT: arith.addi %[[A]], %[[P]] : i64
  // CHECK: %[[Q:.*]] = arith.muli %{{.*}}, %[[VW]] : i64
  // CHECK-NEXT: arith.addi %[[B]], %[[Q]] : i64
  // CHECK-NOT: arith.muli
  // CHECK: %[[LOW:.*]] = arith.trunci %{{.*}} : i64 to i32
  // CHECK-NEXT: %[[WIDE:.*]] = arith.extsi %[[LOW]] : i32 to i64
  // CHECK-NEXT: %[[REST:.*]] = arith.subi %{{.*}}, %[[WIDE]] : i64
  // CHECK: arith.shrsi %[[REST]]
  %zero = arith.constant 0 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %a, %b, %c, %d = scf.for %i = %c0 to %c8 step %c1
      iter_args(%p = %zero, %q = %zero, %r = %zero, %s = %zero) -> (i32, i32, i32, i32) {
    %x0 = memref.load %x[%c0, %i] : memref<2x8xi8>
    %x1 = memref.load %x[%c1, %i] : memref<2x8xi8>
    %w0 = memref.load %w[%i, %c0] : memref<8x2xi8>
    %w1 = memref.load %w[%i, %c1] : memref<8x2xi8>
    %f0 = arith.extsi %x0 : i8 to i32
    %f1 = arith.extsi %x1 : i8 to i32
    %g0 = arith.extsi %w0 : i8 to i32
    %g1 = arith.extsi %w1 : i8 to i32
    %p0 = arith.muli %f0, %g0 overflow<nsw> : i32
    %s0 = arith.addi %p, %p0 overflow<nsw> : i32
    %p1 = arith.muli %f0, %g1 overflow<nsw> : i32
    %s1 = arith.addi %q, %p1 overflow<nsw> : i32
    %p2 = arith.muli %f1, %g0 overflow<nsw> : i32
    %s2 = arith.addi %r, %p2 overflow<nsw> : i32
    %p3 = arith.muli %f1, %g1 overflow<nsw> : i32
    %s3 = arith.addi %s, %p3 overflow<nsw> : i32
    scf.yield %s0, %s1, %s2, %s3 : i32, i32, i32, i32
  }
  memref.store %a, %y[%c0] : memref<4xi32>
  memref.store %b, %y[%c1] : memref<4xi32>
  memref.store %c, %y[%c2] : memref<4xi32>
  memref.store %d, %y[%c3] : memref<4xi32>
  func.return
}

// Nothing says that these sums do not overflow.

// CHECK-LABEL: @negative_may_overflow
// CHECK-NOT: i64
func.func @negative_may_overflow(%x: i8, %y: i8, %v: i8, %w: i8, %to: memref<4xi32>)
    attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %f = arith.extsi %x : i8 to i32
  %g = arith.extsi %v : i8 to i32
  %h = arith.extsi %w : i8 to i32
  %p = arith.muli %f, %g : i32
  %s = arith.addi %zero, %p : i32
  %q = arith.muli %f, %h : i32
  %t = arith.addi %zero, %q : i32
  memref.store %s, %to[%c0] : memref<4xi32>
  memref.store %t, %to[%c1] : memref<4xi32>
  func.return
}
