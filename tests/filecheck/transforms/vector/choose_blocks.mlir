// RUN: deployopt %s -p vector-choose-blocks --machine rv64gc --no-debuginfo | filecheck %s --check-prefixes CHECK,SCALAR
// RUN: deployopt %s -p vector-choose-blocks --machine rv64gcv --no-debuginfo | filecheck %s --check-prefixes CHECK,V128
// RUN: deployopt %s -p vector-choose-blocks --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s --check-prefixes CHECK,V256

#id = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
#a = affine_map<(d0, d1, d2) -> (d0, d2)>
#b = affine_map<(d0, d1, d2) -> (d2, d1)>
#a3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#c = affine_map<(d0, d1, d2) -> (d0, d1)>

// What is accumulated fills the registers: rows and columns are blocked, columns as lanes
// where there are vectors.

// CHECK-LABEL: @matmul
func.func private @matmul(%a: memref<24x64xf32, "ram">, %b: memref<64x40xf32, "ram">, %y: memref<24x40xf32, "ram">) attributes {deploy.kernel} {
  // SCALAR: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[2-9]}}, {{[2-9]}}, {{[1248]}}>}
  // V128: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[4-9]}}, {{8|16}}, {{[1248]}}>, lanes = array<i64: 1, {{4|8|16}}, 4>}
  // V256: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[4-9]}}, {{16|24|32}}, {{[1248]}}>, lanes = array<i64: 1, {{8|16|32}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<24x40xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<24x64xf32, "ram">, memref<64x40xf32, "ram">) outs(%y : memref<24x40xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Each float multiplies one vector, and of four neighbours three wait in registers: those of
// 13 rows, which the sums leave room for, would go to memory, and of pairs every second
// product would wait.

// CHECK-LABEL: @floats_beside
func.func private @floats_beside(%a: memref<64x64xf32, "ram">, %b: memref<64x16xf32, "ram">, %y: memref<64x16xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{8|10}}, 16, 4>, lanes = array<i64: 1, 16, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64x16xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<64x64xf32, "ram">, memref<64x16xf32, "ram">) outs(%y : memref<64x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Six sums of four registers and two vectors of weights are all registers there are. Three
// weights in a round would leave a sum where a weight was, which goes back over memory; of
// two rounds written out, six weights leave all where they were.

// CHECK-LABEL: @weights_take_turns
func.func private @weights_take_turns(%x: memref<12x12x64xf32, "ram">, %w: memref<3x3x64x16xf32, "ram">, %y: memref<10x10x16xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[0-9]+, [0-9]+}}, 16, {{1, 3|3, 1}}, 2>, lanes = array<i64: 2, 16, 4>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<10x10x16xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, o, k, l, c) -> (h + k, w + l, c)>, affine_map<(h, w, o, k, l, c) -> (k, l, c, o)>, affine_map<(h, w, o, k, l, c) -> (h, w, o)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %w : memref<12x12x64xf32, "ram">, memref<3x3x64x16xf32, "ram">) outs(%y : memref<10x10x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// 14 places in a row take 18 floats, of which the first and the last are of use to one product
// each; half as many blocks are whole.

// CHECK-LABEL: @row_of_a_window
func.func private @row_of_a_window(%x: memref<32x32xf32, "ram">, %w: memref<5x5x6xf32, "ram">, %y: memref<28x28x6xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{14, 1, 6, 5, 1|1, 14, 6, 1, 5}}>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<28x28x6xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, k, l) -> (h + k, w + l)>, affine_map<(h, w, c, k, l) -> (k, l, c)>, affine_map<(h, w, c, k, l) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<32x32xf32, "ram">, memref<5x5x6xf32, "ram">) outs(%y : memref<28x28x6xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Of a loop of two rounds the addresses would be computed in each.

// CHECK-LABEL: @four_rounds
func.func private @four_rounds(%a: memref<960x8xf32, "ram">, %b: memref<8x16xf32, "ram">, %y: memref<960x16xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{[0-9]+}}, 16, {{[128]}}>
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{[0-9]+}}, 16, {{[128]}}>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<960x16xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<960x8xf32, "ram">, memref<8x16xf32, "ram">) outs(%y : memref<960x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Each weight is used once: nothing is gained by blocks of other loops, and a vector may
// fill several registers.

// CHECK-LABEL: @matrix_vector
func.func private @matrix_vector(%w: memref<64x128xf32, "ram">, %x: memref<64xf32, "ram">, %y: memref<128xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 0, {{16|32}}, 4>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 0, {{32|64}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<128xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #column, #row], iterator_types = ["parallel", "reduction"]} ins(%w, %x : memref<64x128xf32, "ram">, memref<64xf32, "ram">) outs(%y : memref<128xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// So few rounds that compilers write all of them out, and load ahead what there is: vectors
// of eight registers would be spilt.

// CHECK-LABEL: @short
func.func private @short(%w: memref<8x128xf32, "ram">, %x: memref<8xf32, "ram">, %y: memref<128xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 0, {{4|8|16}}{{[^>]*}}>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 0, {{8|16|32}}{{[^>]*}}>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<128xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #column, #row], iterator_types = ["parallel", "reduction"]} ins(%w, %x : memref<8x128xf32, "ram">, memref<8xf32, "ram">) outs(%y : memref<128xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Rows of the window may be outside, so a block that has several rows would need all of
// them written out. Channels of the result are lanes.

// CHECK-LABEL: @convolution
func.func private @convolution(%x: memref<16x16x8xf32, "ram">, %w: memref<3x3x8x32xf32, "ram">, %y: memref<16x16x32xf32, "ram">) attributes {deploy.kernel} {
  // SCALAR: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: 1, {{[2-9]}}, {{[1-9]}}, 1, 3, {{[1248]}}>}
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 2, {{4|8|16}}, 4>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 2, {{8|16|32}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16x32xf32, "ram">)
  %p = deploy.registers : memref<18x18x8xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<18x18x8xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [16, 16, 8] [1, 1, 1] : memref<18x18x8xf32, "register"> to memref<16x16x8xf32, strided<[144, 8, 1], offset: 152>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<16x16x8xf32, "ram">) outs(%part : memref<16x16x8xf32, strided<[144, 8, 1], offset: 152>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, k, i, j, c) -> (h + i, w + j, c)>, affine_map<(h, w, k, i, j, c) -> (i, j, c, k)>, affine_map<(h, w, k, i, j, c) -> (h, w, k)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%p, %w : memref<18x18x8xf32, "register">, memref<3x3x8x32xf32, "ram">) outs(%y : memref<16x16x32xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Channels are lanes though they are in every operand; places share elements. Compilers write the window out
// where it is a loop of few instructions, so it is written out here: then elements are counted once.

// CHECK-LABEL: @depthwise
func.func private @depthwise(%x: memref<18x18x32xf32, "ram">, %w: memref<3x3x32xf32, "ram">, %y: memref<16x16x32xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{[2-4]}}, {{[2-4]}}, 4, 3, 3>, lanes = array<i64: 2, 4, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{[2-4]}}, {{[2-4]}}, 8, 3, 3>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16x32xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<18x18x32xf32, "ram">, memref<3x3x32xf32, "ram">) outs(%y : memref<16x16x32xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Several rows share what they read of a column.

// CHECK-LABEL: @broadcast
func.func private @broadcast(%x: memref<16x64xf32, "ram">, %b: memref<64xf32, "ram">, %y: memref<16x64xf32, "ram">) attributes {deploy.kernel} {
  // SCALAR: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[4-9]|16}}, {{.*}}>}
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 1, {{8|16|32}}, 4>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 1, {{16|32|64}}, 8>}
  linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]} ins(%x, %b : memref<16x64xf32, "ram">, memref<64xf32, "ram">) outs(%y : memref<16x64xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}

// Lanes are rounds of the reduction: there is no other loop whose elements are neighbours.

// CHECK-LABEL: @row_sums
func.func private @row_sums(%x: memref<3x256xf32, "ram">, %y: memref<3xf32, "ram">) attributes {deploy.kernel} {
  // SCALAR: deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: {{.*}}>}
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 1, {{8|16|32}}>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 1, {{16|32|64}}>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<3xf32, "ram">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<3x256xf32, "ram">) outs(%y : memref<3xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %s = arith.addf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// The loops over results are those of the operation that writes memory; the one that
// accumulates says how its reduction is cut.

// CHECK-LABEL: @finished_in_registers
func.func private @finished_in_registers(%a: memref<24x64xf32, "ram">, %b: memref<64x40xf32, "ram">, %d: memref<40xf32, "ram">, %y: memref<24x40xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {order = array<i64: 0, 1, 2>, sizes = array<i64: 1, 1, {{[1248]}}>}
  // SCALAR: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[2-9]}}, {{[2-9]}}>}
  // V128: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[4-9]}}, {{8|16}}>, lanes = array<i64: 1, {{4|8|16}}, 4>}
  // V256: deploy.blocks = {order = array<i64: {{.*}}>, sizes = array<i64: {{[4-9]}}, {{16|24|32}}>, lanes = array<i64: 1, {{8|16|32}}, 8>}
  %zero = arith.constant 0.0 : f32
  %r = deploy.registers : memref<24x40xf32, "register">
  linalg.fill ins(%zero : f32) outs(%r : memref<24x40xf32, "register">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<24x64xf32, "ram">, memref<64x40xf32, "ram">) outs(%r : memref<24x40xf32, "register">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]} ins(%r, %d : memref<24x40xf32, "register">, memref<40xf32, "ram">) outs(%y : memref<24x40xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}

// What is decided already stays.

// CHECK-LABEL: @by_hand
func.func private @by_hand(%x: memref<16x64xf32, "ram">, %y: memref<16x64xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {sizes = array<i64: 3, 1>}
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<16x64xf32, "ram">) outs(%y : memref<16x64xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3, 1>}} {
  ^bb0(%e: f32, %o: f32):
    %s = arith.negf %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// What has no vector form is not done on vectors: an address, and the index of a loop.

// CHECK-LABEL: @table
func.func private @table(%x: memref<64xi32, "ram">, %table: memref<256xi32, "ram">, %y: memref<64xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {order = array<i64: 0>, sizes = array<i64: {{[0-9]+}}>}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<64xi32, "ram">) outs(%y : memref<64xi32, "ram">) {
  ^bb0(%e: i32, %o: i32):
    %at = arith.index_cast %e : i32 to index
    %v = memref.load %table[%at] : memref<256xi32, "ram">
    linalg.yield %v : i32
  }
  func.return
}

// CHECK-LABEL: @index
func.func private @index(%y: memref<64xi32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {order = array<i64: 0>, sizes = array<i64: {{[0-9]+}}>}
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%y : memref<64xi32, "ram">) {
  ^bb0(%o: i32):
    %i = linalg.index 0 : index
    %v = arith.index_cast %i : index to i32
    linalg.yield %v : i32
  }
  func.return
}

// CHECK-LABEL: @negative_no_kernel
func.func @negative_no_kernel(%y: memref<64xf32, "ram">) {
  // CHECK-NOT: deploy.blocks
  // CHECK: func.return
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64xf32, "ram">)
  func.return
}

// Masks are neither stored nor carried: what writes them is done one by one.

// CHECK-LABEL: @mask
func.func private @mask(%x: memref<64xi32, "ram">, %y: memref<64xi1, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {order = array<i64: 0>, sizes = array<i64: {{[0-9]+}}>}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : memref<64xi32, "ram">) outs(%y : memref<64xi1, "ram">) {
  ^bb0(%e: i32, %o: i1):
    %c = arith.cmpi slt, %e, %e : i32
    linalg.yield %c : i1
  }
  func.return
}

// Fewer columns than a register has lanes: as many lanes as there are. Of several registers
// two whole vectors, the second of which begins earlier, do as well.

// CHECK-LABEL: @seven
func.func private @seven(%x: memref<64x7xf32, "ram">, %w: memref<9x7xf32, "ram">, %y: memref<56x7xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 1, 4, 4>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 1, 7, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<56x7xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<64x7xf32, "ram">, memref<9x7xf32, "ram">) outs(%y : memref<56x7xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A part of several registers would be told its lanes between loads and comparisons again
// and again: two whole vectors take as many registers.

// CHECK-LABEL: @thirteen
func.func private @thirteen(%x: memref<66x13xf32, "ram">, %k: memref<3xf32, "ram">, %y: memref<64x13xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 1, 8, 4>}
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 1, 8, 8>}
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<64x13xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %k : memref<66x13xf32, "ram">, memref<3xf32, "ram">) outs(%y : memref<64x13xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// Columns of the window may be outside as well as rows. A loop over them would find anew at
// each place where it begins and ends: they are written out.

// CHECK-LABEL: @borders
func.func private @borders(%x: memref<8x8x16xf32, "ram">, %w: memref<3x3x16xf32, "ram">, %y: memref<8x8x16xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {{.*}}sizes = array<i64: {{.*}}, 3>
  // V128-SAME: lanes = array<i64: 2, {{.*}}, 4>}
  // V256-SAME: lanes = array<i64: 2, {{.*}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8x16xf32, "ram">)
  %p = deploy.registers : memref<10x10x16xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<10x10x16xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [8, 8, 16] [1, 1, 1] : memref<10x10x16xf32, "register"> to memref<8x8x16xf32, strided<[160, 16, 1], offset: 176>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<8x8x16xf32, "ram">) outs(%part : memref<8x8x16xf32, strided<[160, 16, 1], offset: 176>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<10x10x16xf32, "register">, memref<3x3x16xf32, "ram">) outs(%y : memref<8x8x16xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Nine weights of 16 columns are the same in all rounds over rows, and would be kept: of
// four registers each there is no room for them, of two there is.

// CHECK-LABEL: @taps
func.func private @taps(%x: memref<333xf32, "ram">, %w: memref<9x16xf32, "ram">, %y: memref<325x16xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{.*}}, 8, 9>, lanes = array<i64: 1, 8, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{.*}}, 16, 9>, lanes = array<i64: 1, 16, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<325x16xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 + d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<333xf32, "ram">, memref<9x16xf32, "ram">) outs(%y : memref<325x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Bytes are kept as factors of twice their width, or of four times where all of a window is
// written out: there is no room for them beside sums of many columns.

// CHECK-LABEL: @bytes
func.func private @bytes(%x: memref<34x34x64xi8, "ram">, %w: memref<3x3x64xi8, "ram">, %y: memref<32x32x64xi32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 4, 1, 16, 3, 1>, lanes = array<i64: 2, 16, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 4, 1, 32, 3, 1>, lanes = array<i64: 2, 32, 8>}
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<32x32x64xi32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<34x34x64xi8, "ram">, memref<3x3x64xi8, "ram">) outs(%y : memref<32x32x64xi32, "ram">) {
  ^bb0(%e: i8, %f: i8, %o: i32):
    %p = arith.extsi %e : i8 to i32
    %q = arith.extsi %f : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %s = arith.addi %o, %m overflow<nsw> : i32
    linalg.yield %s : i32
  }
  func.return
}

// With a stride of two every other element of a row is of use to one product, and takes no
// room beside the sums: there is some for all twelve.

// CHECK-LABEL: @stride
func.func private @stride(%x: memref<25x25x3xf32, "ram">, %w: memref<3x3x3x8xf32, "ram">, %y: memref<12x12x8xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 1, 12, 8, 1, 3, 1>, lanes = array<i64: 2, 8, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 1, 12, 8, 1, 3, 1>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<12x12x8xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j, d) -> (2 * h + i, 2 * w + j, d)>, affine_map<(h, w, c, i, j, d) -> (i, j, d, c)>, affine_map<(h, w, c, i, j, d) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %w : memref<25x25x3xf32, "ram">, memref<3x3x3x8xf32, "ram">) outs(%y : memref<12x12x8xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Nine or ten results are as many as there is room for beside nine weights, or twelve of
// scalars: an element of the window is of use to nine results, and then no more.

// CHECK-LABEL: @windows
func.func private @windows(%x: memref<24x24x32xf32, "ram">, %w: memref<3x3x32xf32, "ram">, %y: memref<24x24x32xf32, "ram">) attributes {deploy.kernel} {
  // SCALAR: deploy.blocks = {{.*}}sizes = array<i64: 4, 3, 1, 3, 3>}
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{2, 5|3, 3}}, 4, 3, 3>, lanes = array<i64: 2, 4, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{2, 5|3, 3}}, 8, 3, 3>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<24x24x32xf32, "ram">)
  %p = deploy.registers : memref<26x26x32xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<26x26x32xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [24, 24, 32] [1, 1, 1] : memref<26x26x32xf32, "register"> to memref<24x24x32xf32, strided<[832, 32, 1], offset: 864>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<24x24x32xf32, "ram">) outs(%part : memref<24x24x32xf32, strided<[832, 32, 1], offset: 864>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<26x26x32xf32, "register">, memref<3x3x32xf32, "ram">) outs(%y : memref<24x24x32xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// With a stride of two it is of use to two results or one: a row of the window is written
// out, for wider vectors.

// CHECK-LABEL: @strided
func.func private @strided(%x: memref<24x24x32xf32, "ram">, %w: memref<3x3x32xf32, "ram">, %y: memref<12x12x32xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{[0-9, ]+}}, 8, 1, 3>, lanes = array<i64: 2, 8, 4>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<12x12x32xf32, "ram">)
  %p = deploy.registers : memref<26x26x32xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<26x26x32xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [24, 24, 32] [1, 1, 1] : memref<26x26x32xf32, "register"> to memref<24x24x32xf32, strided<[832, 32, 1], offset: 864>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<24x24x32xf32, "ram">) outs(%part : memref<24x24x32xf32, strided<[832, 32, 1], offset: 864>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (2 * h + i, 2 * w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<26x26x32xf32, "register">, memref<3x3x32xf32, "ram">) outs(%y : memref<12x12x32xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Seven lanes two elements apart are picked from fourteen, and take one register where two of
// four lanes take one each. The other half of what is loaded is picked right after the first, or it
// would wait in registers.

// CHECK-LABEL: @seven_two_apart
func.func private @seven_two_apart(%x: memref<13x14x14xf32, "ram">, %y: memref<13x7x7xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 2, 7, 8>}
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<13x7x7xf32, "ram">)
  %t = deploy.registers : memref<2x2xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(c, h, w, i, j) -> (c, 2 * h + i, 2 * w + j)>, affine_map<(c, h, w, i, j) -> (i, j)>, affine_map<(c, h, w, i, j) -> (c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %t : memref<13x14x14xf32, "ram">, memref<2x2xf32, "register">) outs(%y : memref<13x7x7xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.maximumf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}

// What a later row of the window picks again waits in registers: of three rows of results four rows of five vectors do
// at a time, beside five of the next row. Of six rows it would go to memory.

// CHECK-LABEL: @rows_two_apart
func.func private @rows_two_apart(%x: memref<8x35x35xf32, "ram">, %w: memref<8x5x5xf32, "ram">, %y: memref<8x16x16xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 1, 3, 8, 5, 5>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x16x16xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(c, h, w, i, j) -> (c, 2 * h + i, 2 * w + j)>, affine_map<(c, h, w, i, j) -> (c, i, j)>, affine_map<(c, h, w, i, j) -> (c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<8x35x35xf32, "ram">, memref<8x5x5xf32, "ram">) outs(%y : memref<8x16x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// The column at the border is scalars, which take less than vectors, and the other seven have what they are picked from
// beside them in registers: two rows have room for that.

// CHECK-LABEL: @bordered_two_apart
func.func private @bordered_two_apart(%x: memref<8x16x16xf32, "ram">, %w: memref<8x3x3xf32, "ram">, %y: memref<8x8x8xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 1, 2, 8, 3, 3>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8x8xf32, "ram">)
  %p = deploy.registers : memref<8x17x17xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<8x17x17xf32, "register">)
  %part = memref.subview %p[0, 1, 1] [8, 16, 16] [1, 1, 1] : memref<8x17x17xf32, "register"> to memref<8x16x16xf32, strided<[289, 17, 1], offset: 18>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<8x16x16xf32, "ram">) outs(%part : memref<8x16x16xf32, strided<[289, 17, 1], offset: 18>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(c, h, w, i, j) -> (c, 2 * h + i, 2 * w + j)>, affine_map<(c, h, w, i, j) -> (c, i, j)>, affine_map<(c, h, w, i, j) -> (c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<8x17x17xf32, "register">, memref<8x3x3xf32, "ram">) outs(%y : memref<8x8x8xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Windows of several channels move apart, and each has elements ahead of it: rows of one channel leave room for more.

// CHECK-LABEL: @windows_apart
func.func private @windows_apart(%x: memref<9x30x30xf32, "ram">, %d: memref<30x30xf32, "ram">, %y: memref<9x30x30xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 1, {{[0-9]+}}, 8>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  %r = deploy.registers : memref<9x30x30xf32, "register">
  linalg.fill ins(%zero : f32) outs(%r : memref<9x30x30xf32, "register">)
  %p = deploy.registers : memref<9x32x32xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<9x32x32xf32, "register">)
  %part = memref.subview %p[0, 1, 1] [9, 30, 30] [1, 1, 1] : memref<9x32x32xf32, "register"> to memref<9x30x30xf32, strided<[1024, 32, 1], offset: 33>, "register">
  linalg.generic {indexing_maps = [#a3, #a3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<9x30x30xf32, "ram">) outs(%part : memref<9x30x30xf32, strided<[1024, 32, 1], offset: 33>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  %t = deploy.registers : memref<3x3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(c, h, w, i, j) -> (c, h + i, w + j)>, affine_map<(c, h, w, i, j) -> (i, j)>, affine_map<(c, h, w, i, j) -> (c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %t : memref<9x32x32xf32, "register">, memref<3x3xf32, "register">) outs(%r : memref<9x30x30xf32, "register">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %o, %e : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#a3, affine_map<(c, h, w) -> (h, w)>, #a3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%r, %d : memref<9x30x30xf32, "register">, memref<30x30xf32, "ram">) outs(%y : memref<9x30x30xf32, "ram">) {
  ^bb0(%e: f32, %n: f32, %o: f32):
    %q = arith.divf %e, %n : f32
    linalg.yield %q : f32
  }
  func.return
}

// Two loads of what taps pick from are made ahead: sums of wide vectors leave no room for that.

// CHECK-LABEL: @taps_two_apart
func.func private @taps_two_apart(%x: memref<17x109xf32, "ram">, %w: memref<17x17x9xf32, "ram">, %y: memref<17x51xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}lanes = array<i64: 1, {{8|16}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<17x51xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(f, w, c, j) -> (c, 2 * w + j)>, affine_map<(f, w, c, j) -> (f, c, j)>, affine_map<(f, w, c, j) -> (f, w)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<17x109xf32, "ram">, memref<17x17x9xf32, "ram">) outs(%y : memref<17x51xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Twice the code has to save one part in a hundred: windows written out for each border have fourteen times as much
// and would save less than four parts here, so loops over rows and channels are left.

// CHECK-LABEL: @long
func.func private @long(%x: memref<8x8x64xf32, "ram">, %w: memref<3x3x64x64xf32, "ram">, %y: memref<8x8x64xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 1, {{[0-9]+, [0-9]+}}, 1, 3, {{[12]}}>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8x64xf32, "ram">)
  %p = deploy.registers : memref<10x10x64xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<10x10x64xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [8, 8, 64] [1, 1, 1] : memref<10x10x64xf32, "register"> to memref<8x8x64xf32, strided<[640, 64, 1], offset: 704>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<8x8x64xf32, "ram">) outs(%part : memref<8x8x64xf32, strided<[640, 64, 1], offset: 704>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j, k) -> (h + i, w + j, k)>, affine_map<(h, w, c, i, j, k) -> (i, j, k, c)>, affine_map<(h, w, c, i, j, k) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%p, %w : memref<10x10x64xf32, "register">, memref<3x3x64x64xf32, "ram">) outs(%y : memref<8x8x64xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// All rows of a block are made before one is stored where they were: of eight with four or eight
// registers each most would be spilt.

// CHECK-LABEL: @rows
func.func private @rows(%b: memref<4x64xf32, "ram">, %y: memref<4x64x64xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {order = array<i64: 0, 1, 2>, sizes = array<i64: 1, {{[1-6], 32|[1-3], 64}}>, lanes = array<i64: 2, 32, 4>}
  // V256: deploy.blocks = {order = array<i64: 0, 1, 2>, sizes = array<i64: 1, {{[1-3]}}, 64>, lanes = array<i64: 2, 64, 8>}
  linalg.generic {indexing_maps = [#a3, #c, #a3], iterator_types = ["parallel", "parallel", "parallel"]} ins(%y, %b : memref<4x64x64xf32, "ram">, memref<4x64xf32, "ram">) outs(%y : memref<4x64x64xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.divf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}

// Where points and channels are one axis, lanes go along it although windows leave it at its ends: of three channels
// as many as what is repeated allows. Seven rows, at most, leave room for their weights.

// CHECK-LABEL: @joined
// V256: sizes = array<i64: 1, 1, 3, 3>
// V256: sizes = array<i64: {{[4-7]}}, 8>, lanes = array<i64: 1, 8, 8>
func.func private @joined(%x: memref<33x99xf32, "ram">, %w: memref<3x3x10xf32, "flash">, %y: memref<33x99xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %sum = deploy.registers : memref<33x99xf32, "register">
  linalg.fill ins(%zero : f32) outs(%sum : memref<33x99xf32, "register">)
  %all = deploy.registers : memref<35x105xf32, "register">
  linalg.fill ins(%zero : f32) outs(%all : memref<35x105xf32, "register">)
  %part = memref.subview %all[1, 3] [33, 99] [1, 1] : memref<35x105xf32, "register"> to memref<33x99xf32, strided<[105, 1], offset: 108>, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x) -> (y, x)>, affine_map<(y, x) -> (y, x)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<33x99xf32, "ram">) outs(%part : memref<33x99xf32, strided<[105, 1], offset: 108>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j) -> (y + i, x + j * 3)>, affine_map<(y, x, i, j) -> (i, j, x mod 3)>, affine_map<(y, x, i, j) -> (y, x)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%all, %w : memref<35x105xf32, "register">, memref<3x3x10xf32, "flash">) outs(%sum : memref<33x99xf32, "register">) attrs = {deploy.finite = array<i64: 1>, deploy.repeated = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [affine_map<(y, x) -> (y, x)>, affine_map<(y, x) -> (y, x)>], iterator_types = ["parallel", "parallel"]} ins(%sum : memref<33x99xf32, "register">) outs(%y : memref<33x99xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    %n = arith.negf %e : f32
    linalg.yield %n : f32
  }
  func.return
}

// What comparisons choose needs masks beside much of the window, so two rows are done at once.

// CHECK-LABEL: @chosen
// V128: sizes = array<i64: 2, 8, 3, 3>, lanes = array<i64: 1, 8, 4>
func.func private @chosen(%x: memref<31x279xf32, "ram">, %y: memref<31x279xf32, "ram">) attributes {deploy.kernel} {
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<31x279xf32, "ram">)
  %all = deploy.registers : memref<33x297xf32, "register">
  linalg.fill ins(%least : f32) outs(%all : memref<33x297xf32, "register">)
  %part = memref.subview %all[1, 9] [31, 279] [1, 1] : memref<33x297xf32, "register"> to memref<31x279xf32, strided<[297, 1], offset: 306>, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x) -> (y, x)>, affine_map<(y, x) -> (y, x)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<31x279xf32, "ram">) outs(%part : memref<31x279xf32, strided<[297, 1], offset: 306>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  %t = deploy.registers : memref<3x3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j) -> (y + i, x + j * 9)>, affine_map<(y, x, i, j) -> (i, j)>, affine_map<(y, x, i, j) -> (y, x)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%all, %t : memref<33x297xf32, "register">, memref<3x3xf32, "register">) outs(%y : memref<31x279xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// Few rounds of a sum are written out and loaded ahead, so sums of several columns have vectors of two registers.

// CHECK-LABEL: @columns
// V256: sizes = array<i64: {{5|10}}, 16>, lanes = array<i64: 1, 16>
func.func private @columns(%x: memref<101xf32, "ram">, %w: memref<10x101xf32, "flash">, %y: memref<10xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<10xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<101xf32, "ram">, memref<10x101xf32, "flash">) outs(%y : memref<10xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Comparisons of a window with a stride keep what two results share, so that all of it is written out.

// CHECK-LABEL: @chosen_with_a_stride
// V256: sizes = array<i64: {{[23]}}, 2, 7, 3, 3>, lanes = array<i64: 2, 7, 8>
func.func private @chosen_with_a_stride(%x: memref<127x127x7xf32, "ram">, %y: memref<64x64x7xf32, "ram">) attributes {deploy.kernel} {
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<64x64x7xf32, "ram">)
  %p = deploy.registers : memref<129x129x7xf32, "register">
  linalg.fill ins(%least : f32) outs(%p : memref<129x129x7xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [127, 127, 7] [1, 1, 1] : memref<129x129x7xf32, "register"> to memref<127x127x7xf32, strided<[903, 7, 1], offset: 910>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<127x127x7xf32, "ram">) outs(%part : memref<127x127x7xf32, strided<[903, 7, 1], offset: 910>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  %t = deploy.registers : memref<3x3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x, c, i, j) -> (y * 2 + i, x * 2 + j, c)>, affine_map<(y, x, c, i, j) -> (i, j)>, affine_map<(y, x, c, i, j) -> (y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %t : memref<129x129x7xf32, "register">, memref<3x3xf32, "register">) outs(%y : memref<64x64x7xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// So they do where a loop over rows would carry parts of vectors, which masks then cut, and no more than
// there is room for with what tells of each float whether it is a NaN.

// CHECK-LABEL: @chosen_in_few_rows
// V256: sizes = array<i64: 2, 2, 7, 3, 3>, lanes = array<i64: 2, 7, 8>
func.func private @chosen_in_few_rows(%x: memref<31x31x7xf32, "ram">, %y: memref<16x16x7xf32, "ram">) attributes {deploy.kernel} {
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<16x16x7xf32, "ram">)
  %p = deploy.registers : memref<33x33x7xf32, "register">
  linalg.fill ins(%least : f32) outs(%p : memref<33x33x7xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [31, 31, 7] [1, 1, 1] : memref<33x33x7xf32, "register"> to memref<31x31x7xf32, strided<[231, 7, 1], offset: 238>, "register">
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<31x31x7xf32, "ram">) outs(%part : memref<31x31x7xf32, strided<[231, 7, 1], offset: 238>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  %t = deploy.registers : memref<3x3xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x, c, i, j) -> (y * 2 + i, x * 2 + j, c)>, affine_map<(y, x, c, i, j) -> (i, j)>, affine_map<(y, x, c, i, j) -> (y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %t : memref<33x33x7xf32, "register">, memref<3x3xf32, "register">) outs(%y : memref<16x16x7xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// CHECK-LABEL: @one_column
// V256: sizes = array<i64: 16>, lanes = array<i64: 0, 16>
func.func private @one_column(%x: memref<512xf32, "ram">, %w: memref<512xf32, "flash">, %y: memref<f32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<f32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%x, %w : memref<512xf32, "ram">, memref<512xf32, "flash">) outs(%y : memref<f32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// No number of rounds divides 501: what eight at a time leave is a loop of its own.

// CHECK-LABEL: @odd_sum
// SCALAR: sizes = array<i64: 8>
func.func private @odd_sum(%x: memref<501xf32, "ram">, %w: memref<501xf32, "flash">, %y: memref<f32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<f32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%x, %w : memref<501xf32, "ram">, memref<501xf32, "flash">) outs(%y : memref<f32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A sum of 21 rounds of 16 lanes is written out by compilers, which then load all of them ahead; the
// 14 that are left of it do not count as rounds.

// CHECK-LABEL: @loaded_ahead
// V128: sizes = array<i64: 8>, lanes = array<i64: 0, 8>
func.func private @loaded_ahead(%x: memref<350xf32, "ram">, %w: memref<350xf32, "flash">, %y: memref<f32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<f32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]} ins(%x, %w : memref<350xf32, "ram">, memref<350xf32, "flash">) outs(%y : memref<f32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Points of a window with a stride are lanes: both columns of it are loaded at once.

// CHECK-LABEL: @points_with_a_stride
// V128: sizes = array<i64: {{.*}}, 2>, lanes = array<i64: 1, {{4|8|16}}, 4>
// V256: sizes = array<i64: {{.*}}, 2>, lanes = array<i64: 1, {{8|16}}, 8>
func.func private @points_with_a_stride(%x: memref<32x32xf32, "ram">, %y: memref<16x16xf32, "ram">) attributes {deploy.kernel} {
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<16x16xf32, "ram">)
  %t = deploy.registers : memref<2x2xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j) -> (y * 2 + i, x * 2 + j)>, affine_map<(y, x, i, j) -> (i, j)>, affine_map<(y, x, i, j) -> (y, x)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%x, %t : memref<32x32xf32, "ram">, memref<2x2xf32, "register">) outs(%y : memref<16x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// A loop that compilers write out compares the first element of a window too: it is written out here, so that
// nothing is compared with the least number.

// CHECK-LABEL: @windows_of_four
// SCALAR: sizes = array<i64: {{.*}}, 2, 2>
// V128: sizes = array<i64: {{.*}}, 8, 2, 2>, lanes = array<i64: 2, 8, 4>
// V256: sizes = array<i64: {{.*}}, 8, 2, 2>, lanes = array<i64: 2, 8, 8>
func.func private @windows_of_four(%x: memref<28x28x8xf32, "ram">, %y: memref<14x14x8xf32, "ram">) attributes {deploy.kernel} {
  %least = arith.constant 0xFF800000 : f32
  linalg.fill ins(%least : f32) outs(%y : memref<14x14x8xf32, "ram">)
  %t = deploy.registers : memref<2x2xf32, "register">
  linalg.generic {indexing_maps = [affine_map<(y, x, c, i, j) -> (y * 2 + i, x * 2 + j, c)>, affine_map<(y, x, c, i, j) -> (i, j)>, affine_map<(y, x, c, i, j) -> (y, x, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %t : memref<28x28x8xf32, "ram">, memref<2x2xf32, "register">) outs(%y : memref<14x14x8xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.maximumf %o, %e : f32
    linalg.yield %m : f32
  }
  func.return
}

// Results of a window share most of it, in each round of a loop over channels too, whose lanes are put together once.
// Of two rows ten elements are of use to the next row of the window as well, beside which there is room for 16 sums: a
// weight is of use to all of them, for a moment.

// CHECK-LABEL: @windows_of_one_filter
// V128: sizes = array<i64: 2, 8, 3, 3, 4>, lanes = array<i64: 4, 4>
func.func private @windows_of_one_filter(%x: memref<17x17x16xf32, "ram">, %w: memref<3x3x16xf32, "flash">, %y: memref<15x15xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<15x15xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j, k) -> (y + i, x + j, k)>, affine_map<(y, x, i, j, k) -> (i, j, k)>, affine_map<(y, x, i, j, k) -> (y, x)>], iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %w : memref<17x17x16xf32, "ram">, memref<3x3x16xf32, "flash">) outs(%y : memref<15x15xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// One column more than lanes is a scalar beside a vector, and shares what both are multiplied by.

// CHECK-LABEL: @one_column_more
// V128: sizes = array<i64: 33, 4>, lanes = array<i64: 0, 32, 4>
// V256: sizes = array<i64: 33, 4>, lanes = array<i64: 0, 32, 8>
func.func private @one_column_more(%x: memref<100xi8, "ram">, %w: memref<100x33xi8, "flash">, %y: memref<33xi32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<33xi32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<100xi8, "ram">, memref<100x33xi8, "flash">) outs(%y : memref<33xi32, "ram">) {
  ^bb0(%e: i8, %f: i8, %o: i32):
    %a = arith.extsi %e : i8 to i32
    %b = arith.extsi %f : i8 to i32
    %m = arith.muli %a, %b : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// All 25 weights of a window of one channel have no registers beside vectors, but several rows that share its elements
// are worth that some are loaded once more.

// CHECK-LABEL: @window_of_many_weights
// V128: sizes = array<i64: {{[2-9]}}, 8, 5, 5>, lanes = array<i64: 1, 8, 4>
func.func private @window_of_many_weights(%x: memref<28x28xf32, "ram">, %w: memref<5x5xf32, "flash">, %y: memref<28x28xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<28x28xf32, "ram">)
  %p = deploy.registers : memref<32x32xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<32x32xf32, "register">)
  %i = memref.subview %p[2, 2] [28, 28] [1, 1] : memref<32x32xf32, "register"> to memref<28x28xf32, strided<[32, 1], offset: 66>, "register">
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<28x28xf32, "ram">) outs(%i : memref<28x28xf32, strided<[32, 1], offset: 66>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j) -> (y + i, x + j)>, affine_map<(y, x, i, j) -> (i, j)>, affine_map<(y, x, i, j) -> (y, x)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<32x32xf32, "register">, memref<5x5xf32, "flash">) outs(%y : memref<28x28xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Where a window moves by two points of two channels, lanes are points, and both channels are in a block: each lane
// has a record of four elements. Lanes of a sum have none.

// CHECK-LABEL: @two_channels
func.func private @two_channels(%x: memref<65x2xf32, "ram">, %w: memref<3x2xf32, "ram">, %y: memref<32x2xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{8|16}}, 2, {{[13]}}>, lanes = array<i64: 0, {{4|8}}, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{8|16|32}}, 2, {{[13]}}>, lanes = array<i64: 0, {{8|16}}, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<32x2xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0 * 2 + d2, d1)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<65x2xf32, "ram">, memref<3x2xf32, "ram">) outs(%y : memref<32x2xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK-LABEL: @two_sums
func.func private @two_sums(%x: memref<256xf32, "ram">, %w: memref<256x2xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  // V256-NOT: lanes = array<i64: 1
  // V256: func.return
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<2xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<256xf32, "ram">, memref<256x2xf32, "ram">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Four channels fill a register of four lanes, and go as a row.

// CHECK-LABEL: @four_channels
func.func private @four_channels(%x: memref<32x4xf32, "ram">, %b: memref<4xf32, "ram">, %y: memref<32x4xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}lanes = array<i64: 1, 4, 4>}
  linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]} ins(%x, %b : memref<32x4xf32, "ram">, memref<4xf32, "ram">) outs(%y : memref<32x4xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}

// Without a padding all of the window is written out. Elements in several of its rows wait, which are those of one
// row where two rows of results are done at once: of more rows, too many would.

// CHECK-LABEL: @rows_in_common
func.func private @rows_in_common(%x: memref<17x17x32xf32, "ram">, %w: memref<3x3x32xf32, "ram">, %y: memref<8x8x32xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 2, 4, 4, 3, 3>, lanes = array<i64: 2, 4, 4>}
  // V256: deploy.blocks = {{.*}}sizes = array<i64: 2, 4, 8, 3, 3>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8x32xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (2 * h + i, 2 * w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>, affine_map<(h, w, c, i, j) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<17x17x32xf32, "ram">, memref<3x3x32xf32, "ram">) outs(%y : memref<8x8x32xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}
