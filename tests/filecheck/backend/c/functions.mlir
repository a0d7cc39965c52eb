// RUN: deployopt %s -t c | filecheck %s

// A scalar that is used once needs no name.

// CHECK-LABEL: void model_inlined(const float *x, float *y) {
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        y[i] = deploy_maximumf(x[i] * x[i] + 0.5F, 0.0F);
func.func @inlined(%x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  scf.for %i = %c0 to %c4 step %c1 {
    %a = memref.load %x[%i] : memref<4xf32>
    %b = memref.load %x[%i] : memref<4xf32>
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %m, %half : f32
    %r = arith.maximumf %s, %zero : f32
    memref.store %r, %y[%i] : memref<4xf32>
  }
  func.return
}

// What is used twice has a name, and the name of the value.

// CHECK-LABEL: void model_named(
// CHECK-NEXT:    const float twice = x[0] + x[1];
// CHECK-NEXT:    y[0] = twice * twice;
func.func @named(%x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.load %x[%c0] : memref<4xf32>
  %b = memref.load %x[%c1] : memref<4xf32>
  %twice = arith.addf %a, %b : f32
  %s = arith.mulf %twice, %twice : f32
  memref.store %s, %y[%c0] : memref<4xf32>
  func.return
}

// A load stays in front of a store that may change what it reads.

// CHECK-LABEL: void model_load_before_store(
// CHECK-NEXT:    const float a = x[0];
// CHECK-NEXT:    x[0] = 0.0F;
// CHECK-NEXT:    x[1] = a;
func.func @load_before_store(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.load %x[%c0] : memref<4xf32>
  memref.store %zero, %x[%c0] : memref<4xf32>
  memref.store %a, %x[%c1] : memref<4xf32>
  func.return
}

// One variable for an accumulator that passes through two loops.

// CHECK-LABEL: void model_accumulator(const float *x, float *y) {
// CHECK-NEXT:    float acc = 0.0F;
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        for (int32_t j = 0; j < 8; j += 2) {
// CHECK-NEXT:            acc += x[i * 8 + j];
// CHECK:         y[0] = acc;
func.func @accumulator(%x: memref<4x8xf32>, %y: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> (f32) {
    %row = scf.for %j = %c0 to %c8 step %c2 iter_args(%inner = %acc) -> (f32) {
      %e = memref.load %x[%i, %j] : memref<4x8xf32>
      %n = arith.addf %inner, %e : f32
      scf.yield %n : f32
    }
    scf.yield %row : f32
  }
  memref.store %sum, %y[%c0] : memref<1xf32>
  func.return
}

// Two carried values change at once: neither sees the other's next value.

// CHECK-LABEL: void model_two_carried(
// CHECK:         int32_t a = 0;
// CHECK-NEXT:    int32_t b = 1;
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        const int32_t next = b;
// CHECK-NEXT:        const int32_t next_2 = a + b;
// CHECK-NEXT:        a = next;
// CHECK-NEXT:        b = next_2;
// CHECK:         y[0] = a;
func.func @two_carried(%y: memref<1xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %p, %q = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %zero, %b = %one) -> (i32, i32) {
    %n = arith.addi %a, %b overflow<nsw> : i32
    scf.yield %b, %n : i32, i32
  }
  memref.store %p, %y[%c0] : memref<1xi32>
  func.return
}

// Integers wrap unless the operation says that they do not.

// CHECK-LABEL: void model_wrapping(
// CHECK-NEXT:    y[0] = (int32_t)((uint32_t)x[0] + (uint32_t)x[1]);
// CHECK-NEXT:    y[1] = x[0] + x[1];
// CHECK-NEXT:    z[0] = (int8_t)(z[0] * z[1]);
func.func @wrapping(%x: memref<2xi32>, %y: memref<2xi32>, %z: memref<2xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.load %x[%c0] : memref<2xi32>
  %b = memref.load %x[%c1] : memref<2xi32>
  %s = arith.addi %a, %b : i32
  memref.store %s, %y[%c0] : memref<2xi32>
  %c = memref.load %x[%c0] : memref<2xi32>
  %d = memref.load %x[%c1] : memref<2xi32>
  %t = arith.addi %c, %d overflow<nsw> : i32
  memref.store %t, %y[%c1] : memref<2xi32>
  %e = memref.load %z[%c0] : memref<2xi8>
  %f = memref.load %z[%c1] : memref<2xi8>
  %u = arith.muli %e, %f : i8
  memref.store %u, %z[%c0] : memref<2xi8>
  func.return
}

// A part of a buffer is a pointer to its first element.

// CHECK-LABEL: void model_part(float *x) {
// CHECK-NEXT:    for (int32_t i = 0; i < 2; i++) {
// CHECK-NEXT:        float *const part = x + (i * 8 + 3);
// CHECK-NEXT:        part[8] = 1.0F;
func.func @part(%x: memref<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c2 step %c1 {
    %part = memref.subview %x[%i, 3] [2, 2] [1, 1] : memref<4x8xf32> to memref<2x2xf32, strided<[8, 1], offset: ?>>
    memref.store %one, %part[%c1, %c0] : memref<2x2xf32, strided<[8, 1], offset: ?>>
  }
  func.return
}

// A choice that a loop carries on is the loop's variable; what stays is not written.

// CHECK-LABEL: void model_chosen(
// CHECK-NEXT:    float acc = 0.0F;
// CHECK-NEXT:    for (int32_t i = 0; i < 4; i++) {
// CHECK-NEXT:        if ((uint32_t)(i - 1) < (uint32_t)2) {
// CHECK-NEXT:            for (int32_t j = 0; j < 4; j++) {
// CHECK-NEXT:                acc += x[j];
// CHECK-NOT:     else
// CHECK:         y[0] = acc;
func.func @chosen(%x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> (f32) {
    %at = arith.subi %i, %c1 : index
    %in = arith.cmpi ult, %at, %c2 : index
    %t = scf.if %in -> (f32) {
      %s = scf.for %j = %c0 to %c4 step %c1 iter_args(%inner = %acc) -> (f32) {
        %e = memref.load %x[%j] : memref<4xf32>
        %n = arith.addf %inner, %e : f32
        scf.yield %n : f32
      }
      scf.yield %s : f32
    } else {
      scf.yield %acc : f32
    }
    scf.yield %t : f32
  }
  memref.store %r, %y[%c0] : memref<4xf32>
  func.return
}

// What the loop carries is also needed afterwards: the choice has a variable of its own.

// CHECK-LABEL: void model_negative_needed_later(
// CHECK:         float t;
// CHECK-NEXT:        if (b[0]) {
// CHECK-NEXT:            t = acc + 1.0F;
// CHECK-NEXT:        } else {
// CHECK-NEXT:            t = 2.0F;
// CHECK:             y[i] = acc;
// CHECK-NEXT:        acc = t;
func.func @negative_needed_later(%b: memref<1xi1>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %one) -> (f32) {
    %in = memref.load %b[%c0] : memref<1xi1>
    %t = scf.if %in -> (f32) {
      %n = arith.addf %acc, %one : f32
      scf.yield %n : f32
    } else {
      scf.yield %two : f32
    }
    memref.store %acc, %y[%i] : memref<4xf32>
    scf.yield %t : f32
  }
  func.return
}

// A choice without results.

// CHECK-LABEL: void model_either(
// CHECK-NEXT:    if (b[0]) {
// CHECK-NEXT:        y[0] = 1.0F;
// CHECK-NEXT:    } else {
// CHECK-NEXT:        y[0] = 2.0F;
func.func @either(%b: memref<1xi1>, %y: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  %in = memref.load %b[%c0] : memref<1xi1>
  scf.if %in {
    memref.store %one, %y[%c0] : memref<1xf32>
  } else {
    memref.store %two, %y[%c0] : memref<1xf32>
  }
  func.return
}

// A load does not move into one side of a choice: it would be made there only.

// CHECK-LABEL: void model_loaded_first(
// CHECK-NEXT:    const float e = x[0];
// CHECK-NEXT:    y[0] = b[0] ? e : 2.0F;
func.func @loaded_first(%b: memref<1xi1>, %x: memref<1xf32>, %y: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  %two = arith.constant 2.0 : f32
  %in = memref.load %b[%c0] : memref<1xi1>
  %e = memref.load %x[%c0] : memref<1xf32>
  %r = arith.select %in, %e, %two : f32
  memref.store %r, %y[%c0] : memref<1xf32>
  func.return
}

// Of a product in two halves C has the upper one.

// CHECK-LABEL: void model_upper_half(
// CHECK-NEXT:    x[0] = deploy_mulhi_i32(x[0], 5);
// CHECK-NEXT:    const deploy_i32x4 v = DEPLOY_LOAD_FACTOR(i32x4, x);
// CHECK-NEXT:    DEPLOY_STORE(i32x4, x, DEPLOY_MULHI(i32x4, i64x4, v, v));
func.func @upper_half(%x: memref<4xi32>) {
  %c0 = arith.constant 0 : index
  %five = arith.constant 5 : i32
  %a = memref.load %x[%c0] : memref<4xi32>
  %low, %high = arith.mulsi_extended %a, %five : i32
  memref.store %high, %x[%c0] : memref<4xi32>
  %v = vector.load %x[%c0] : memref<4xi32>, vector<4xi32>
  %vlow, %vhigh = arith.mulsi_extended %v, %v : vector<4xi32>
  vector.store %vhigh, %x[%c0] : memref<4xi32>, vector<4xi32>
  func.return
}

// CHECK-LABEL: void model_in_order(
// CHECK-NEXT:    int32_t c = x[0];
// CHECK-NEXT:    int32_t d = x[1];
// CHECK-NEXT:    DEPLOY_TOGETHER(c, d);
// CHECK-NEXT:    int32_t e = d;
// CHECK-NEXT:    DEPLOY_LOADS_AFTER(e);
// CHECK-NEXT:    x[1] = c;
// CHECK-NEXT:    x[0] = e;
func.func @in_order(%x: memref<2xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.load %x[%c0] : memref<2xi32>
  %b = memref.load %x[%c1] : memref<2xi32>
  %c, %d = deploy.together %a, %b : i32, i32
  %e = deploy.loads_after %d : i32
  memref.store %c, %x[%c1] : memref<2xi32>
  memref.store %e, %x[%c0] : memref<2xi32>
  func.return
}

// A number that compilers do not know is made once.

// CHECK-LABEL: void model_opaque(
// CHECK-NEXT:    const int8_t b = deploy_opaque_i8(-128);
// CHECK-NEXT:    x[0] = b;
// CHECK-NEXT:    x[1] = b;
func.func @opaque(%x: memref<2xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = arith.constant -128 : i8
  %b = deploy.opaque %a : i8
  memref.store %b, %x[%c0] : memref<2xi8>
  memref.store %b, %x[%c1] : memref<2xi8>
  func.return
}

// What is only read stays so under its other name.

// CHECK-LABEL: void model_anew(const float *x, float *y) {
// CHECK-NEXT:    const float *const p = (const float *)deploy_anew(x);
// CHECK-NEXT:    float *const q = (float *)deploy_anew(y);
// CHECK-NEXT:    q[0] = p[0];
func.func @anew(%x: memref<2xf32>, %y: memref<2xf32>) {
  %c0 = arith.constant 0 : index
  %p = deploy.anew %x : memref<2xf32>
  %q = deploy.anew %y : memref<2xf32>
  %a = memref.load %p[%c0] : memref<2xf32>
  memref.store %a, %q[%c0] : memref<2xf32>
  func.return
}
