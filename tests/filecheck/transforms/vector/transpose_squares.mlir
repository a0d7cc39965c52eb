// RUN: deployopt %s -p vector-transpose-squares --machine host --set vlen=128 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-transpose-squares --machine host --set vlen=512 --no-debuginfo | filecheck %s --check-prefix WIDE
// RUN: deployopt %s -p vector-transpose-squares --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix OTHER

// OTHER-NOT: vector.load
// OTHER-NOT: scf

// Two halvings of four rows; a loop of one round is none.

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
func.func private @bytes(%x: memref<64x32xi8, "ram">, %y: memref<32x64xi8, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x32xi8, "ram">) outs(%y : memref<32x64xi8, "ram">) {
  ^bb0(%in: i8, %out: i8):
    linalg.yield %in : i8
  }
  func.return
}

// The following stay as they are: nothing to transpose, a side that squares do not
// fit, more than a copy, what is not in memory.

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
