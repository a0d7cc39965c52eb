// RUN: deployopt %s -p vector-share-nan-checks --machine rv64gc --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-share-nan-checks --machine host --set vlen=0 --no-debuginfo | filecheck %s --check-prefix KEPT
// RUN: deployopt %s -p vector-share-nan-checks --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix KEPT
// RUN: deployopt %s -p vector-share-nan-checks --machine rv32imc --no-debuginfo | filecheck %s --check-prefix KEPT

// KEPT-NOT: arith.maxnumf

// Products of two values each are added, and a value that is left over.

// CHECK-LABEL: @five
// CHECK: [[P:%.+]] = arith.mulf %a, %b
// CHECK-NEXT: [[Q:%.+]] = arith.mulf %c, %d
// CHECK-NEXT: [[S:%.+]] = arith.addf [[P]], [[Q]]
// CHECK-NEXT: [[T:%.+]] = arith.addf [[S]], %e
// CHECK-NEXT: [[N:%.+]] = arith.cmpf ord, [[T]], [[T]]
// CHECK-NEXT: %r, %s, %t, %u, %v = scf.if [[N]] -> (f32, f32, f32, f32, f32) {
// CHECK-NEXT: [[R:%.+]] = arith.maxnumf %a, %zero
// CHECK-COUNT-4: arith.maxnumf
// CHECK-NEXT: scf.yield [[R]],
// CHECK-NEXT: } else {
// CHECK-NEXT: [[R:%.+]] = arith.maximumf %a, %zero
// CHECK-COUNT-4: arith.maximumf
// CHECK-NEXT: scf.yield [[R]],
// CHECK: }
// CHECK-NEXT: func.return %r, %s, %t, %u, %v
func.func @five(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32) -> (f32, f32, f32, f32, f32) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %r = arith.maximumf %a, %zero : f32
  %s = arith.maximumf %b, %zero : f32
  %t = arith.maximumf %c, %zero : f32
  %u = arith.maximumf %d, %zero : f32
  %v = arith.maximumf %e, %zero : f32
  func.return %r, %s, %t, %u, %v : f32, f32, f32, f32, f32
}

// A value that is clamped from both sides is checked once, and what is computed of a
// result goes behind.

// CHECK-LABEL: @both_sides
// CHECK: arith.mulf %a, %b
// CHECK-NEXT: arith.mulf %c, %d
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.cmpf ord
// CHECK-NEXT: scf.if
// CHECK-NEXT: [[R:%.+]] = arith.maxnumf %a, %zero
// CHECK-NEXT: [[V:%.+]] = arith.minnumf [[R]], %six
// CHECK: } else {
// CHECK-NEXT: [[R:%.+]] = arith.maximumf %a, %zero
// CHECK-NEXT: [[V:%.+]] = arith.minimumf [[R]], %six
// CHECK: }
// CHECK-NEXT: %w = arith.addf %r, %v
// CHECK-NEXT: memref.store %w
func.func @both_sides(%a: f32, %b: f32, %c: f32, %d: f32, %out: memref<4xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %r = arith.maximumf %a, %zero : f32
  %v = arith.minimumf %r, %six : f32
  %w = arith.addf %r, %v : f32
  %s = arith.maximumf %b, %zero : f32
  %t = arith.maximumf %c, %zero : f32
  %u = arith.maximumf %d, %zero : f32
  memref.store %w, %out[%c0] : memref<4xf32>
  memref.store %s, %out[%c1] : memref<4xf32>
  memref.store %t, %out[%c1] : memref<4xf32>
  memref.store %u, %out[%c1] : memref<4xf32>
  func.return
}

// Behind what is made of results are other values, with a check of their own.

// CHECK-LABEL: @two_groups
// CHECK: scf.if
// CHECK: arith.addf %r, %s
// CHECK: scf.if
// CHECK: func.return
func.func @two_groups(%a: f32, %b: f32, %c: f32, %d: f32) -> (f32, f32, f32, f32) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %r = arith.maximumf %a, %zero : f32
  %s = arith.maximumf %b, %zero : f32
  %t = arith.maximumf %c, %zero : f32
  %u = arith.maximumf %d, %zero : f32
  %1 = arith.addf %r, %s : f32
  %2 = arith.addf %s, %t : f32
  %3 = arith.addf %t, %u : f32
  %4 = arith.addf %u, %r : f32
  %5 = arith.minimumf %1, %zero : f32
  %6 = arith.minimumf %2, %zero : f32
  %7 = arith.minimumf %3, %zero : f32
  %8 = arith.minimumf %4, %zero : f32
  func.return %5, %6, %7, %8 : f32, f32, f32, f32
}

// CHECK-LABEL: @negative_few
// CHECK-NOT: scf.if
// CHECK: func.return
func.func @negative_few(%a: f32, %b: f32, %c: f32) -> (f32, f32, f32) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %r = arith.maximumf %a, %zero : f32
  %s = arith.maximumf %b, %zero : f32
  %t = arith.maximumf %c, %zero : f32
  func.return %r, %s, %t : f32, f32, f32
}

// CHECK-LABEL: @negative_no_constant
// CHECK-NOT: scf.if
// CHECK: func.return
func.func @negative_no_constant(%a: f32, %b: f32, %c: f32, %d: f32) -> (f32, f32, f32, f32) attributes {deploy.kernel} {
  %nan = arith.constant 0x7FC00000 : f32
  %r = arith.maximumf %a, %b : f32
  %s = arith.maximumf %b, %c : f32
  %t = arith.maximumf %c, %d : f32
  %u = arith.maximumf %d, %nan : f32
  func.return %r, %s, %t, %u : f32, f32, f32, f32
}

// What is loaded behind a store may be what was stored.

// CHECK-LABEL: @negative_stores
// CHECK-NOT: scf.if
// CHECK: func.return
func.func @negative_stores(%x: memref<4xf32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.load %x[%c0] : memref<4xf32>
  %b = memref.load %x[%c1] : memref<4xf32>
  %r = arith.maximumf %a, %zero : f32
  %s = arith.maximumf %b, %zero : f32
  memref.store %r, %x[%c1] : memref<4xf32>
  memref.store %s, %x[%c0] : memref<4xf32>
  %c = memref.load %x[%c0] : memref<4xf32>
  %d = memref.load %x[%c1] : memref<4xf32>
  %t = arith.maximumf %c, %zero : f32
  %u = arith.maximumf %d, %zero : f32
  memref.store %t, %x[%c0] : memref<4xf32>
  memref.store %u, %x[%c1] : memref<4xf32>
  func.return
}
