// RUN: deployopt %s -p vector-lower-kernels --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

// Rows in twos and columns in fours, columns outermost: whole blocks, then what is left.
// The two rows of a block share what they read of the columns.

// CHECK-LABEL: @two_by_four
func.func private @two_by_four(%x: memref<5x9xf32, "ram">, %w: memref<9xf32, "ram">, %y: memref<5x9xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i1 = %c0 to %c8 step %c4
  // CHECK-NEXT: scf.for %i0 = %c0 to %c4 step %c2
  // CHECK-COUNT-8: memref.load %x
  // CHECK-COUNT-4: memref.load %w
  // CHECK-COUNT-8: memref.store
  // CHECK: memref.load %x[%c4, %i1]
  // CHECK-COUNT-3: memref.load %x[%c4
  // CHECK-COUNT-4: memref.load %w
  // CHECK-COUNT-4: memref.store
  // CHECK: scf.for [[I:%.+]] = %c0 to %c4 step %c2
  // CHECK-COUNT-2: memref.load %x
  // CHECK: memref.load %w[%c8]
  // CHECK-COUNT-2: memref.store
  // CHECK: memref.load %x[%c4, %c8]
  // CHECK: memref.store {{.*}}, %y[%c4, %c8]
  // CHECK-NEXT: func.return
  linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]} ins(%x, %w : memref<5x9xf32, "ram">, memref<9xf32, "ram">) outs(%y : memref<5x9xf32, "ram">) attrs = {deploy.blocks = {order = array<i64: 1, 0>, sizes = array<i64: 2, 4>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %n = arith.addf %e, %f : f32
    linalg.yield %n : f32
  }
  func.return
}

// 23 are two times 8, then 4, 2 and 1.

// CHECK-LABEL: @narrower_tail
func.func private @narrower_tail(%x: memref<23xf32, "ram">, %y: memref<23xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c16 step %c8
  // CHECK-NEXT: [[E:%.+]] = vector.load %x[%i0] : memref<23xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: [[N:%.+]] = arith.negf [[E]] : vector<8xf32>
  // CHECK-NEXT: vector.store [[N]], %y[%i0]
  // CHECK: vector.load %x[%c16] : memref<23xf32, "ram">, vector<4xf32>
  // CHECK-NEXT: vector.load %x[%c20] : memref<23xf32, "ram">, vector<2xf32>
  // CHECK-NEXT: memref.load %x[%c22]
  // CHECK: vector.store {{.*}}, %y[%c16]
  // CHECK-NEXT: vector.store {{.*}}, %y[%c20]
  // CHECK-NEXT: memref.store {{.*}}, %y[%c22]
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<23xf32, "ram">) outs(%y : memref<23xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// Of registers with 4 lanes, what is left of 23 takes no more as one vector of 8 than as
// three narrower ones: it does round 15 again.

// CHECK-LABEL: @tail_begun_earlier
func.func private @tail_begun_earlier(%x: memref<23xf32, "ram">, %y: memref<23xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c16 step %c8
  // CHECK: vector.load %x[%c15] : memref<23xf32, "ram">, vector<8xf32>
  // CHECK: vector.store {{.*}}, %y[%c15] : memref<23xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: func.return
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<23xf32, "ram">) outs(%y : memref<23xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// 14 are 8, 4 and 2: one register less than 16, but three addresses and numbers of lanes.
// In eight rows the register more counts eight times.

// CHECK-LABEL: @tail_of_fewer_instructions
func.func private @tail_of_fewer_instructions(%x: memref<8x30xf32, "ram">, %y: memref<8x30xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: vector.load %x[%i0, %c14] : memref<8x30xf32, "ram">, vector<16xf32>
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x30xf32, "ram">) outs(%y : memref<8x30xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 16>, lanes = array<i64: 1, 16, 2>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  // CHECK: vector.load %x[%c0, %c16] : memref<8x30xf32, "ram">, vector<8xf32>
  // CHECK: vector.load %x[%c0, %c24] : memref<8x30xf32, "ram">, vector<4xf32>
  // CHECK: vector.load %x[%c0, %c28] : memref<8x30xf32, "ram">, vector<2xf32>
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x30xf32, "ram">) outs(%y : memref<8x30xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8, 16>, lanes = array<i64: 1, 16, 2>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// One float that is left is no vector; of integers, of which scalars take more instructions,
// it is in a register of those before, where there are several rows.

// CHECK-LABEL: @tail_of_one_float
func.func private @tail_of_one_float(%x: memref<4x17xf32, "ram">, %y: memref<4x17xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: memref.load %x[{{.*}}, %c16] : memref<4x17xf32, "ram">
  linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x17xf32, "ram">) outs(%y : memref<4x17xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 8>, lanes = array<i64: 1, 8, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.addf %e, %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// CHECK-LABEL: @tail_of_one_integer
func.func private @tail_of_one_integer(%x: memref<4x17xi32, "ram">, %y: memref<4x17xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i1 = %c0 to %c16 step %c8
  // CHECK: vector.load %x[{{.*}}, %c13] : memref<4x17xi32, "ram">, vector<4xi32>
  // CHECK-NOT: memref.load
  linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x17xi32, "ram">) outs(%y : memref<4x17xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 8>, lanes = array<i64: 1, 8, 4>}} {
  ^bb0(%e: i32, %o: i32):
    %n = arith.addi %e, %e : i32
    linalg.yield %n : i32
  }
  func.return
}

// CHECK-LABEL: @tail_of_one_row
func.func private @tail_of_one_row(%x: memref<4x17xi32, "ram">, %y: memref<4x17xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: memref.load %x[{{.*}}, %c16] : memref<4x17xi32, "ram">
  linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x17xi32, "ram">) outs(%y : memref<4x17xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 8>, lanes = array<i64: 1, 8, 4>}} {
  ^bb0(%e: i32, %o: i32):
    %n = arith.addi %e, %e : i32
    linalg.yield %n : i32
  }
  func.return
}

// What is left of 18 takes a register however few it is: as many lanes as the others have,
// so that their number stays the same.

// CHECK-LABEL: @tail_as_wide
func.func private @tail_as_wide(%x: memref<18xf32, "ram">, %y: memref<18xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: vector.load %x[%c0] : memref<18xf32, "ram">, vector<8xf32>
  // CHECK: vector.load %x[%c8] : memref<18xf32, "ram">, vector<8xf32>
  // CHECK: vector.load %x[%c10] : memref<18xf32, "ram">, vector<8xf32>
  // CHECK-NOT: vector.load
  // CHECK: vector.store {{.*}}, %y[%c10] : memref<18xf32, "ram">, vector<8xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<18xf32, "ram">) outs(%y : memref<18xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 18>, lanes = array<i64: 0, 8, 8>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// 9 are 8 and 1, which is one register less than 16 would be. 7 alone are twice 4, as
// there is nothing before them.

// CHECK-LABEL: @tail_of_fewer_registers
func.func private @tail_of_fewer_registers(%x: memref<25xf32, "ram">, %y: memref<25xf32, "ram">, %z: memref<7xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: vector.load %x[%c0] : memref<25xf32, "ram">, vector<16xf32>
  // CHECK: vector.load %x[%c16] : memref<25xf32, "ram">, vector<8xf32>
  // CHECK: memref.load %x[%c24]
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<25xf32, "ram">) outs(%y : memref<25xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 16>, lanes = array<i64: 0, 16, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  // CHECK: vector.store {{.*}}, %z[%c0] : memref<7xf32, "ram">, vector<4xf32>
  // CHECK: vector.store {{.*}}, %z[%c3] : memref<7xf32, "ram">, vector<4xf32>
  %v = arith.constant 1.0 : f32
  linalg.fill {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8, 4>}} ins(%v : f32) outs(%z : memref<7xf32, "ram">)
  func.return
}

// What is done in place is done once: round 15 has been negated. Inside of one block all is
// read before anything is stored.

// CHECK-LABEL: @negative_tail_in_place
func.func private @negative_tail_in_place(%y: memref<23xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c16 step %c8
  // CHECK: vector.load %y[%c16] : memref<23xf32, "ram">, vector<4xf32>
  // CHECK: vector.load %y[%c19] : memref<23xf32, "ram">, vector<4xf32>
  // CHECK: vector.store {{.*}}, %y[%c16]
  // CHECK-NEXT: vector.store {{.*}}, %y[%c19]
  // CHECK-NEXT: func.return
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%y : memref<23xf32, "ram">) outs(%y : memref<23xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// Two outputs of a window of 3 read four elements, and each weight once.

// CHECK-LABEL: @shared_loads
func.func private @shared_loads(%x: memref<10xf32, "ram">, %w: memref<3xf32, "ram">, %y: memref<8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c8 step %c2
  // CHECK-NEXT: [[X0:%.+]] = memref.load %x[%i0]
  // CHECK: [[X1:%.+]] = memref.load %x
  // CHECK-NEXT: [[W0:%.+]] = memref.load %w[%c0]
  // CHECK-NEXT: arith.mulf [[X0]], [[W0]]
  // CHECK: arith.mulf [[X1]], [[W0]]
  // CHECK: [[X2:%.+]] = memref.load %x
  // CHECK-NEXT: [[W1:%.+]] = memref.load %w[%c1]
  // CHECK-NEXT: arith.mulf [[X1]], [[W1]]
  // CHECK: arith.mulf [[X2]], [[W1]]
  // CHECK: [[X3:%.+]] = memref.load %x
  // CHECK-NEXT: [[W2:%.+]] = memref.load %w[%c2]
  // CHECK-NEXT: arith.mulf [[X2]], [[W2]]
  // CHECK: arith.mulf [[X3]], [[W2]]
  // CHECK-NOT: memref.load
  // CHECK: func.return
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, #column, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<10xf32, "ram">, memref<3xf32, "ram">) outs(%y : memref<8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 3>}} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A scalar is put into all lanes once, for both vectors that it is a factor of.

// CHECK-LABEL: @shared_lanes
func.func private @shared_lanes(%x: memref<3xf32, "ram">, %w: memref<8xf32, "ram">, %y: memref<3x8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[X:%.+]] = memref.load %x
  // CHECK: [[ALL:%.+]] = vector.broadcast [[X]] : f32 to vector<4xf32>
  // CHECK: arith.mulf [[ALL]]
  // CHECK-NOT: vector.broadcast
  // CHECK: arith.mulf [[ALL]]
  // CHECK-NOT: vector.broadcast
  // CHECK: func.return
  linalg.generic {indexing_maps = [#row, #column, #id2], iterator_types = ["parallel", "parallel"]} ins(%x, %w : memref<3xf32, "ram">, memref<8xf32, "ram">) outs(%y : memref<3x8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 8>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    linalg.yield %m : f32
  }
  func.return
}

// Five rounds in twos: the last one is behind the loop and goes on with its sum.

// CHECK-LABEL: @part_of_a_reduction
func.func private @part_of_a_reduction(%x: memref<4x5xi32, "ram">, %w: memref<5xi32, "ram">, %y: memref<4xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[SUM:%.+]] = scf.for %r1 = %c0 to %c4 step %c2 iter_args([[IN:%.+]] = {{.*}})
  // CHECK: [[S:%.+]] = arith.addi [[IN]]
  // CHECK: [[T:%.+]] = arith.addi [[S]], {{.*}} : i32
  // CHECK-NEXT: scf.yield [[T]]
  // CHECK: memref.load %x[%i0, %c4]
  // CHECK: [[ALL:%.+]] = arith.addi [[SUM]]
  // CHECK-NEXT: memref.store [[ALL]]
  linalg.generic {indexing_maps = [#id2, #column, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<4x5xi32, "ram">, memref<5xi32, "ram">) outs(%y : memref<4xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 2>}} {
  ^bb0(%e: i32, %f: i32, %a: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %a, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// A window of 3 with one element of padding on each side, outputs in twos. The first
// and the last block lack one product of six; those between, of outputs 2 to 5, do not.

// CHECK-LABEL: @borders
func.func private @borders(%x: memref<8xi32, "ram">, %w: memref<3xi32, "ram">, %y: memref<8xi32, "ram">) attributes {deploy.kernel} {
  // CHECK-COUNT-5: arith.muli
  // CHECK: memref.store {{.*}}, %y[%c0]
  // CHECK-NEXT: memref.store {{.*}}, %y[%c1]
  // CHECK-NEXT: scf.for %i0 = %c2 to %c6 step %c2
  // CHECK-COUNT-6: arith.muli
  // CHECK: memref.store {{.*}}, %y[%i0]
  // CHECK-NEXT: memref.store
  // CHECK-COUNT-5: arith.muli
  // CHECK: memref.store {{.*}}, %y[%c6]
  // CHECK-NEXT: memref.store {{.*}}, %y[%c7]
  // CHECK-NEXT: func.return
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<8xi32, "ram">)
  %p = deploy.registers : memref<10xi32, "register">
  linalg.fill ins(%zero : i32) outs(%p : memref<10xi32, "register">)
  %part = memref.subview %p[1] [8] [1] : memref<10xi32, "register"> to memref<8xi32, strided<[1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<8xi32, "ram">) outs(%part : memref<8xi32, strided<[1], offset: 1>, "register">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, #column, #row], iterator_types = ["parallel", "reduction"]} ins(%p, %w : memref<10xi32, "register">, memref<3xi32, "ram">) outs(%y : memref<8xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 3>}} {
  ^bb0(%e: i32, %f: i32, %a: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %a, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// Rows outside are left out of a loop that carries a vector: tap k of row i is row
// i + k - 1, inside from 1 - i to 5 - i.

// CHECK-LABEL: @clipped_lanes
func.func private @clipped_lanes(%x: memref<4x8xf32, "ram">, %w: memref<3xf32, "ram">, %y: memref<4x8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[LEAST:%.+]] = arith.constant 0xff800000
  // CHECK: [[START:%.+]] = vector.broadcast [[LEAST]]
  // CHECK: [[FROM:%.+]] = arith.addi {{.*}}, %c1 : index
  // CHECK: [[TO:%.+]] = arith.addi {{.*}}, %c5 : index
  // CHECK-NEXT: [[FIRST:%.+]] = arith.maxsi [[FROM]], %c0
  // CHECK-NEXT: [[END:%.+]] = arith.minsi [[TO]], %c3
  // CHECK-NEXT: [[ACC:%.+]] = scf.for %r2 = [[FIRST]] to [[END]] step %c1 iter_args({{.*}} = [[START]]) -> (vector<8xf32>)
  // CHECK: vector.load %x
  // CHECK-NEXT: arith.maximumf {{.*}} : vector<8xf32>
  // CHECK: vector.store [[ACC]], %y[%i0, %c0]
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<4x8xf32, "ram">)
  %p = deploy.registers : memref<6x8xf32, "register">
  linalg.fill ins(%least : f32) outs(%p : memref<6x8xf32, "register">)
  %part = memref.subview %p[1, 0] [4, 8] [1, 1] : memref<6x8xf32, "register"> to memref<4x8xf32, strided<[8, 1], offset: 8>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x8xf32, "ram">) outs(%part : memref<4x8xf32, strided<[8, 1], offset: 8>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%p, %w : memref<6x8xf32, "register">, memref<3xf32, "ram">) outs(%y : memref<4x8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 8, 1>, lanes = array<i64: 1, 8>}} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.maximumf %a, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// Six lanes are done as eight where memory goes on for two elements behind the last of them, and a loop carries
// them: all but the first six are left behind then. One element is not enough.

// CHECK-LABEL: @spare_lanes
func.func private @spare_lanes(%x: memref<2x9xf32, "ram">, %w: memref<56xf32, "flash">, %y: memref<2x6xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[SUMS:%[^ ]+]], [[MORE:%[^ ]+]] = scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>)
  // CHECK: vector.load %w{{.*}} : memref<56xf32, "flash">, vector<8xf32>
  // CHECK: [[FIRST:%.+]] = vector.shuffle [[SUMS]], [[SUMS]] [0, 1, 2, 3, 4, 5] : vector<8xf32>, vector<8xf32>
  // CHECK: vector.store [[FIRST]], %y[{{.*}}] : memref<2x6xf32, "ram">, vector<6xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<2x6xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2 * 6 + d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<2x9xf32, "ram">, memref<56xf32, "flash">) outs(%y : memref<2x6xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 6, 1>, lanes = array<i64: 1, 6, 8>}} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @too_few_spare_lanes
func.func private @too_few_spare_lanes(%x: memref<2x9xf32, "ram">, %w: memref<55xf32, "flash">, %y: memref<2x6xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-NOT: vector<8xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<2x6xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2 * 6 + d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<2x9xf32, "ram">, memref<55xf32, "flash">) outs(%y : memref<2x6xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 6, 1>, lanes = array<i64: 1, 6, 8>}} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// What has been there before has no more lanes either.

// CHECK-LABEL: @no_spare_results
func.func private @no_spare_results(%x: memref<2x9xf32, "ram">, %w: memref<56xf32, "flash">, %y: memref<2x6xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-NOT: vector<8xf32>
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2 * 6 + d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<2x9xf32, "ram">, memref<56xf32, "flash">) outs(%y : memref<2x6xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2, 6, 1>, lanes = array<i64: 1, 6, 8>}} {
  ^bb0(%e: f32, %f: f32, %a: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %a, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Where only this loop says what is outside, blocks begin at the border: columns 1 to 8.

// CHECK-LABEL: @padding_beside_lanes
func.func private @padding_beside_lanes(%x: memref<3x8xi32, "ram">, %y: memref<3x10xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: memref.store %v, %y[%i0, %c0]
  // CHECK-NEXT: scf.for %i1 = %c1 to %c9 step %c4
  // CHECK-NEXT: [[AT:%.+]] = arith.subi %i1, %c1
  // CHECK-NEXT: [[E:%.+]] = vector.load %x[%i0, [[AT]]] : memref<3x8xi32, "ram">, vector<4xi32>
  // CHECK-NEXT: vector.store [[E]], %y[%i0, %i1]
  // CHECK: memref.store %v, %y[%i0, %c9]
  %v = arith.constant 7 : i32
  %p = deploy.registers : memref<3x10xi32, "register">
  linalg.fill ins(%v : i32) outs(%p : memref<3x10xi32, "register">)
  %part = memref.subview %p[0, 1] [3, 8] [1, 1] : memref<3x10xi32, "register"> to memref<3x8xi32, strided<[10, 1], offset: 1>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<3x8xi32, "ram">) outs(%part : memref<3x8xi32, strided<[10, 1], offset: 1>, "register">) {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%p : memref<3x10xi32, "register">) outs(%y : memref<3x10xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  func.return
}

// Lanes begin with zeros and the sum with what is in memory. Eleven rounds are two times four, two in
// half as many lanes, which both halves are put together in, and one by itself.

// CHECK-LABEL: @sum_of_lanes
func.func private @sum_of_lanes(%x: memref<2x11xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[OLD:%.+]] = memref.load %y[%i0]
  // CHECK-NEXT: [[ZERO:%.+]] = arith.constant 0.000000e+00
  // CHECK-NEXT: [[ZEROS:%.+]] = vector.broadcast [[ZERO]]
  // CHECK-NEXT: [[LANES:%.+]] = scf.for %r1 = %c0 to %c8 step %c4 iter_args({{.*}} = [[ZEROS]]) -> (vector<4xf32>)
  // CHECK-NEXT: vector.load %x[%i0, %r1]
  // CHECK: [[LOW:%.+]] = vector.shuffle [[LANES]], [[LANES]] [0, 1]
  // CHECK-NEXT: [[HIGH:%.+]] = vector.shuffle [[LANES]], [[LANES]] [2, 3]
  // CHECK-NEXT: [[BOTH:%.+]] = arith.addf [[LOW]], [[HIGH]] : vector<2xf32>
  // CHECK-NEXT: [[TWO:%.+]] = vector.load %x[%i0, %c8] : {{.*}}, vector<2xf32>
  // CHECK-NEXT: [[HALVES:%.+]] = arith.addf [[BOTH]], [[TWO]] : vector<2xf32>
  // CHECK-NEXT: [[SUM:%.+]] = vector.reduction <add>, [[HALVES]], [[OLD]]
  // CHECK-NEXT: [[LAST:%.+]] = memref.load %x[%i0, %c10]
  // CHECK-NEXT: [[ALL:%.+]] = arith.addf [[SUM]], [[LAST]]
  // CHECK-NEXT: memref.store [[ALL]], %y[%i0]
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x11xf32, "ram">) outs(%y : memref<2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: f32, %a: f32):
    %s = arith.addf %a, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// The most of what is begun with several times is the same as of once.

// CHECK-LABEL: @most_of_lanes
func.func private @most_of_lanes(%x: memref<2x8xi32, "ram">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[LEAST:%.+]] = arith.constant -5
  // CHECK: [[START:%.+]] = vector.broadcast [[LEAST]]
  // CHECK-NEXT: [[LANES:%.+]] = scf.for {{.*}} iter_args({{.*}} = [[START]]) -> (vector<4xi32>)
  // CHECK: [[MOST:%.+]] = vector.reduction <maxsi>, [[LANES]] : vector<4xi32>
  // CHECK-NEXT: memref.store [[MOST]]
  %least = arith.constant -5 : i32
  linalg.fill ins(%least : i32) outs(%y : memref<2xi32, "ram">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x8xi32, "ram">) outs(%y : memref<2xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %a: i32):
    %s = arith.maxsi %e, %a : i32
    linalg.yield %s : i32
  }
  func.return
}

// Halves of what is most are put together by what accumulates.

// CHECK-LABEL: @most_of_halves
func.func private @most_of_halves(%x: memref<2x6xi32, "ram">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[HIGH:%.+]] = vector.shuffle {{.*}} [2, 3]
  // CHECK-NEXT: arith.maxsi {{%.+}}, [[HIGH]] : vector<2xi32>
  // CHECK: vector.reduction <maxsi>, {{%.+}} : vector<2xi32>
  %least = arith.constant -5 : i32
  linalg.fill ins(%least : i32) outs(%y : memref<2xi32, "ram">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x6xi32, "ram">) outs(%y : memref<2xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %a: i32):
    %s = arith.maxsi %e, %a : i32
    linalg.yield %s : i32
  }
  func.return
}

// Lanes that are not neighbours are loaded, or stored, one by one.

// CHECK-LABEL: @gather
func.func private @gather(%x: memref<4x2xf32, "ram">, %y: memref<2x4xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = memref.load %x[%c0, %i0]
  // CHECK-NEXT: [[B:%.+]] = memref.load %x[%c1, %i0]
  // CHECK-NEXT: [[C:%.+]] = memref.load %x[%c2, %i0]
  // CHECK-NEXT: [[D:%.+]] = memref.load %x[%c3, %i0]
  // CHECK-NEXT: [[V:%.+]] = vector.broadcast [[A]]
  // CHECK-NEXT: [[V1:%.+]] = vector.insert [[B]], [[V]] [1]
  // CHECK-NEXT: [[V2:%.+]] = vector.insert [[C]], [[V1]] [2]
  // CHECK-NEXT: [[V3:%.+]] = vector.insert [[D]], [[V2]] [3]
  // CHECK-NEXT: vector.store [[V3]], %y[%i0, %c0]
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4x2xf32, "ram">) outs(%y : memref<2x4xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK-LABEL: @scatter
func.func private @scatter(%x: memref<2x4xf32, "ram">, %y: memref<4x2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[V:%.+]] = vector.load %x[%i0, %c0]
  // CHECK-NEXT: [[A:%.+]] = vector.extract [[V]][0]
  // CHECK-NEXT: memref.store [[A]], %y[%c0, %i0]
  // CHECK: [[D:%.+]] = vector.extract [[V]][3]
  // CHECK-NEXT: memref.store [[D]], %y[%c3, %i0]
  linalg.generic {indexing_maps = [#id2, affine_map<(d0, d1) -> (d1, d0)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x4xf32, "ram">) outs(%y : memref<4x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// One scalar for all of them is stored as it is.

// CHECK-LABEL: @scattered_scalar
func.func private @scattered_scalar(%x: memref<2xf32, "ram">, %y: memref<4x2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = memref.load %x[%i0]
  // CHECK-NEXT: memref.store [[A]], %y[%c0, %i0]
  // CHECK: memref.store [[A]], %y[%c3, %i0]
  linalg.generic {indexing_maps = [#row, affine_map<(d0, d1) -> (d1, d0)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2xf32, "ram">) outs(%y : memref<4x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// Who makes registers makes them where they are read: of its blocks only the reduction
// counts.

// CHECK-LABEL: @maker_of_registers
func.func private @maker_of_registers(%x: memref<2x6xf32, "ram">, %z: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c2 step %c1
  // CHECK-NEXT: [[SUM:%.+]] = scf.for %r1 = %c0 to %c6 step %c2
  // CHECK-COUNT-2: memref.load %x[%i0
  // CHECK: math.sqrt [[SUM]]
  %zero = arith.constant 0.0 : f32
  %sums = deploy.registers : memref<2xf32, "register">
  linalg.fill ins(%zero : f32) outs(%sums : memref<2xf32, "register">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x6xf32, "ram">) outs(%sums : memref<2xf32, "register">) attrs = {deploy.blocks = {order = array<i64: 1, 0>, sizes = array<i64: 9, 2>}} {
  ^bb0(%e: f32, %a: f32):
    %s = arith.addf %a, %e : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%sums : memref<2xf32, "register">) outs(%z : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %n = math.sqrt %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// CHECK-LABEL: @fill_of_memory
func.func private @fill_of_memory(%y: memref<3x6xi8, "ram">) attributes {deploy.kernel} {
  // CHECK: scf.for %i0 = %c0 to %c3
  // CHECK-NEXT: [[V:%.+]] = vector.broadcast %v : i8 to vector<4xi8>
  // CHECK-NEXT: vector.store [[V]], %y[%i0, %c0]
  // CHECK-NEXT: [[V:%.+]] = vector.broadcast %v : i8 to vector<2xi8>
  // CHECK-NEXT: vector.store [[V]], %y[%i0, %c4]
  %v = arith.constant 3 : i8
  linalg.fill {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} ins(%v : i8) outs(%y : memref<3x6xi8, "ram">)
  func.return
}

// Words of the row that are the same for all lanes stay scalars, as the second factor.

// CHECK-LABEL: @dots
// CHECK: deploy.macs = 32
// CHECK: %[[x:.*]] = memref.load %x
// CHECK-NEXT: %[[w:.*]] = vector.load %w[%r1, %c0]
// CHECK-NEXT: deploy.dot4 %{{.*}}, %[[w]], %[[x]] unsigned : vector<4xi32>, i32
func.func private @dots(%x: memref<2xi32, "ram">, %w: memref<2x4xi32, "ram">, %y: memref<4xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<2xi32, "ram">, memref<2x4xi32, "ram">) outs(%y : memref<4xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 1>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %n = deploy.dot4 %o, %e unsigned, %f : i32, i32
    linalg.yield %n : i32
  }
  func.return
}

// Lanes that are words of the row are put together behind the loop.

// CHECK-LABEL: @dot_of_rows
// CHECK: deploy.dot4 %{{.*}}, %{{.*}}, %{{.*}} : vector<4xi32>, vector<4xi32>
// CHECK: vector.reduction <add>, %{{.*}}, %{{.*}} : vector<4xi32> into i32
func.func private @dot_of_rows(%x: memref<8xi32, "ram">, %w: memref<8xi32, "ram">, %y: memref<1xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<8xi32, "ram">, memref<8xi32, "ram">) outs(%y : memref<1xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %n = deploy.dot4 %o, %e, %f : i32, i32
    linalg.yield %n : i32
  }
  func.return
}

// Lanes two elements apart are chosen from all that are between; two that begin inside of a step
// share what is loaded. Where that would end behind the row, the second half ends with it.

// CHECK-LABEL: @two_apart
func.func private @two_apart(%x: memref<17xf32, "ram">, %y: memref<8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<17xf32, "ram">, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [0, 2, 4, 6, 8, 10, 12, 14] : vector<16xf32>, vector<16xf32>
  // CHECK: vector.shuffle [[A]], [[A]] [1, 3, 5, 7, 9, 11, 13, 15]
  // CHECK: [[B:%.+]] = vector.load %x[%c1] : memref<17xf32, "ram">, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[B]], [[B]] [1, 3, 5, 7, 9, 11, 13, 15]
  %t = deploy.registers : memref<3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (n * 2 + k)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %t : memref<17xf32, "ram">, memref<3xf32, "register">) outs(%y : memref<8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8, 3>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @two_apart_at_the_end
func.func private @two_apart_at_the_end(%x: memref<15xf32, "ram">, %y: memref<8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<15xf32, "ram">, vector<8xf32>
  // CHECK: [[B:%.+]] = vector.load %x[%c7] : memref<15xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[B]] [0, 2, 4, 6, 9, 11, 13, 15] : vector<8xf32>, vector<8xf32>
  linalg.generic {indexing_maps = [affine_map<(n) -> (n * 2)>, #id], iterator_types = ["parallel"]} ins(%x : memref<15xf32, "ram">) outs(%y : memref<8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.negf %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// So are three lanes, of six elements, or of five where there is no more.

// CHECK-LABEL: @three_two_apart
func.func private @three_two_apart(%x: memref<7xf32, "ram">, %y: memref<3xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<7xf32, "ram">, vector<6xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [0, 2, 4] : vector<6xf32>, vector<6xf32>
  // CHECK-NOT: vector.load
  // CHECK: vector.shuffle [[A]], [[A]] [1, 3, 5]
  // CHECK: [[B:%.+]] = vector.load %x[%c1] : memref<7xf32, "ram">, vector<6xf32>
  // CHECK-NEXT: vector.shuffle [[B]], [[B]] [1, 3, 5]
  %t = deploy.registers : memref<3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (n * 2 + k)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %t : memref<7xf32, "ram">, memref<3xf32, "register">) outs(%y : memref<3xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3, 3>, lanes = array<i64: 0, 3>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @three_two_apart_at_the_end
func.func private @three_two_apart_at_the_end(%x: memref<5xf32, "ram">, %y: memref<3xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<5xf32, "ram">, vector<5xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [0, 2, 4] : vector<5xf32>, vector<5xf32>
  linalg.generic {indexing_maps = [affine_map<(n) -> (n * 2)>, #id], iterator_types = ["parallel"]} ins(%x : memref<5xf32, "ram">) outs(%y : memref<3xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3>, lanes = array<i64: 0, 3>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.negf %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Compilers would make loads with a stride of it.

// CHECK-LABEL: @negative_four_apart
func.func private @negative_four_apart(%x: memref<16xf32, "ram">, %y: memref<4xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-COUNT-4: memref.load
  // CHECK-NOT: vector.shuffle
  // CHECK: vector.store
  linalg.generic {indexing_maps = [affine_map<(n) -> (n * 4 + 3)>, #id], iterator_types = ["parallel"]} ins(%x : memref<16xf32, "ram">) outs(%y : memref<4xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.negf %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// The largest of the least number there is and a value is the value, be it a vector or none.

// CHECK-LABEL: @largest
func.func private @largest(%x: memref<3x8xf32, "ram">, %y: memref<8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0, %c0]
  // CHECK-NEXT: [[B:%.+]] = vector.load %x[%c1, %c0]
  // CHECK-NEXT: arith.maximumf [[A]], [[B]]
  // CHECK-NEXT: vector.load %x[%c2, %c0]
  // CHECK-NEXT: arith.maximumf
  // CHECK-NEXT: vector.store
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<8xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<3x8xf32, "ram">) outs(%y : memref<8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8, 3>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @largest_of_three
func.func private @largest_of_three(%x: memref<3xf32, "ram">, %y: memref<f32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = memref.load %x[%c0]
  // CHECK-NEXT: [[B:%.+]] = memref.load %x[%c1]
  // CHECK-NEXT: arith.maximumf [[A]], [[B]]
  // CHECK-NEXT: memref.load %x[%c2]
  // CHECK-NEXT: arith.maximumf
  // CHECK-NEXT: memref.store
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<f32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%x : memref<3xf32, "ram">) outs(%y : memref<f32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Three lanes two elements apart, with one element behind: a fourth lane would take two.

// CHECK-LABEL: @negative_spare_for_half_a_lane
func.func private @negative_spare_for_half_a_lane(%x: memref<4x6xf32, "ram">, %y: memref<3xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-NOT: vector<4xf32>
  // CHECK: vector.store {{.*}} : memref<3xf32, "ram">, vector<3xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<3xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n * 2)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<4x6xf32, "ram">) outs(%y : memref<3xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3, 1>, lanes = array<i64: 0, 3>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.addf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}
