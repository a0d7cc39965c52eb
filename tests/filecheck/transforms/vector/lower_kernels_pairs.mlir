// RUN: deployopt %s -p vector-lower-kernels --machine host --set vlen=256 --set vector_registers=16 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-lower-kernels --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix GROUPS

#id = affine_map<(d0) -> (d0)>

// Where a vector has one register at most, what is between lanes is loaded as two. Those that begin inside of a step
// share both.

// CHECK-LABEL: @two_apart
// GROUPS-LABEL: @two_apart
func.func private @two_apart(%x: memref<17xf32, "ram">, %y: memref<8xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<17xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: [[B:%.+]] = vector.load %x[%c8] : memref<17xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[B]] [0, 2, 4, 6, 8, 10, 12, 14] : vector<8xf32>, vector<8xf32>
  // CHECK: vector.shuffle [[A]], [[B]] [1, 3, 5, 7, 9, 11, 13, 15] : vector<8xf32>, vector<8xf32>
  // GROUPS: vector.load %x[%c0] : memref<17xf32, "ram">, vector<16xf32>
  %t = deploy.registers : memref<2xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (n * 2 + k)>, affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %t : memref<17xf32, "ram">, memref<2xf32, "register">) outs(%y : memref<8xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 8, 2>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// Half as many lanes are in one register with what is between them.

// CHECK-LABEL: @negative_half
func.func private @negative_half(%x: memref<9xf32, "ram">, %y: memref<4xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: [[A:%.+]] = vector.load %x[%c0] : memref<9xf32, "ram">, vector<8xf32>
  // CHECK-NEXT: vector.shuffle [[A]], [[A]] [0, 2, 4, 6] : vector<8xf32>, vector<8xf32>
  linalg.generic {indexing_maps = [affine_map<(n) -> (n * 2)>, #id], iterator_types = ["parallel"]} ins(%x : memref<9xf32, "ram">) outs(%y : memref<4xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.negf %e : f32
    linalg.yield %s : f32
  }
  func.return
}
