// RUN: deployopt %s -p vector-lower-kernels --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>

// Three elements, one before and two behind: element i is x[i - 1] or the padding. The
// loop is cut where that changes, so nothing is tested.

// CHECK-LABEL: @elementwise
// CHECK: [[V:%.+]] = arith.constant 5.000000e-01
// CHECK-NOT: deploy.registers
// CHECK-NOT: memref.subview
func.func private @elementwise(%x: memref<3xf32, "ram">, %y: memref<6xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-NEXT: [[N:%.+]] = arith.negf [[V]]
  // CHECK-NEXT: memref.store [[N]], %y[%c0]
  // CHECK-NEXT: scf.for [[I:%.+]] = %c1 to %c4 step %c1
  // CHECK-NEXT: [[AT:%.+]] = arith.subi [[I]], %c1 : index
  // CHECK-NEXT: [[E:%.+]] = memref.load %x[[[AT]]]
  // CHECK-NEXT: [[N:%.+]] = arith.negf [[E]]
  // CHECK-NEXT: memref.store [[N]], %y[[[I]]]
  // CHECK: scf.for [[I:%.+]] = %c4 to %c6 step %c1
  // CHECK-NEXT: [[N:%.+]] = arith.negf [[V]]
  // CHECK-NEXT: memref.store [[N]], %y[[[I]]]
  %v = arith.constant 0.5 : f32
  %p = deploy.registers : memref<6xf32, "register">
  linalg.fill ins(%v : f32) outs(%p : memref<6xf32, "register">)
  %part = memref.subview %p[1] [3] [1] : memref<6xf32, "register"> to memref<3xf32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<3xf32, "ram">) outs(%part : memref<3xf32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%p : memref<6xf32, "register">) outs(%y : memref<6xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// A window of 3 on 4 elements with one on each side. Tap k of output i is x[i + k - 1],
// inside from 1 - i to 5 - i: taps before, inside and behind have loops of their own.

// CHECK-LABEL: @window
func.func private @window(%x: memref<4x2xi32, "ram">, %w: memref<3x2xi32, "flash">, %y: memref<4xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[V:%.+]] = arith.constant 7 : i32
  // CHECK: scf.for %i0 = %c0 to %c4
  // CHECK: [[FROM:%.+]] = arith.addi {{.*}}, %c1
  // CHECK: [[TO:%.+]] = arith.addi {{.*}}, %c5
  // CHECK-NEXT: [[FIRST:%.+]] = arith.maxsi [[FROM]], %c0
  // CHECK-NEXT: [[END:%.+]] = arith.minsi [[TO]], %c3
  // CHECK-NEXT: [[BEFORE:%.+]] = arith.minsi [[FIRST]], %c3
  // CHECK-NEXT: [[BEHIND:%.+]] = arith.maxsi [[END]], [[FIRST]]
  // CHECK-NEXT: [[A:%.+]] = scf.for [[R:%r1.*]] = %c0 to [[BEFORE]]
  // CHECK-NEXT: scf.for
  // CHECK-NEXT: [[F:%.+]] = memref.load %w[[[R]],
  // CHECK-NEXT: arith.muli [[V]], [[F]]
  // CHECK: [[B:%.+]] = scf.for [[R:%r1.*]] = [[FIRST]] to [[END]] step %c1 iter_args({{.*}} = [[A]])
  // CHECK-NEXT: scf.for
  // CHECK: [[E:%.+]] = memref.load %x
  // CHECK-NEXT: [[F:%.+]] = memref.load %w[[[R]],
  // CHECK-NEXT: arith.muli [[E]], [[F]]
  // CHECK: [[C:%.+]] = scf.for [[R:%r1.*]] = [[BEHIND]] to %c3 step %c1 iter_args({{.*}} = [[B]])
  // CHECK-NEXT: scf.for
  // CHECK-NEXT: [[F:%.+]] = memref.load %w[[[R]],
  // CHECK-NEXT: arith.muli [[V]], [[F]]
  // CHECK: memref.store [[C]], %y[%i0]
  %v = arith.constant 7 : i32
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<4xi32, "ram">)
  %p = deploy.registers : memref<6x2xi32, "register">
  linalg.fill ins(%v : i32) outs(%p : memref<6x2xi32, "register">)
  %part = memref.subview %p[1, 0] [4, 2] [1, 1] : memref<6x2xi32, "register"> to memref<4x2xi32, strided<[2, 1], offset: 2>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x2xi32, "ram">) outs(%part : memref<4x2xi32, strided<[2, 1], offset: 2>, "register">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0)>], iterator_types = ["parallel", "reduction", "reduction"]} ins(%p, %w : memref<6x2xi32, "register">, memref<3x2xi32, "flash">) outs(%y : memref<4xi32, "ram">) {
  ^bb0(%e: i32, %f: i32, %a: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %a, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// Zeros add nothing to a sum of integers: the taps outside are left out.

// Stride 2 and dilation 2 on 4 elements: tap k of output i is x[2 * i + 2 * k - 1], so
// the first is 1 - 2 * i halves, rounded up, and the last before 5 - 2 * i halves.

// CHECK-LABEL: @rounds_that_count
func.func private @rounds_that_count(%x: memref<4x2xi32, "ram">, %w: memref<2x2xi32, "flash">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c2
  // CHECK-NEXT: [[BY:%.+]] = arith.muli %i0, %c-2
  // CHECK-NEXT: [[FROM:%.+]] = arith.addi [[BY]], %c1
  // CHECK-NEXT: [[LOW:%.+]] = arith.ceildivsi [[FROM]], %c2
  // CHECK-NEXT: [[BY:%.+]] = arith.muli %i0, %c-2
  // CHECK-NEXT: [[TO:%.+]] = arith.addi [[BY]], %c5
  // CHECK-NEXT: [[HIGH:%.+]] = arith.ceildivsi [[TO]], %c2
  // CHECK-NEXT: [[FIRST:%.+]] = arith.maxsi [[LOW]], %c0
  // CHECK-NEXT: [[END:%.+]] = arith.minsi [[HIGH]], %c2
  // CHECK-NEXT: scf.for %r1 = [[FIRST]] to [[END]] step %c1
  // CHECK-NEXT: scf.for %r2 = %c0 to %c2
  // CHECK-NOT: scf.if
  // CHECK: func.return
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<2xi32, "ram">)
  %p = deploy.registers : memref<6x2xi32, "register">
  linalg.fill ins(%zero : i32) outs(%p : memref<6x2xi32, "register">)
  %part = memref.subview %p[1, 0] [4, 2] [1, 1] : memref<6x2xi32, "register"> to memref<4x2xi32, strided<[2, 1], offset: 2>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x2xi32, "ram">) outs(%part : memref<4x2xi32, strided<[2, 1], offset: 2>, "register">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 * 2 + d1 * 2, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0)>], iterator_types = ["parallel", "reduction", "reduction"]} ins(%p, %w : memref<6x2xi32, "register">, memref<2x2xi32, "flash">) outs(%y : memref<2xi32, "ram">) {
  ^bb0(%e: i32, %f: i32, %a: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %a, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// A product with zero is one for sure only where all weights are finite.

// CHECK-LABEL: @negative_weights_may_be_infinite
func.func private @negative_weights_may_be_infinite(%x: memref<2xf32, "ram">, %w: memref<3xf32, "flash">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[Z:%.+]] = arith.constant 0.0
  // CHECK: scf.for
  // CHECK: [[F:%.+]] = memref.load %w
  // CHECK-NEXT: arith.mulf [[Z]], [[F]]
  // CHECK: scf.for
  // CHECK: memref.load %x
  // CHECK: scf.for
  // CHECK: [[F:%.+]] = memref.load %w
  // CHECK-NEXT: arith.mulf [[Z]], [[F]]
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<2xf32, "ram">)
  %p = deploy.registers : memref<4xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<4xf32, "register">)
  %part = memref.subview %p[1] [2] [1] : memref<4xf32, "register"> to memref<2xf32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<2xf32, "ram">) outs(%part : memref<2xf32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%p, %w : memref<4xf32, "register">, memref<3xf32, "flash">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// The same with weights that are: a tap outside leaves the sum as it is. Tap k of output
// i is x[i + k - 1], inside from 1 - i to 3 - i.

// CHECK-LABEL: @weights_are_finite
func.func private @weights_are_finite(%x: memref<2xf32, "ram">, %w: memref<3xf32, "flash">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c2
  // CHECK: [[FROM:%.+]] = arith.addi {{.*}}, %c1 : index
  // CHECK: [[TO:%.+]] = arith.addi {{.*}}, %c3 : index
  // CHECK-NEXT: [[FIRST:%.+]] = arith.maxsi [[FROM]], %c0
  // CHECK-NEXT: [[END:%.+]] = arith.minsi [[TO]], %c3
  // CHECK-NEXT: scf.for %r1 = [[FIRST]] to [[END]] step %c1 iter_args
  // CHECK-NOT: scf.if
  // CHECK: memref.store
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<2xf32, "ram">)
  %p = deploy.registers : memref<4xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<4xf32, "register">)
  %part = memref.subview %p[1] [2] [1] : memref<4xf32, "register"> to memref<2xf32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<2xf32, "ram">) outs(%part : memref<2xf32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%p, %w : memref<4xf32, "register">, memref<3xf32, "flash">) outs(%y : memref<2xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// The most of each channel. What is left out is the least there is.

// CHECK-LABEL: @most
func.func private @most(%x: memref<3x8xf32, "ram">, %k: memref<3xf32, "ram">, %y: memref<3x8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[LEAST:%.+]] = arith.constant 0xff800000
  // CHECK-NEXT: scf.for %i0 = %c0 to %c3
  // CHECK-NEXT: scf.for %i1 = %c0 to %c8
  // CHECK: [[FIRST:%.+]] = arith.maxsi
  // CHECK: [[END:%.+]] = arith.minsi
  // CHECK: scf.for %r2 = [[FIRST]] to [[END]] step %c1 iter_args({{.*}} = [[LEAST]])
  // CHECK-NOT: scf.if
  // CHECK: memref.store
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<3x8xf32, "ram">)
  %p = deploy.registers : memref<5x8xf32, "register">
  linalg.fill ins(%least : f32) outs(%p : memref<5x8xf32, "register">)
  %part = memref.subview %p[1, 0] [3, 8] [1, 1] : memref<5x8xf32, "register"> to memref<3x8xf32, strided<[8, 1], offset: 8>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<3x8xf32, "ram">) outs(%part : memref<3x8xf32, strided<[8, 1], offset: 8>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%p, %k : memref<5x8xf32, "register">, memref<3xf32, "ram">) outs(%y : memref<3x8xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.maximumf %a, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// Rows 1 and 2 and, in these, columns 2 and 3 are inside: each loop is cut on its own.

// CHECK-LABEL: @rows_and_columns
func.func private @rows_and_columns(%x: memref<2x2xi8, "ram">, %y: memref<4x5xi8, "ram">) attributes {deploy.kernel} {
  // CHECK: [[V:%.+]] = arith.constant 9 : i8
  // CHECK-NOT: memref.load
  // CHECK: scf.for %i0 = %c1 to %c3
  // CHECK-NEXT: scf.for [[J:%.+]] = %c0 to %c2
  // CHECK-NEXT: memref.store [[V]], %y[%i0, [[J]]]
  // CHECK: scf.for [[J:%.+]] = %c2 to %c4
  // CHECK-NEXT: [[ROW:%.+]] = arith.subi %i0, %c1
  // CHECK-NEXT: [[COLUMN:%.+]] = arith.subi [[J]], %c2
  // CHECK-NEXT: [[E:%.+]] = memref.load %x[[[ROW]], [[COLUMN]]]
  // CHECK-NEXT: memref.store [[E]], %y[%i0, [[J]]]
  // CHECK: memref.store [[V]], %y[%i0, %c4]
  // CHECK-NOT: memref.load
  // CHECK: func.return
  %v = arith.constant 9 : i8
  %p = deploy.registers : memref<4x5xi8, "register">
  linalg.fill ins(%v : i8) outs(%p : memref<4x5xi8, "register">)
  %part = memref.subview %p[1, 2] [2, 2] [1, 1] : memref<4x5xi8, "register"> to memref<2x2xi8, strided<[5, 1], offset: 7>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x2xi8, "ram">) outs(%part : memref<2x2xi8, strided<[5, 1], offset: 7>, "register">) {
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%p : memref<4x5xi8, "register">) outs(%y : memref<4x5xi8, "ram">) {
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }
  func.return
}

// A window that never reaches what was written over needs no test at all.

// CHECK-LABEL: @negative_never_outside
func.func private @negative_never_outside(%x: memref<3xi8, "ram">, %y: memref<2xi8, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0
  // CHECK-NOT: scf.if
  // CHECK: memref.load %x
  // CHECK-NEXT: memref.store
  %v = arith.constant 9 : i8
  %p = deploy.registers : memref<5xi8, "register">
  linalg.fill ins(%v : i8) outs(%p : memref<5xi8, "register">)
  %part = memref.subview %p[1] [3] [1] : memref<5xi8, "register"> to memref<3xi8, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<3xi8, "ram">) outs(%part : memref<3xi8, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 + 1)>, #id], iterator_types = ["parallel"]} ins(%p : memref<5xi8, "register">) outs(%y : memref<2xi8, "ram">) {
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }
  func.return
}

// A negative zero and a zero are a zero: a sum that begins with one is not left as it is.

// CHECK-LABEL: @negative_begins_with_a_negative_zero
func.func private @negative_begins_with_a_negative_zero(%x: memref<2x2xf32, "ram">, %k: memref<3xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[Z:%.+]] = arith.constant 0.000000e+00
  // CHECK: scf.for %r1
  // CHECK: arith.addf {{.*}}, [[Z]]
  // CHECK: scf.for
  // CHECK: memref.load %x
  // CHECK: scf.for
  // CHECK: arith.addf {{.*}}, [[Z]]
  %zero = arith.constant 0.0 : f32
  %start = arith.constant -0.0 : f32
  linalg.fill ins(%start : f32) outs(%y : memref<2xf32, "ram">)
  %p = deploy.registers : memref<4x2xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<4x2xf32, "register">)
  %part = memref.subview %p[1, 0] [2, 2] [1, 1] : memref<4x2xf32, "register"> to memref<2x2xf32, strided<[2, 1], offset: 2>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x2xf32, "ram">) outs(%part : memref<2x2xf32, strided<[2, 1], offset: 2>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d1, d2)>, affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0)>], iterator_types = ["parallel", "reduction", "reduction"]} ins(%p, %k : memref<4x2xf32, "register">, memref<3xf32, "ram">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %s = arith.addf %a, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Four zeros add nothing either: the first word, which is outside, is left out.

// CHECK-LABEL: @four_zeros
// CHECK-COUNT-1: deploy.dot4
// CHECK-NOT: deploy.dot4
// CHECK: func.return
func.func private @four_zeros(%x: memref<1xi32, "ram">, %w: memref<2xi32, "ram">, %y: memref<1xi32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  %padded = deploy.registers : memref<2xi32, "register">
  linalg.fill ins(%zero : i32) outs(%padded : memref<2xi32, "register">)
  %part = memref.subview %padded[1] [1] [1] : memref<2xi32, "register"> to memref<1xi32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : memref<1xi32, "ram">) outs(%part : memref<1xi32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%padded, %w : memref<2xi32, "register">, memref<2xi32, "ram">) outs(%y : memref<1xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 2>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %n = deploy.dot4 %o, %e, %f : i32, i32
    linalg.yield %n : i32
  }
  func.return
}

// Lanes along an axis with a border are cut where outcomes change: the first element has two taps, 16 have three, as
// two vectors, and the last one has two again.

// CHECK-LABEL: @lanes
// CHECK-NOT: scf.if
// CHECK: memref.store {{.*}}, %y[%c0]
// CHECK-NOT: vector.store
// CHECK: scf.for [[I:%.*]] = %c1 to %c17 step %c8
// CHECK-COUNT-3: vector.load %x[{{.*}}] : memref<18xf32, "ram">, vector<8xf32>
// CHECK: vector.store {{.*}}, %y[[[I]]]
// CHECK-NOT: vector.store
// CHECK: memref.store {{.*}}, %y[%c17]
func.func private @lanes(%x: memref<18xf32, "ram">, %w: memref<3xf32, "flash">, %y: memref<18xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %p = deploy.registers : memref<20xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<20xf32, "register">)
  %part = memref.subview %p[1] [18] [1] : memref<20xf32, "register"> to memref<18xf32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<18xf32, "ram">) outs(%part : memref<18xf32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.fill ins(%zero : f32) outs(%y : memref<18xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(x, k) -> (x + k)>, affine_map<(x, k) -> (k)>, affine_map<(x, k) -> (x)>], iterator_types = ["parallel", "reduction"]} ins(%p, %w : memref<20xf32, "register">, memref<3xf32, "flash">) outs(%y : memref<18xf32, "ram">) attrs = {deploy.finite = array<i64: 1>, deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: 8, 3>, lanes = array<i64: 0, 8, 8>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// What is left between borders is a vector that begins earlier, at 12 of 13, but not before the border.

// CHECK-LABEL: @left
// CHECK: scf.for {{.*}} = %c1 to %c13 step %c4
// CHECK: vector.load %x[%c11]
// CHECK: vector.store {{.*}}, %y[%c12] {{.*}}vector<4xf32>
// CHECK: memref.store {{.*}}, %y[%c16]
func.func private @left(%x: memref<17xf32, "ram">, %w: memref<3xf32, "flash">, %y: memref<17xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %p = deploy.registers : memref<19xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<19xf32, "register">)
  %part = memref.subview %p[1] [17] [1] : memref<19xf32, "register"> to memref<17xf32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<17xf32, "ram">) outs(%part : memref<17xf32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.fill ins(%zero : f32) outs(%y : memref<17xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(x, k) -> (x + k)>, affine_map<(x, k) -> (k)>, affine_map<(x, k) -> (x)>], iterator_types = ["parallel", "reduction"]} ins(%p, %w : memref<19xf32, "register">, memref<3xf32, "flash">) outs(%y : memref<17xf32, "ram">) attrs = {deploy.finite = array<i64: 1>, deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: 4, 3>, lanes = array<i64: 0, 4, 4>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// What repeats itself is read from the remainder on; a part of a register that begins a loop of lanes is one vector.

// CHECK-LABEL: @repeated
// CHECK: [[A:%.*]] = vector.load %b[%c0] : memref<10xf32, "flash">, vector<3xf32>
// CHECK: scf.for [[I:%.*]] = %c3 to
// CHECK: vector.load %b[{{.*}}] : memref<10xf32, "flash">, vector<8xf32>
func.func private @repeated(%x: memref<33xf32, "ram">, %b: memref<10xf32, "flash">, %y: memref<36xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %p = deploy.registers : memref<36xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<36xf32, "register">)
  %part = memref.subview %p[3] [33] [1] : memref<36xf32, "register"> to memref<33xf32, strided<[1], offset: 3>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<33xf32, "ram">) outs(%part : memref<33xf32, strided<[1], offset: 3>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, affine_map<(d0) -> (d0 mod 3)>, #id], iterator_types = ["parallel"]} ins(%p, %b : memref<36xf32, "register">, memref<10xf32, "flash">) outs(%y : memref<36xf32, "ram">) attrs = {deploy.repeated = array<i64: 1>, deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8, 8>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}
