// RUN: deployopt %s -p vector-lower-kernels --machine rv64gcv --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-lower-kernels --machine host --no-debuginfo | filecheck %s --check-prefix HOST

// Other machines have no instructions for it.

// HOST-NOT: reinterpret_cast

#yc = affine_map<(p, c) -> (p, c)>
#two_apart = affine_map<(p, c) -> (p * 2, c)>
#window = affine_map<(p, c, k) -> (p * 2 + k, c)>
#taps = affine_map<(p, c, k) -> (k)>
#pc = affine_map<(p, c, k) -> (p, c)>

// Where a window moves by two points of two channels, four lanes have a record of four elements each. Three taps
// need two loads: the first would begin before the row if all ended with a whole record, so it begins with it. Both
// channels are stored together.

// CHECK-LABEL: @window
func.func private @window(%x: memref<17x2xf32, "ram">, %y: memref<8x2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK-DAG: [[X:%.+]] = memref.reinterpret_cast %x to offset: [0], sizes: [34], strides: [1] : memref<17x2xf32, "ram"> to memref<34xf32, "ram">
  // CHECK-DAG: [[Y:%.+]] = memref.reinterpret_cast %y to offset: [0], sizes: [16], strides: [1] : memref<8x2xf32, "ram"> to memref<16xf32, "ram">
  // CHECK: scf.for [[P:%.+]] = %c0 to %c8 step %c4
  // CHECK: [[AT:%.+]] = arith.muli [[P]], %c4
  // CHECK-NEXT: [[A:%.+]] = vector.load [[X]]{{\[}}[[AT]]] : memref<34xf32, "ram">, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [0, 4, 8, 12] : vector<16xf32>, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [1, 5, 9, 13]
  // CHECK: vector.shuffle [[A]], [[A]] [2, 6, 10, 14]
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [3, 7, 11, 15]
  // CHECK: [[TWO:%.+]] = arith.addi {{.*}}, %c2
  // CHECK-NEXT: [[B:%.+]] = vector.load [[X]]{{\[}}[[TWO]]] : memref<34xf32, "ram">, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[B]], [[B]] [2, 6, 10, 14]
  // CHECK-NEXT: vector.shuffle [[B]], [[B]] [3, 7, 11, 15]
  // CHECK-NEXT: [[ONE:%.+]] = arith.maximumf
  // CHECK-NEXT: [[OTHER:%.+]] = arith.maximumf
  // CHECK-NEXT: [[BOTH:%.+]] = vector.shuffle [[ONE]], [[OTHER]] [0, 4, 1, 5, 2, 6, 3, 7] : vector<4xf32>, vector<4xf32>
  // CHECK: vector.store [[BOTH]], [[Y]]{{.*}} : memref<16xf32, "ram">, vector<8xf32>
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<8x2xf32, "ram">)
  %t = deploy.registers : memref<3xf32, "register">
  linalg.generic {indexing_maps = [#window, #taps, #pc], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %t : memref<17x2xf32, "ram">, memref<3xf32, "register">) outs(%y : memref<8x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 2, 3>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Behind the border of a padding there is room before the first field, and each load ends with the last field of a
// record: compilers leave off what follows it.

// CHECK-LABEL: @padded
func.func private @padded(%x: memref<11x2xf32, "ram">, %y: memref<6x2xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[X:%.+]] = memref.reinterpret_cast %x
  // CHECK: [[A:%.+]] = vector.load [[X]]{{\[}}%c0] : memref<22xf32, "ram">, vector<16xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [2, 6, 10, 14]
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [3, 7, 11, 15]
  // CHECK: [[B:%.+]] = vector.load [[X]]{{\[}}%c4] : memref<22xf32, "ram">, vector<16xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<6x2xf32, "ram">)
  %all = deploy.registers : memref<13x2xf32, "register">
  linalg.fill ins(%zero : f32) outs(%all : memref<13x2xf32, "register">)
  %part = memref.subview %all[1, 0] [11, 2] [1, 1] : memref<13x2xf32, "register"> to memref<11x2xf32, strided<[2, 1], offset: 2>, "register">
  linalg.generic {indexing_maps = [#yc, #yc], iterator_types = ["parallel", "parallel"]} ins(%x : memref<11x2xf32, "ram">) outs(%part : memref<11x2xf32, strided<[2, 1], offset: 2>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  %t = deploy.registers : memref<3xf32, "register">
  linalg.generic {indexing_maps = [#window, #taps, #pc], iterator_types = ["parallel", "parallel", "reduction"]} ins(%all, %t : memref<13x2xf32, "register">, memref<3xf32, "register">) outs(%y : memref<6x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 2, 3>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Two halves of four fields are put side by side before they are stored in turn.

// CHECK-LABEL: @four
func.func private @four(%x: memref<4xf32, "ram">, %y: memref<4x4xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xf32>, vector<4xf32>
  // CHECK-NEXT: [[B:%.+]] = vector.shuffle {{.*}} [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xf32>, vector<4xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[B]] [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
  // CHECK-NEXT: vector.store
  linalg.generic {indexing_maps = [affine_map<(p, c) -> (p)>, #yc], iterator_types = ["parallel", "parallel"]} ins(%x : memref<4xf32, "ram">) outs(%y : memref<4x4xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// Of one channel alone compilers would make loads with a stride; rows with gaps are no row; more fields than four
// fill too many registers, and half of a record is none; what is written is not read beside.

// CHECK-LABEL: @negative
// CHECK-NOT: reinterpret_cast %{{[xygwzv]}}
func.func private @negative(%x: memref<17x2xf32, "ram">, %y: memref<8x2xf32, "ram">, %g: memref<17x2xf32, strided<[3, 1]>, "ram">, %ok: memref<8x2xf32, "ram">, %w: memref<17x4xf32, "ram">, %z: memref<8x4xf32, "ram">, %v: memref<8x2xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#two_apart, #yc], iterator_types = ["parallel", "parallel"]} ins(%x : memref<17x2xf32, "ram">) outs(%y : memref<8x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 1>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#two_apart, #yc], iterator_types = ["parallel", "parallel"]} ins(%g : memref<17x2xf32, strided<[3, 1]>, "ram">) outs(%ok : memref<8x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 2>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#two_apart, #yc], iterator_types = ["parallel", "parallel"]} ins(%w : memref<17x4xf32, "ram">) outs(%z : memref<8x4xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 2>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#yc], iterator_types = ["parallel", "parallel"]} outs(%v : memref<8x2xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4, 2>, lanes = array<i64: 0, 4>}} {
  ^bb0(%o: f32):
    %s = arith.negf %o : f32
    linalg.yield %s : f32
  }
  func.return
}
