// RUN: deployopt %s -p vector-order-products --machine rv32imc | filecheck %s
// RUN: deployopt %s -p vector-order-products --machine rv64gcv | filecheck %s --check-prefix KEPT
// RUN: deployopt %s -p vector-order-products --machine host --set vlen=0 | filecheck %s --check-prefix KEPT

// KEPT-NOT: deploy.together

// Of nine products each waits for the sum before, by a factor that both have.

// CHECK-LABEL: @many
func.func @many(%x: memref<9xi8>, %w: memref<1xi8>, %y: memref<9xi32>)
    attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0 : i32
  // CHECK: scf.for
  // CHECK: %[[X:.*]] = arith.extsi
  // CHECK: %[[W:.*]] = arith.extsi
  // CHECK-NEXT: %[[P:.*]] = arith.muli %[[X]], %[[W]]
  // CHECK-NEXT: %[[S:.*]] = arith.addi %{{.*}}, %[[P]]
  // CHECK: memref.load
  // CHECK: %[[V:.*]], %[[T:.*]] = deploy.together %[[W]], %[[S]] : i32, i32
  // CHECK-NEXT: %[[Q:.*]] = arith.muli %{{.*}}, %[[V]]
  // CHECK-NEXT: arith.addi %{{.*}}, %[[Q]]
  // CHECK: scf.yield %[[T]],
  %r:9 = scf.for %i = %c0 to %c3 step %c1 iter_args(%a0 = %zero, %a1 = %zero, %a2 = %zero, %a3 = %zero, %a4 = %zero, %a5 = %zero, %a6 = %zero, %a7 = %zero, %a8 = %zero)
      -> (i32, i32, i32, i32, i32, i32, i32, i32, i32) {
    %x0 = memref.load %x[%i] : memref<9xi8>
    %i1 = arith.addi %i, %c1 : index
    %x1 = memref.load %x[%i1] : memref<9xi8>
    %w0 = memref.load %w[%c0] : memref<1xi8>
    %f0 = arith.extsi %x0 : i8 to i32
    %f1 = arith.extsi %x1 : i8 to i32
    %g = arith.extsi %w0 : i8 to i32
    %p0 = arith.muli %f0, %g : i32
    %s0 = arith.addi %a0, %p0 : i32
    %p1 = arith.muli %f1, %g : i32
    %s1 = arith.addi %a1, %p1 : i32
    %p2 = arith.muli %f0, %g : i32
    %s2 = arith.addi %a2, %p2 : i32
    %p3 = arith.muli %f1, %g : i32
    %s3 = arith.addi %a3, %p3 : i32
    %p4 = arith.muli %f0, %g : i32
    %s4 = arith.addi %a4, %p4 : i32
    %p5 = arith.muli %f1, %g : i32
    %s5 = arith.addi %a5, %p5 : i32
    %p6 = arith.muli %f0, %g : i32
    %s6 = arith.addi %a6, %p6 : i32
    %p7 = arith.muli %f1, %g : i32
    %s7 = arith.addi %a7, %p7 : i32
    %p8 = arith.muli %f0, %g : i32
    %s8 = arith.addi %a8, %p8 : i32
    scf.yield %s0, %s1, %s2, %s3, %s4, %s5, %s6, %s7, %s8 : i32, i32, i32, i32, i32, i32, i32, i32, i32
  }
  memref.store %r#0, %y[%c0] : memref<9xi32>
  memref.store %r#8, %y[%c1] : memref<9xi32>
  func.return
}

// Sums that go on with those before them are another round, and load behind those.

// CHECK-LABEL: @rounds
// CHECK-COUNT-4: arith.muli
// CHECK-NEXT: %[[S:.*]] = arith.addi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: %[[L:.*]] = deploy.loads_after %[[S]] : i32
// CHECK-NEXT: memref.load %x
// CHECK-COUNT-4: arith.muli
// CHECK: deploy.loads_after
// CHECK-NEXT: memref.load %x
// CHECK-NOT: deploy.loads_after
// CHECK: func.return
func.func @rounds(%x: memref<3xi8>, %w: memref<12xi8>, %a: i32) -> (i32, i32, i32, i32) attributes {deploy.kernel} {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %x0 = memref.load %x[%0] : memref<3xi8>
  %x1 = memref.load %x[%1] : memref<3xi8>
  %x2 = memref.load %x[%2] : memref<3xi8>
  %w0 = memref.load %w[%0] : memref<12xi8>
  %w1 = memref.load %w[%1] : memref<12xi8>
  %w2 = memref.load %w[%2] : memref<12xi8>
  %f0 = arith.extsi %x0 : i8 to i32
  %f1 = arith.extsi %x1 : i8 to i32
  %f2 = arith.extsi %x2 : i8 to i32
  %g0 = arith.extsi %w0 : i8 to i32
  %g1 = arith.extsi %w1 : i8 to i32
  %g2 = arith.extsi %w2 : i8 to i32
  %p0 = arith.muli %f0, %g0 : i32
  %s0 = arith.addi %a, %p0 : i32
  %p1 = arith.muli %f0, %g1 : i32
  %s1 = arith.addi %a, %p1 : i32
  %p2 = arith.muli %f0, %g2 : i32
  %s2 = arith.addi %a, %p2 : i32
  %p3 = arith.muli %f0, %g0 : i32
  %s3 = arith.addi %a, %p3 : i32
  %q0 = arith.muli %f1, %g0 : i32
  %t0 = arith.addi %s0, %q0 : i32
  %q1 = arith.muli %f1, %g1 : i32
  %t1 = arith.addi %s1, %q1 : i32
  %q2 = arith.muli %f1, %g2 : i32
  %t2 = arith.addi %s2, %q2 : i32
  %q3 = arith.muli %f1, %g0 : i32
  %t3 = arith.addi %s3, %q3 : i32
  %r0 = arith.muli %f2, %g0 : i32
  %u0 = arith.addi %t0, %r0 : i32
  %r1 = arith.muli %f2, %g1 : i32
  %u1 = arith.addi %t1, %r1 : i32
  %r2 = arith.muli %f2, %g2 : i32
  %u2 = arith.addi %t2, %r2 : i32
  %r3 = arith.muli %f2, %g0 : i32
  %u3 = arith.addi %t3, %r3 : i32
  func.return %u0, %u1, %u2, %u3 : i32, i32, i32, i32
}

// CHECK-LABEL: @negative_few
// CHECK-NOT: deploy.together
func.func @negative_few(%x: i8, %w: i8, %y: memref<1xi32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %f = arith.extsi %x : i8 to i32
  %g = arith.extsi %w : i8 to i32
  %p = arith.muli %f, %g : i32
  %s = arith.addi %zero, %p : i32
  memref.store %s, %y[%c0] : memref<1xi32>
  func.return
}
