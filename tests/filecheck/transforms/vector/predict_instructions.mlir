// RUN: deployopt %s -p vector-predict-instructions --machine rv64gcv --no-debuginfo | filecheck %s --check-prefixes CHECK,VECTORS
// RUN: deployopt %s -p vector-predict-instructions --machine rv32imc --no-debuginfo | filecheck %s --check-prefixes CHECK,NOFPU

#id = affine_map<(d0) -> (d0)>
#row = affine_map<(d0, d1) -> (d0, d1)>
#first = affine_map<(d0, d1) -> (d0)>

// Eight rounds of: a load and a store of 2 registers, with an instruction for the address
// of each; a sum of 2 registers; 2 for the loop. 8 * (3 + 3 + 2 + 2).

// CHECK-LABEL: @lanes
// VECTORS-SAME: deploy.instructions = 80 : i64
func.func private @lanes(%a: memref<64xf32>, %b: memref<64xf32>) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<64xf32>) outs(%b : memref<64xf32>) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

// Nothing is cut: 64 rounds of a load, a sum, a store, 2 for the loop and 2 for addresses.
// Without instructions for floats the sum is a call of 60 more.

// CHECK-LABEL: @one_at_a_time
// VECTORS-SAME: deploy.instructions = 448 : i64
// NOFPU-SAME: deploy.instructions = 4288 : i64
func.func private @one_at_a_time(%a: memref<64xf32>, %b: memref<64xf32>) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<64xf32>) outs(%b : memref<64xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %p, %p : f32
    linalg.yield %s : f32
  }
  func.return
}

// What starts an accumulator is not done. Of 4 rows each: 8 loads and 8 sums; nothing for
// the inner loop, since compilers write out all of its rounds; a store; for the outer loop
// 2, with one each to keep up with what is loaded, accumulated and stored.
// 4 * (8 + 8 + 1 + 5).

// CHECK-LABEL: @written_out
// CHECK-SAME: deploy.instructions = 88 : i64
func.func private @written_out(%a: memref<4x8xi32>, %b: memref<4xi32>) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%b : memref<4xi32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x8xi32>) outs(%b : memref<4xi32>) attrs = {deploy.blocks = {sizes = array<i64: 1, 2>}} {
  ^bb0(%p: i32, %o: i32):
    %s = arith.addi %o, %p : i32
    linalg.yield %s : i32
  }
  func.return
}

// Of rows that are longer they write out none: for the 256 rounds of the inner loop, since 2
// are written out, 2 and one each to keep up. 4 * (512 + 512 + 256 * 4 + 1 + 5).

// CHECK-LABEL: @rounds
// CHECK-SAME: deploy.instructions = 8216 : i64
func.func private @rounds(%a: memref<4x512xi32>, %b: memref<4xi32>) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%b : memref<4xi32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x512xi32>) outs(%b : memref<4xi32>) attrs = {deploy.blocks = {sizes = array<i64: 1, 2>}} {
  ^bb0(%p: i32, %o: i32):
    %s = arith.addi %o, %p : i32
    linalg.yield %s : i32
  }
  func.return
}

// Multiply-adds are counted as well: 4 x 8 of them.

// CHECK-LABEL: @multiply_adds
// CHECK-SAME: deploy.macs = 32 : i64
func.func private @multiply_adds(%a: memref<4x8xi32>, %w: memref<4x8xi32>, %b: memref<4xi32>) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%b : memref<4xi32>)
  linalg.generic {indexing_maps = [#row, #row, #first], iterator_types = ["parallel", "reduction"]} ins(%a, %w : memref<4x8xi32>, memref<4x8xi32>) outs(%b : memref<4xi32>) {
  ^bb0(%p: i32, %q: i32, %o: i32):
    %m = arith.muli %p, %q : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// Products that widen take factors of 16 bits. 4 rounds of: 18 and 1 loads of a register,
// with an instruction each for an address; 19 extensions to 2 registers; 18 sums of 4; 2 for
// the loop. Then 18 stores of 4 registers. 4 * (38 + 38 + 72 + 2) + 90.

// CHECK-LABEL: @widened
// VECTORS-SAME: deploy.instructions = 690 : i64
func.func private @widened(%x: memref<4x18x16xi8>, %w: memref<4x16xi8>, %y: memref<18x16xi32>) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<18x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(r, c, i) -> (i, r, c)>, affine_map<(r, c, i) -> (i, c)>, affine_map<(r, c, i) -> (r, c)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<4x18x16xi8>, memref<4x16xi8>) outs(%y : memref<18x16xi32>) attrs = {deploy.blocks = {sizes = array<i64: 18, 16, 1>, lanes = array<i64: 1, 16>}} {
  ^bb0(%e: i8, %f: i8, %o: i32):
    %p = arith.extsi %e : i8 to i32
    %q = arith.extsi %f : i8 to i32
    %m = arith.muli %p, %q : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// One more product with the same factor, and compilers extend to 32 bits, which are 4
// registers. 4 * (40 + 80 + 76 + 2) + 95.

// CHECK-LABEL: @too_many_to_widen
// VECTORS-SAME: deploy.instructions = 887 : i64
func.func private @too_many_to_widen(%x: memref<4x19x16xi8>, %w: memref<4x16xi8>, %y: memref<19x16xi32>) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<19x16xi32>)
  linalg.generic {indexing_maps = [affine_map<(r, c, i) -> (i, r, c)>, affine_map<(r, c, i) -> (i, c)>, affine_map<(r, c, i) -> (r, c)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<4x19x16xi8>, memref<4x16xi8>) outs(%y : memref<19x16xi32>) attrs = {deploy.blocks = {sizes = array<i64: 19, 16, 1>, lanes = array<i64: 1, 16>}} {
  ^bb0(%e: i8, %f: i8, %o: i32):
    %p = arith.extsi %e : i8 to i32
    %q = arith.extsi %f : i8 to i32
    %m = arith.muli %p, %q : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// What has no form on vectors cannot be cut that way: there is nothing to predict.

// CHECK-LABEL: @negative_impossible
// CHECK-NOT: deploy.instructions
func.func private @negative_impossible(%a: memref<64xi1>, %b: memref<64xi1>) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<64xi1>) outs(%b : memref<64xi1>) attrs = {deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} {
  ^bb0(%p: i1, %o: i1):
    linalg.yield %p : i1
  }
  func.return
}

// CHECK-LABEL: @negative_no_kernel
func.func @negative_no_kernel(%a: memref<64xf32>, %b: memref<64xf32>) {
  func.call @lanes(%a, %b) : (memref<64xf32>, memref<64xf32>) -> ()
  func.return
}

// Bytes that are multiplied and added to a vector of four registers, in each of 8 rounds, which
// are written out: a load of one register and its address, an extension to two, a load and an
// extension of one byte, what multiplies, widens and adds. Before and behind the sum is loaded
// and stored. 8 * (2 + 2 + 2 + 4) + 5 + 5.

// VECTORS-LABEL: @bytes
// VECTORS-SAME: deploy.instructions = 90 : i64
func.func private @bytes(%x: memref<8xi8>, %w: memref<8x16xi8>, %y: memref<16xi32>) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<8xi8>, memref<8x16xi8>) outs(%y : memref<16xi32>) attrs = {deploy.blocks = {sizes = array<i64: 16, 1>, lanes = array<i64: 0, 16, 4>}} {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  }
  func.return
}
