// RUN: deployopt %s -t c | filecheck %s

// The types are declared for the numbers of lanes that occur.

// CHECK:      #include "deploy.h"
// CHECK:      DEPLOY_VECTORS(2)
// CHECK-NEXT: DEPLOY_PART_VECTORS(3, 4)
// CHECK-NEXT: DEPLOY_VECTORS(4)
// CHECK-NEXT: DEPLOY_PART_VECTORS(6, 8)
// CHECK-NEXT: DEPLOY_PART_VECTORS(7, 8)
// CHECK-NEXT: DEPLOY_VECTORS(8)

// A product is added in one expression, to the variable that the loop carries.

// CHECK-LABEL: void model_products(
// CHECK-NEXT:    deploy_f32x8 acc = DEPLOY_SPLAT(f32x8, 0.0F);
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        acc += DEPLOY_SPLAT(f32x8, x[i]) * DEPLOY_LOAD(f32x8, w + i * 8);
// CHECK:         DEPLOY_STORE(f32x8, y + 1, DEPLOY_MAXIMUM(f32x8, acc, DEPLOY_SPLAT(f32x8, 0.0F)));
func.func @products(%x: memref<4xf32>, %w: memref<4x8xf32>, %y: memref<9xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant dense<0.0> : vector<8xf32>
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> (vector<8xf32>) {
    %e = memref.load %x[%i] : memref<4xf32>
    %b = vector.broadcast %e : f32 to vector<8xf32>
    %v = vector.load %w[%i, %c0] : memref<4x8xf32>, vector<8xf32>
    %p = arith.mulf %b, %v : vector<8xf32>
    %s = arith.addf %acc, %p : vector<8xf32>
    scf.yield %s : vector<8xf32>
  }
  %m = arith.maximumf %r, %zero : vector<8xf32>
  vector.store %m, %y[%c1] : memref<9xf32>, vector<8xf32>
  func.return
}

// A scalar in all lanes is printed at each use, and what is loaded for it once.

// CHECK-LABEL: void model_of_use_twice(
// CHECK-NEXT:    const float f = x[0];
// CHECK-NEXT:    DEPLOY_STORE(f32x4, y, DEPLOY_SPLAT(f32x4, f) * DEPLOY_LOAD(f32x4, w));
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        DEPLOY_STORE(f32x4, y, DEPLOY_SPLAT(f32x4, f) + DEPLOY_LOAD(f32x4, w));
func.func @of_use_twice(%x: memref<4xf32>, %w: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %f = memref.load %x[%c0] : memref<4xf32>
  %all = vector.broadcast %f : f32 to vector<4xf32>
  %v = vector.load %w[%c0] : memref<4xf32>, vector<4xf32>
  %p = arith.mulf %all, %v : vector<4xf32>
  vector.store %p, %y[%c0] : memref<4xf32>, vector<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %u = vector.load %w[%c0] : memref<4xf32>, vector<4xf32>
    %s = arith.addf %all, %u : vector<4xf32>
    vector.store %s, %y[%c0] : memref<4xf32>, vector<4xf32>
  }
  func.return
}

// Integers wrap, unless it is promised that they need not.

// CHECK-LABEL: void model_integers(
// CHECK:         const deploy_i32x4 w = DEPLOY_CONVERT(i32x4, DEPLOY_LOAD(i8x4, x));
// CHECK-NEXT:    const deploy_i32x4 r = (w + (deploy_i32x4)((deploy_u32x4)w * (deploy_u32x4)w)) >> DEPLOY_SPLAT(i32x4, 3);
func.func @integers(%x: memref<4xi8>, %y: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<4xi8>, vector<4xi8>
  %w = deploy.vcast extsi %v : vector<4xi8> to vector<4xi32>
  %p = arith.muli %w, %w : vector<4xi32>
  %s = arith.addi %w, %p overflow<nsw> : vector<4xi32>
  %three = arith.constant dense<3> : vector<4xi32>
  %r = arith.shrsi %s, %three : vector<4xi32>
  vector.store %r, %y[%c0] : memref<4xi32>, vector<4xi32>
  func.return
}

// What is no constant may be NaN, which parts of vectors are looked through for by themselves.

// CHECK-LABEL: void model_greatest(
// CHECK:         const deploy_f32x7 v = DEPLOY_LOAD_PART(f32x7, x);
// CHECK-NEXT:    const deploy_f32x7 w = DEPLOY_LOAD_PART(f32x7, x + 7);
// CHECK-NEXT:    const deploy_f32x7 r = DEPLOY_MINIMUM(f32x7, DEPLOY_MAXIMUM_PART(f32x7, v, w), DEPLOY_SPLAT(f32x7, 6.0F));
// CHECK-NEXT:    DEPLOY_STORE_PART(f32x7, x, r);
// CHECK-NEXT:    DEPLOY_STORE_PART(f32x7, x + 7, DEPLOY_MINIMUM_PART(f32x7, v, w));
func.func @greatest(%x: memref<14xf32>) {
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %v = vector.load %x[%c0] : memref<14xf32>, vector<7xf32>
  %w = vector.load %x[%c7] : memref<14xf32>, vector<7xf32>
  %six = arith.constant 6.0 : f32
  %sixes = vector.broadcast %six : f32 to vector<7xf32>
  %m = arith.maximumf %v, %w : vector<7xf32>
  %r = arith.minimumf %m, %sixes : vector<7xf32>
  %l = arith.minimumf %v, %w : vector<7xf32>
  vector.store %r, %x[%c0] : memref<14xf32>, vector<7xf32>
  vector.store %l, %x[%c7] : memref<14xf32>, vector<7xf32>
  func.return
}

// A mask is as wide as what was compared, and takes the width of what it chooses.

// CHECK-LABEL: void model_masks(
// CHECK:         const deploy_i32x4 m = (deploy_i32x4)(v < DEPLOY_SPLAT(f32x4, 0.0F));
// CHECK-NEXT:    DEPLOY_STORE(f32x4, x, DEPLOY_CHOOSE(f32x4, m, -v, v));
// CHECK-NEXT:    const deploy_i8x4 t = DEPLOY_CHOOSE(i8x4, DEPLOY_CONVERT(i8x4, m), DEPLOY_SPLAT(i8x4, (int8_t)1), DEPLOY_SPLAT(i8x4, (int8_t)-1));
func.func @masks(%x: memref<4xf32>, %y: memref<4xi8>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : vector<4xf32>
  %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
  %m = deploy.vcmp olt %v, %zero : vector<4xf32>
  %n = arith.negf %v : vector<4xf32>
  %s = deploy.vselect %m, %n, %v : vector<4xi1>, vector<4xf32>
  vector.store %s, %x[%c0] : memref<4xf32>, vector<4xf32>
  %a = arith.constant dense<1> : vector<4xi8>
  %b = arith.constant dense<-1> : vector<4xi8>
  %t = deploy.vselect %m, %a, %b : vector<4xi1>, vector<4xi8>
  vector.store %t, %y[%c0] : memref<4xi8>, vector<4xi8>
  func.return
}

// Lanes are put in one after the other, and combined half by half.

// CHECK-LABEL: void model_lanes(
// CHECK-NEXT:    deploy_f32x8 v = DEPLOY_SPLAT(f32x8, 0.0F);
// CHECK-NEXT:    v[0] = x[0];
// CHECK-NEXT:    v[7] = x[3];
// CHECK-NEXT:    const deploy_f32x4 part = DEPLOY_PART(f32x4, v, 0) + DEPLOY_PART(f32x4, v, 1);
// CHECK-NEXT:    const deploy_f32x2 part_2 = DEPLOY_PART(f32x2, part, 0) + DEPLOY_PART(f32x2, part, 1);
// CHECK-NEXT:    const float r = 1.0F + (part_2[0] + part_2[1]);
// CHECK-NEXT:    x[0] = r;
func.func @lanes(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %one = arith.constant 1.0 : f32
  %zero = arith.constant dense<0.0> : vector<8xf32>
  %a = memref.load %x[%c0] : memref<4xf32>
  %v = vector.insert %a, %zero[0] : f32 into vector<8xf32>
  %b = memref.load %x[%c3] : memref<4xf32>
  %w = vector.insert %b, %v[7] : f32 into vector<8xf32>
  %r = vector.reduction <add>, %w, %one : vector<8xf32> into f32
  memref.store %r, %x[%c0] : memref<4xf32>
  func.return
}

// What has no form on vectors is done lane by lane.

// CHECK-LABEL: void model_divided(
// CHECK-NEXT:    const deploy_i8x4 v = DEPLOY_LOAD(i8x4, x);
// CHECK-NEXT:    deploy_i8x4 q;
// CHECK-NEXT:    for (int k = 0; k < 4; k++) {
// CHECK-NEXT:        q[k] = (int8_t)(v[k] / v[k]);
// CHECK:         DEPLOY_STORE(i8x4, x, q);
func.func @divided(%x: memref<4xi8>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<4xi8>, vector<4xi8>
  %q = arith.divsi %v, %v : vector<4xi8>
  vector.store %q, %x[%c0] : memref<4xi8>, vector<4xi8>
  func.return
}

// Floats that are known to fit, or to be integers, need no more than a conversion.

// CHECK-LABEL: void model_converted(
// CHECK:         const deploy_f32x4 h = DEPLOY_MINNUM(f32x4, DEPLOY_MAXNUM(f32x4, v, DEPLOY_SPLAT(f32x4, -128.0F)), DEPLOY_SPLAT(f32x4, 127.0F));
// CHECK:         DEPLOY_CONVERT(i8x4, DEPLOY_INTEGRAL(i16x4, DEPLOY_ROUNDEVEN(f32x4, h)))
// CHECK:         DEPLOY_CONVERT(i8x4, DEPLOY_CHOPPED(i16x4, h))
// CHECK:         DEPLOY_CONVERT(i8x4, DEPLOY_SATURATED(i32x4, v))
func.func @converted(%x: memref<4xf32>, %y: memref<3x4xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %low = arith.constant dense<-128.0> : vector<4xf32>
  %high = arith.constant dense<127.0> : vector<4xf32>
  %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
  %l = arith.maxnumf %v, %low : vector<4xf32>
  %h = arith.minnumf %l, %high : vector<4xf32>
  %r = math.roundeven %h : vector<4xf32>
  %a = deploy.vcast fptosi %r : vector<4xf32> to vector<4xi8>
  vector.store %a, %y[%c0, %c0] : memref<3x4xi8>, vector<4xi8>
  %b = deploy.vcast fptosi %h : vector<4xf32> to vector<4xi8>
  vector.store %b, %y[%c1, %c0] : memref<3x4xi8>, vector<4xi8>
  %c = deploy.vcast fptosi %v : vector<4xf32> to vector<4xi8>
  vector.store %c, %y[%c2, %c0] : memref<3x4xi8>, vector<4xi8>
  func.return
}

// What has no power of two lanes is moved in part.

// CHECK-LABEL: void model_part(
// CHECK-NEXT:    const deploy_f32x7 v = DEPLOY_LOAD_PART(f32x7, x);
// CHECK-NEXT:    DEPLOY_STORE_PART(f32x7, x, v + v);
func.func @part(%x: memref<7xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<7xf32>, vector<7xf32>
  %s = arith.addf %v, %v : vector<7xf32>
  vector.store %s, %x[%c0] : memref<7xf32>, vector<7xf32>
  func.return
}

// Of a part, which has room for eight lanes, another is picked; gcc needs a number for each lane that there is room for.

// CHECK-LABEL: void model_picked(
// CHECK-NEXT:    const deploy_f32x6 v = DEPLOY_LOAD_PART(f32x6, x);
// CHECK-NEXT:    const deploy_f32x3 f = DEPLOY_FIRST(f32x3, __builtin_shufflevector(v, v, 1, 3, 5, 5), 0, 1, 2);
// CHECK-NEXT:    DEPLOY_STORE_PART(f32x3, y, f);
func.func @picked(%x: memref<6xf32>, %y: memref<3xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<6xf32>, vector<6xf32>
  %f = vector.shuffle %v, %v [1, 3, 5] : vector<6xf32>, vector<6xf32>
  vector.store %f, %y[%c0] : memref<3xf32>, vector<3xf32>
  func.return
}

// The first lanes of a register are a part of it; gcc sees no difference.

// CHECK-LABEL: void model_first(
// CHECK-NEXT:    const deploy_f32x8 v = DEPLOY_LOAD(f32x8, x);
// CHECK-NEXT:    const deploy_f32x8 s = v + v;
// CHECK-NEXT:    DEPLOY_STORE_PART(f32x6, y, DEPLOY_FIRST(f32x6, s, 0, 1, 2, 3, 4, 5));
func.func @first(%x: memref<8xf32>, %y: memref<6xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<8xf32>, vector<8xf32>
  %s = arith.addf %v, %v : vector<8xf32>
  %f = vector.shuffle %s, %s [0, 1, 2, 3, 4, 5] : vector<8xf32>, vector<8xf32>
  vector.store %f, %y[%c0] : memref<6xf32>, vector<6xf32>
  func.return
}

// A loop that carries many vectors is not to be written out, unless it is short.

// CHECK-LABEL: void model_many(
// CHECK:          DEPLOY_LOOP
// CHECK-NEXT:     for (int32_t i = 0; i < 9; i++) {
func.func @many(%x: memref<12x4xf32>, %y: memref<8x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = arith.constant 9 : index
  %zero = arith.constant dense<0.0> : vector<4xf32>
  %r:8 = scf.for %i = %c0 to %end step %c1 iter_args(%a0 = %zero, %a1 = %zero, %a2 = %zero, %a3 = %zero, %a4 = %zero, %a5 = %zero, %a6 = %zero, %a7 = %zero) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>) {
    %v = vector.load %x[%i, %c0] : memref<12x4xf32>, vector<4xf32>
    %s0 = arith.addf %a0, %v : vector<4xf32>
    %s1 = arith.addf %a1, %v : vector<4xf32>
    %s2 = arith.addf %a2, %v : vector<4xf32>
    %s3 = arith.addf %a3, %v : vector<4xf32>
    %s4 = arith.addf %a4, %v : vector<4xf32>
    %s5 = arith.addf %a5, %v : vector<4xf32>
    %s6 = arith.addf %a6, %v : vector<4xf32>
    %s7 = arith.addf %a7, %v : vector<4xf32>
    scf.yield %s0, %s1, %s2, %s3, %s4, %s5, %s6, %s7 : vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>
  }
  %m = arith.mulf %r#0, %r#7 : vector<4xf32>
  vector.store %m, %y[%c0, %c0] : memref<8x4xf32>, vector<4xf32>
  func.return
}

// CHECK-LABEL: void model_many_for_short(
// CHECK-NOT:      DEPLOY_LOOP
func.func @many_for_short(%x: memref<12x4xf32>, %y: memref<8x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : vector<4xf32>
  %r:8 = scf.for %i = %c0 to %end step %c1 iter_args(%a0 = %zero, %a1 = %zero, %a2 = %zero, %a3 = %zero, %a4 = %zero, %a5 = %zero, %a6 = %zero, %a7 = %zero) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>) {
    %v = vector.load %x[%i, %c0] : memref<12x4xf32>, vector<4xf32>
    %s0 = arith.addf %a0, %v : vector<4xf32>
    %s1 = arith.addf %a1, %v : vector<4xf32>
    %s2 = arith.addf %a2, %v : vector<4xf32>
    %s3 = arith.addf %a3, %v : vector<4xf32>
    %s4 = arith.addf %a4, %v : vector<4xf32>
    %s5 = arith.addf %a5, %v : vector<4xf32>
    %s6 = arith.addf %a6, %v : vector<4xf32>
    %s7 = arith.addf %a7, %v : vector<4xf32>
    scf.yield %s0, %s1, %s2, %s3, %s4, %s5, %s6, %s7 : vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>
  }
  %m = arith.mulf %r#0, %r#7 : vector<4xf32>
  vector.store %m, %y[%c0, %c0] : memref<8x4xf32>, vector<4xf32>
  func.return
}
