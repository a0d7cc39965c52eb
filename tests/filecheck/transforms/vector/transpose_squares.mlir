// RUN: deployopt %s -p vector-transpose-squares --machine host --set vlen=128 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-transpose-squares --machine host --set vlen=512 --no-debuginfo | filecheck %s --check-prefix WIDE
// RUN: deployopt %s -p vector-transpose-squares --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix RVV

// Two halvings of four rows; a loop of one round is none. On RISC-V so few take more than one
// element after the other.

// RVV-LABEL: @square
// RVV-NOT: vector.load

// CHECK-LABEL: @square
// CHECK: scf.for [[I:%.*]] = %c0 to %c8 step %c4
// CHECK-NEXT: scf.for [[J:%.*]] = %c0 to %c24 step %c4
// CHECK-NEXT: [[ROW:%.*]] = arith.addi [[J]], %c1
// CHECK: vector.load %x[%c0, [[J]], [[I]]] : memref<1x24x8xf32, "ram">, vector<4xf32>
// CHECK-NEXT: vector.load %x[%c0, [[ROW]], [[I]]]
// CHECK-COUNT-2: vector.load
// CHECK: vector.shuffle {{.*}} [0, 4, 1, 5]
// CHECK-NEXT: vector.shuffle {{.*}} [2, 6, 3, 7]
// CHECK-COUNT-6: vector.shuffle
// CHECK: vector.store {{.*}}, %y[%c0, [[I]], [[J]]] : memref<1x8x24xf32, "ram">
// CHECK-COUNT-3: vector.store
// CHECK-NOT: linalg.generic

// WIDE-LABEL: @square
// WIDE-COUNT-8: vector.load {{.*}}vector<8xf32>
// WIDE-COUNT-24: vector.shuffle
func.func private @square(%x: memref<1x24x8xf32, "ram">, %y: memref<1x8x24xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<1x24x8xf32, "ram">) outs(%y : memref<1x8x24xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

// Bytes have as many lanes as there are rows in a square, not as many as fit.

// CHECK-LABEL: @bytes
// CHECK-COUNT-16: vector.load {{.*}}vector<16xi8>
// CHECK-COUNT-64: vector.shuffle
// WIDE-LABEL: @bytes
// WIDE-COUNT-16: vector.load {{.*}}vector<16xi8>

// On RISC-V vectors exchange every other lane, then every other two; one mask at a time.

// RVV-LABEL: @bytes
// RVV-SAME: deploy.instructions = 1344
// RVV-COUNT-16: vector.load {{.*}}vector<16xi8>
// RVV-COUNT-8: vector.shuffle {{.*}} [0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30]
// RVV-COUNT-8: vector.shuffle {{.*}} [1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31]
// RVV-COUNT-8: vector.shuffle {{.*}} [0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29]
// RVV-COUNT-40: vector.shuffle
// RVV-COUNT-16: vector.store
func.func private @bytes(%x: memref<64x32xi8, "ram">, %y: memref<32x64xi8, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x32xi8, "ram">) outs(%y : memref<32x64xi8, "ram">) {
  ^bb0(%in: i8, %out: i8):
    linalg.yield %in : i8
  }
  func.return
}

// The last square of a side that squares do not divide begins earlier.

// CHECK-LABEL: @odd
// CHECK: scf.for [[I:%.*]] = %c0 to %c7 step %c4
// CHECK: [[ROW:%.*]] = arith.minsi [[I]], %c3
// CHECK: scf.for [[J:%.*]] = %c0 to %c11 step %c4
// CHECK: [[COLUMN:%.*]] = arith.minsi [[J]], %c7
// CHECK: vector.load %x[[[COLUMN]], [[ROW]]]
// CHECK: vector.store {{.*}}, %y[[[ROW]], [[COLUMN]]]
func.func private @odd(%x: memref<11x7xf32, "ram">, %y: memref<7x11xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<11x7xf32, "ram">) outs(%y : memref<7x11xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

// Loops that follow each other on both sides are one, of ten rounds here. One of five rows
// that is left goes element by element.

// CHECK-LABEL: @planes
// CHECK: [[X:%.*]] = memref.reinterpret_cast %x {{.*}} to memref<1x5x10xf32, "ram">
// CHECK: [[Y:%.*]] = memref.reinterpret_cast %y {{.*}} to memref<1x10x5xf32, "ram">
// CHECK: scf.for [[I:%.*]] = %c0 to %c10 step %c4
// CHECK-NEXT: [[COLUMN:%.*]] = arith.minsi [[I]], %c6
// CHECK: vector.load [[X]][%c0, %c0, [[COLUMN]]]
// CHECK: vector.store {{.*}}, [[Y]][%c0, [[COLUMN]], %c0]
// CHECK: scf.for [[I:%.*]] = %c0 to %c10 step %c4
// CHECK-NEXT: [[COLUMN:%.*]] = arith.minsi [[I]], %c6
// CHECK-NEXT: [[ONE:%.*]] = memref.load [[X]][%c0, %c4, [[COLUMN]]]
// CHECK-NEXT: memref.store [[ONE]], [[Y]][%c0, [[COLUMN]], %c4]
// CHECK-COUNT-3: memref.store
// CHECK-NOT: memref.store
func.func private @planes(%x: memref<1x5x2x5xf32, "ram">, %y: memref<1x2x5x5xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x : memref<1x5x2x5xf32, "ram">) outs(%y : memref<1x2x5x5xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

// CHECK-LABEL: @corner
// CHECK: scf.for {{.*}} = %c0 to %c8 step %c4
// CHECK-NOT: arith.minsi
// CHECK: scf.for [[I:%.*]] = %c0 to %c9 step %c4
// CHECK-COUNT-4: memref.store
// CHECK-COUNT-4: memref.store {{.*}}[%c8,
// CHECK-NOT: memref.store
func.func private @corner(%x: memref<5x9xf32, "ram">, %y: memref<9x5xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<5x9xf32, "ram">) outs(%y : memref<9x5xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

// The following stay as they are: nothing to transpose, a side shorter than
// squares, more than a copy, what is not in memory.

// RVV-LABEL: @straight
// RVV-NOT: vector.load
// CHECK-LABEL: @straight
// CHECK-NOT: vector.load
// WIDE-LABEL: @straight
// WIDE-NOT: vector.load
func.func private @straight(%x: memref<8x8xf32, "ram">, %y: memref<8x8xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32, "ram">) outs(%y : memref<8x8xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

func.func private @narrow(%x: memref<3x64xf32, "ram">, %y: memref<64x3xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<3x64xf32, "ram">) outs(%y : memref<64x3xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

func.func private @computes(%x: memref<8x8xf32, "ram">, %y: memref<8x8xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32, "ram">) outs(%y : memref<8x8xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    linalg.yield %n : f32
  }
  func.return
}

func.func private @registers(%x: memref<8x8xf32, "ram">) attributes {deploy.kernel} {
  %y = deploy.registers : memref<8x8xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32, "ram">) outs(%y : memref<8x8xf32, "register">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}

func.func private @gaps(%x: memref<8x8xf32, strided<[16, 1]>, "ram">, %y: memref<8x8xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x8xf32, strided<[16, 1]>, "ram">) outs(%y : memref<8x8xf32, "ram">) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  func.return
}
