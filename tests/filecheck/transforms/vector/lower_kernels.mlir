// RUN: deployopt %s -p vector-lower-kernels --no-debuginfo | filecheck %s

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: @pointwise
// CHECK-SAME: deploy.macs = 0
func.func private @pointwise(%x: memref<2x3xf32, "ram">, %y: memref<2x3xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c2 step %c1
  // CHECK-NEXT: scf.for %i1 = %c0 to %c3 step %c1
  // CHECK-NEXT: [[E:%.+]] = memref.load %x[%i0, %i1]
  // CHECK-NEXT: [[N:%.+]] = arith.negf [[E]]
  // CHECK-NEXT: memref.store [[N]], %y[%i0, %i1]
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x3xf32, "ram">) outs(%y : memref<2x3xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// The accumulator is a value that the loop carries; the fill is its first value.

// A sum of squares is no contraction: it has no multiply-adds.

// CHECK-LABEL: @reduction_in_registers
// CHECK-SAME: deploy.macs = 0
func.func private @reduction_in_registers(%x: memref<2x3xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[ZERO:%.+]] = arith.constant 0.000000e+00
  %zero = arith.constant 0.0 : f32
  // CHECK-NOT: deploy.registers
  %acc = deploy.registers : memref<2xf32, "register">
  // CHECK: scf.for %i0 = %c0 to %c2
  // CHECK-NEXT: [[SUM:%.+]] = scf.for %r1 = %c0 to %c3 step %c1 iter_args([[IN:%.+]] = [[ZERO]])
  // CHECK-NEXT: [[E:%.+]] = memref.load %x[%i0, %r1]
  // CHECK-NEXT: [[M:%.+]] = arith.mulf [[E]], [[E]]
  // CHECK-NEXT: [[NEXT:%.+]] = arith.addf [[IN]], [[M]]
  // CHECK-NEXT: scf.yield [[NEXT]]
  // CHECK: [[R:%.+]] = math.sqrt [[SUM]]
  // CHECK-NEXT: memref.store [[R]], %y[%i0]
  linalg.fill ins(%zero : f32) outs(%acc : memref<2xf32, "register">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32, "ram">) outs(%acc : memref<2xf32, "register">) {
  ^bb0(%e: f32, %a: f32):
    %m = arith.mulf %e, %e : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%acc : memref<2xf32, "register">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %r = math.sqrt %e : f32
    linalg.yield %r : f32
  }
  func.return
}

// A fill of memory that only starts an accumulator is not done.

// CHECK-LABEL: @fill_of_memory_is_forwarded
func.func private @fill_of_memory_is_forwarded(%x: memref<2x3xi32, "ram">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[LEAST:%.+]] = arith.constant -5
  %least = arith.constant -5 : i32
  // CHECK-NEXT: scf.for %i0
  // CHECK-NEXT: [[MAX:%.+]] = scf.for %r1 = {{.*}} iter_args({{.*}} = [[LEAST]])
  // CHECK: memref.store [[MAX]], %y[%i0]
  // CHECK-NOT: memref.store
  linalg.fill ins(%least : i32) outs(%y : memref<2xi32, "ram">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xi32, "ram">) outs(%y : memref<2xi32, "ram">) {
  ^bb0(%e: i32, %a: i32):
    %m = arith.maxsi %e, %a : i32
    linalg.yield %m : i32
  }
  func.return
}

// Without a fill, accumulation starts with what is in memory.

// CHECK-LABEL: @accumulates_onto_memory
func.func private @accumulates_onto_memory(%x: memref<2x3xi32, "ram">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[OLD:%.+]] = memref.load %y[%i0]
  // CHECK-NEXT: scf.for %r1 = {{.*}} iter_args({{.*}} = [[OLD]])
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xi32, "ram">) outs(%y : memref<2xi32, "ram">) {
  ^bb0(%e: i32, %a: i32):
    %m = arith.addi %e, %a : i32
    linalg.yield %m : i32
  }
  func.return
}

// A part of what was filled is written afterwards: the fill must be done.

// CHECK-LABEL: @negative_fill_under_a_part
func.func private @negative_fill_under_a_part(%x: memref<2xi32, "ram">, %y: memref<4xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[ZERO:%.+]] = arith.constant 0 : i32
  %zero = arith.constant 0 : i32
  // CHECK: memref.store [[ZERO]], %y[%i0]
  // CHECK: [[PART:%.+]] = memref.subview %y[1] [2] [1]
  // CHECK: memref.store {{.*}}, [[PART]][
  linalg.fill ins(%zero : i32) outs(%y : memref<4xi32, "ram">)
  %part = memref.subview %y[1] [2] [1] : memref<4xi32, "ram"> to memref<2xi32, strided<[1], offset: 1>, "ram">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<2xi32, "ram">) outs(%part : memref<2xi32, strided<[1], offset: 1>, "ram">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  func.return
}

// Stride 2 and dilation 3, by hand: the element is x[2 * i + 3 * k].

// CHECK-LABEL: @window
// CHECK-SAME: deploy.macs = 6
func.func private @window(%x: memref<9xf32, "ram">, %w: memref<2xf32, "ram">, %y: memref<3xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[I:%.+]] = arith.muli %i0, %c2 : index
  // CHECK-NEXT: [[K:%.+]] = arith.muli %r1, %c3 : index
  // CHECK-NEXT: [[AT:%.+]] = arith.addi [[I]], [[K]] : index
  // CHECK-NEXT: memref.load %x[[[AT]]]
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<3xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1 * 3)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<9xf32, "ram">, memref<2xf32, "ram">) outs(%y : memref<3xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A window that only gives its shape is not read; loops of length one are left out.

// CHECK-LABEL: @shape_only_operand
// CHECK-SAME: deploy.macs = 0
func.func private @shape_only_operand(%x: memref<1x4xf32, "ram">, %y: memref<1xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[FIRST:%.+]] = memref.load %y[%c0]
  // CHECK-NEXT: [[MAX:%.+]] = scf.for %r1 = %c0 to %c4 step %c1
  // CHECK-NEXT: memref.load %x[%c0, %r1]
  // CHECK: memref.store [[MAX]], %y[%c0]
  %window = deploy.registers : memref<4xf32, "register">
  linalg.generic {indexing_maps = [#id2, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %window : memref<1x4xf32, "ram">, memref<4xf32, "register">) outs(%y : memref<1xf32, "ram">) {
  ^bb0(%e: f32, %w: f32, %a: f32):
    %m = arith.maximumf %e, %a : f32
    linalg.yield %m : f32
  }
  func.return
}

// A table that the body looks up, and the index of a loop.

// CHECK-LABEL: @table_and_index
func.func private @table_and_index(%x: memref<4xi32, "ram">, %table: memref<256xi32, "ram">, %y: memref<4xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[E:%.+]] = memref.load %x[%i0]
  // CHECK-NEXT: [[AT:%.+]] = arith.index_cast [[E]]
  // CHECK-NEXT: [[V:%.+]] = memref.load %table[[[AT]]]
  // CHECK-NEXT: [[N:%.+]] = arith.index_cast %i0
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<4xi32, "ram">) outs(%y : memref<4xi32, "ram">) {
  ^bb0(%e: i32, %o: i32):
    %at = arith.index_cast %e : i32 to index
    %v = memref.load %table[%at] : memref<256xi32, "ram">
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i32
    %s = arith.addi %v, %n : i32
    linalg.yield %s : i32
  }
  func.return
}

// An element that two readers want in the same iteration is made once.

// CHECK-LABEL: @shared_register_value
func.func private @shared_register_value(%x: memref<4xf32, "ram">, %y: memref<4xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[E:%.+]] = memref.load %x[%i0]
  // CHECK-NEXT: [[A:%.+]] = arith.negf [[E]]
  // CHECK-NEXT: [[B:%.+]] = math.absf [[A]]
  // CHECK-NEXT: arith.mulf [[A]], [[B]]
  %a = deploy.registers : memref<4xf32, "register">
  %b = deploy.registers : memref<4xf32, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<4xf32, "ram">) outs(%a : memref<4xf32, "register">) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : memref<4xf32, "register">) outs(%b : memref<4xf32, "register">) {
  ^bb0(%e: f32, %o: f32):
    %n = math.absf %e : f32
    linalg.yield %n : f32
  }
  linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%a, %b : memref<4xf32, "register">, memref<4xf32, "register">) outs(%y : memref<4xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %n = arith.mulf %e, %f : f32
    linalg.yield %n : f32
  }
  func.return
}

// CHECK-LABEL: @negative_no_kernel
func.func @negative_no_kernel(%x: memref<4xf32, "ram">) {
  // CHECK: linalg.fill
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%x : memref<4xf32, "ram">)
  func.return
}
