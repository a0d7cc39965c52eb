// RUN: deployopt %s -p vector-choose-blocks --machine rv64gcv --no-debuginfo | filecheck %s --check-prefixes CHECK,V128
// RUN: deployopt %s -p vector-choose-blocks --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s --check-prefixes CHECK,V256
// RUN: deployopt %s -p vector-choose-blocks --machine host --set vlen=512 --set vector_registers=32 --set fma=true --no-debuginfo | filecheck %s --check-prefix HOST

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#taps = affine_map<(h, w, c, i, j) -> (i, j, c)>
#out = affine_map<(h, w, c, i, j) -> (h, w, c)>

// Eight channels have no wider vectors than all of them, for which a loop over rows would be left: all of a window is
// written out, and rows of results share a row where they are one register each.

// CHECK-LABEL: @no_wider_vectors
func.func private @no_wider_vectors(%x: memref<31x31x8xf32, "ram">, %w: memref<3x3x8xf32, "ram">, %y: memref<16x16x8xf32, "ram">) attributes {deploy.kernel} {
  // V256: deploy.blocks = {{.*}}sizes = array<i64: {{[23], [2-4]}}, 8, 3, 3>, lanes = array<i64: 2, 8, 8>}
  // V128: deploy.blocks = {{.*}}sizes = array<i64: {{[0-9, ]+}}, 8, 3, 3>, lanes = array<i64: 2, 8, 4>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16x8xf32, "ram">)
  %p = deploy.registers : memref<33x33x8xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<33x33x8xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [31, 31, 8] [1, 1, 1] : memref<33x33x8xf32, "register"> to memref<31x31x8xf32, strided<[264, 8, 1], offset: 272>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<31x31x8xf32, "ram">) outs(%part : memref<31x31x8xf32, strided<[264, 8, 1], offset: 272>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (2 * h + i, 2 * w + j, c)>, #taps, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<33x33x8xf32, "register">, memref<3x3x8xf32, "ram">) outs(%y : memref<16x16x8xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Each point has a record of both channels, and records have no wider vectors. Two rows of results share a row, three
// would need registers for the records of six rows and more. The points at borders are scalars, which take no records.

// CHECK-LABEL: @records
func.func private @records(%x: memref<31x31x2xf32, "ram">, %w: memref<3x3x2xf32, "ram">, %y: memref<16x16x2xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 2, 4, 2, 3, 3>, lanes = array<i64: 1, 4, 4>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16x2xf32, "ram">)
  %p = deploy.registers : memref<33x33x2xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<33x33x2xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [31, 31, 2] [1, 1, 1] : memref<33x33x2xf32, "register"> to memref<31x31x2xf32, strided<[66, 2, 1], offset: 68>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<31x31x2xf32, "ram">) outs(%part : memref<31x31x2xf32, strided<[66, 2, 1], offset: 68>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (2 * h + i, 2 * w + j, c)>, #taps, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<33x33x2xf32, "register">, memref<3x3x2xf32, "ram">) outs(%y : memref<16x16x2xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A row of a window is records of six elements, twelve of two vectors, and the next ones are loaded ahead: beside four
// rows of results there is room for one vector.

// CHECK-LABEL: @row_of_records
func.func private @row_of_records(%x: memref<33x33x2xf32, "ram">, %w: memref<3x3x2xf32, "ram">, %y: memref<33x33x2xf32, "ram">) attributes {deploy.kernel} {
  // V128: deploy.blocks = {{.*}}sizes = array<i64: 4, 4, 2, 3, 3>, lanes = array<i64: 1, 4, 4>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<33x33x2xf32, "ram">)
  %p = deploy.registers : memref<35x35x2xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<35x35x2xf32, "register">)
  %part = memref.subview %p[1, 1, 0] [33, 33, 2] [1, 1, 1] : memref<35x35x2xf32, "register"> to memref<33x33x2xf32, strided<[70, 2, 1], offset: 72>, "register">
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : memref<33x33x2xf32, "ram">) outs(%part : memref<33x33x2xf32, strided<[70, 2, 1], offset: 72>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, #taps, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%p, %w : memref<35x35x2xf32, "register">, memref<3x3x2xf32, "ram">) outs(%y : memref<33x33x2xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Where a vector has one register at most, lanes that fill it are picked from two others.

// HOST-LABEL: @rows_in_pairs
func.func private @rows_in_pairs(%x: memref<16x49x49xf32, "ram">, %w: memref<16x3x3xf32, "ram">, %y: memref<16x24x24xf32, "ram">) attributes {deploy.kernel} {
  // HOST: deploy.blocks = {{.*}}, 3, 3>, lanes = array<i64: 2, 16, 16>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x24x24xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(c, h, w, i, j) -> (c, 2 * h + i, 2 * w + j)>, affine_map<(c, h, w, i, j) -> (c, i, j)>, affine_map<(c, h, w, i, j) -> (c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<16x49x49xf32, "ram">, memref<16x3x3xf32, "ram">) outs(%y : memref<16x24x24xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}
