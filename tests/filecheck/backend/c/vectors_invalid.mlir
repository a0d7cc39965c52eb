// RUN: deployopt %s -t c --split-input-file --verify-diagnostics | filecheck %s

func.func @odd_number_of_lanes_reduced(%x: memref<6xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<6xf32>, vector<6xf32>
  %s = vector.reduction <add>, %v : vector<6xf32> into f32
  memref.store %s, %x[%c0] : memref<6xf32>
  func.return
}

// CHECK: a vector must have a power of two lanes to be reduced

// -----

func.func @odd_number_of_lanes_beside_others(%x: memref<6xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<6xf32>, vector<6xf32>
  %w = vector.shuffle %v, %v [0, 6, 1, 7, 2, 8] : vector<6xf32>, vector<6xf32>
  vector.store %w, %x[%c0] : memref<6xf32>, vector<6xf32>
  func.return
}

// CHECK: a vector must have a power of two lanes to be shuffled

// -----

func.func @two_dimensions(%x: memref<2x4xf32>) {
  %v = arith.constant dense<0.0> : vector<2x4xf32>
  %w = arith.negf %v : vector<2x4xf32>
  func.return
}

// CHECK: a vector must have lanes of integers or floats, got vector<2x4xf32>

// -----

func.func @lanes_apart(%x: memref<4xf32, strided<[2]>>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<4xf32, strided<[2]>>, vector<4xf32>
  func.return
}

// CHECK: lanes must lie side by side in memory, got memref<4xf32, strided<[2]>>

// -----

func.func @mask_in_memory(%x: memref<4xi1>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<4xi1>, vector<4xi1>
  func.return
}

// CHECK: masks must not be in memory or be carried, got vector<4xi1>

// -----

func.func @arithmetic_on_masks() {
  %m = arith.constant dense<true> : vector<4xi1>
  %n = arith.addi %m, %m : vector<4xi1>
  func.return
}

// CHECK: the C backend has no such operation on masks

// -----

func.func @carried_mask() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant dense<true> : vector<4xi1>
  %r = scf.for %i = %c0 to %c1 step %c1 iter_args(%a = %m) -> (vector<4xi1>) {
    scf.yield %a : vector<4xi1>
  }
  func.return
}

// CHECK: masks must not be in memory or be carried, got vector<4xi1>

// -----

func.func @lane_of_unknown_number(%x: memref<4xf32>, %y: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  scf.for %i = %c0 to %c0 step %c0 {
    %v = vector.load %x[%c0] : memref<4xf32>, vector<4xf32>
    %e = vector.extract %v[%i] : f32 from vector<4xf32>
    memref.store %e, %y[%c0] : memref<1xf32>
  }
  func.return
}

// CHECK: one lane, of a number that is known, must be taken or replaced

// -----

func.func @scalable(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<4xf32>, vector<[4]xf32>
  vector.store %v, %x[%c0] : memref<4xf32>, vector<[4]xf32>
  func.return
}

// CHECK: a vector must have lanes of integers or floats, got vector<[4]xf32>
