// RUN: deployopt %s -p vector-join-rows --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-join-rows --machine rv64gc --no-debuginfo | filecheck %s --check-prefix NEVER
// RUN: deployopt %s -p vector-join-rows --machine rv64gcv-vlen256 --set ram.size=81920 --no-debuginfo | filecheck %s --check-prefix NEVER

// A machine without vectors has no lanes to fill, and one with little memory has no room for longer rows.

// NEVER-NOT: reinterpret_cast

#in = affine_map<(f, h, w, c, i, j) -> (c, h + i, w + j)>
#weights = affine_map<(f, h, w, c, i, j) -> (f, c, i, j)>
#out = affine_map<(f, h, w, c, i, j) -> (f, h, w)>
#fhw = affine_map<(f, h, w) -> (f, h, w)>

// 17 results in a row of 19: 16 rows of 19 and 17 more. The last one reads the last element of its image. Of each sum
// 20 times 17 times 17 results are wanted.

// CHECK-LABEL: @joined
func.func @joined(%x: memref<12x19x19xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x17x17xf32, "ram">) {
  // CHECK: [[X:%.*]] = memref.reinterpret_cast %x to offset: [0], sizes: [12, 361], strides: [361, 1] : memref<12x19x19xf32, "ram"> to memref<12x361xf32, strided<[361, 1]>, "ram">
  // CHECK: [[R:%.*]] = deploy.buffer "rows" : memref<20x321xf32, "ram">
  // CHECK: deploy.kernel([[X]] : memref<12x361xf32, strided<[361, 1]>, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs([[R]] : memref<20x321xf32, "ram">)
  deploy.kernel(%x : memref<12x19x19xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x19x19xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x17x17xf32, "ram">):
    // CHECK: [[S:%.*]] = deploy.registers : memref<20x321xf32, "register">
    %s = deploy.registers : memref<20x17x17xf32, "register">
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%s : memref<20x17x17xf32, "register">)
    // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d2, ((d1 + (d3 * 19)) + d4))>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "reduction", "reduction"]} {{.*}} attrs =  {deploy.wanted = 624240 : i64}
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x19x19xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%s : memref<20x17x17xf32, "register">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]
    linalg.generic {indexing_maps = [#fhw, #fhw], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : memref<20x17x17xf32, "register">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %o: f32):
      %r = arith.maximumf %e, %zero : f32
      linalg.yield %r : f32
    }
    deploy.yield
  }
  // CHECK: [[ROWS:%.*]] = memref.reinterpret_cast [[R]] to offset: [0], sizes: [20, 17, 17], strides: [321, 19, 1] : memref<20x321xf32, "ram"> to memref<20x17x17xf32, strided<[321, 19, 1]>, "ram">
  // CHECK: deploy.kernel([[ROWS]] : memref<20x17x17xf32, strided<[321, 19, 1]>, "ram">) outs(%y : memref<20x17x17xf32, "ram">)
  func.return
}

// The zero behind a row is the one before the next: rows are 18 apart. All of the buffer is filled before the inside is.

// CHECK-LABEL: @shared
func.func @shared(%x: memref<12x17x17xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x17x17xf32, "ram">) {
  // CHECK: [[P:%.*]] = deploy.buffer "pad" : memref<12x343xf32, "ram">
  // CHECK: [[V:%.*]] = memref.reinterpret_cast [[P]] to offset: [0], sizes: [12, 19, 19], strides: [343, 18, 1]
  %p = deploy.buffer "pad" : memref<12x19x19xf32, "ram">
  // CHECK: deploy.kernel() outs([[P]] : memref<12x343xf32, "ram">)
  deploy.kernel() outs(%p : memref<12x19x19xf32, "ram">) {
  ^bb0(%kp: memref<12x19x19xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    %top = memref.subview %kp[0, 0, 0] [12, 1, 19] [1, 1, 1] : memref<12x19x19xf32, "ram"> to memref<12x1x19xf32, strided<[361, 19, 1]>, "ram">
    linalg.fill ins(%zero : f32) outs(%top : memref<12x1x19xf32, strided<[361, 19, 1]>, "ram">)
    %left = memref.subview %kp[0, 1, 0] [12, 18, 1] [1, 1, 1] : memref<12x19x19xf32, "ram"> to memref<12x18x1xf32, strided<[361, 19, 1], offset: 19>, "ram">
    linalg.fill ins(%zero : f32) outs(%left : memref<12x18x1xf32, strided<[361, 19, 1], offset: 19>, "ram">)
    deploy.yield
  }
  // CHECK: [[I:%.*]] = memref.subview [[V]][0, 1, 1] [12, 17, 17] [1, 1, 1] : {{.*}} to memref<12x17x17xf32, strided<[343, 18, 1], offset: 19>, "ram">
  %i = memref.subview %p[0, 1, 1] [12, 17, 17] [1, 1, 1] : memref<12x19x19xf32, "ram"> to memref<12x17x17xf32, strided<[361, 19, 1], offset: 20>, "ram">
  // CHECK: outs([[I]] : memref<12x17x17xf32, strided<[343, 18, 1], offset: 19>, "ram">)
  deploy.kernel(%x : memref<12x17x17xf32, "ram">) outs(%i : memref<12x17x17xf32, strided<[361, 19, 1], offset: 20>, "ram">) {
  ^bb0(%kx: memref<12x17x17xf32, "ram">, %ki: memref<12x17x17xf32, strided<[361, 19, 1], offset: 20>, "ram">):
    linalg.generic {indexing_maps = [#fhw, #fhw], iterator_types = ["parallel", "parallel", "parallel"]} ins(%kx : memref<12x17x17xf32, "ram">) outs(%ki : memref<12x17x17xf32, strided<[361, 19, 1], offset: 20>, "ram">) {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  // CHECK: affine_map<(d0, d1, d2, d3, d4) -> (d2, ((d1 + (d3 * 18)) + d4))>
  deploy.kernel(%p : memref<12x19x19xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x19x19xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x17x17xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<20x17x17xf32, "ram">)
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x19x19xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    deploy.yield
  }
  func.return
}

// The inside goes up to the last column, so nothing may stand before the next row.

// CHECK-LABEL: @unpadded_end
func.func @unpadded_end(%x: memref<12x19x18xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x17x17xf32, "ram">) {
  // CHECK: deploy.buffer "pad" : memref<12x19x19xf32, "ram">
  %p = deploy.buffer "pad" : memref<12x19x19xf32, "ram">
  deploy.kernel() outs(%p : memref<12x19x19xf32, "ram">) {
  ^bb0(%kp: memref<12x19x19xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%kp : memref<12x19x19xf32, "ram">)
    deploy.yield
  }
  %i = memref.subview %p[0, 0, 1] [12, 19, 18] [1, 1, 1] : memref<12x19x19xf32, "ram"> to memref<12x19x18xf32, strided<[361, 19, 1], offset: 1>, "ram">
  deploy.kernel(%x : memref<12x19x18xf32, "ram">) outs(%i : memref<12x19x18xf32, strided<[361, 19, 1], offset: 1>, "ram">) {
  ^bb0(%kx: memref<12x19x18xf32, "ram">, %ki: memref<12x19x18xf32, strided<[361, 19, 1], offset: 1>, "ram">):
    linalg.generic {indexing_maps = [#fhw, #fhw], iterator_types = ["parallel", "parallel", "parallel"]} ins(%kx : memref<12x19x18xf32, "ram">) outs(%ki : memref<12x19x18xf32, strided<[361, 19, 1], offset: 1>, "ram">) {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  // CHECK: affine_map<(d0, d1, d2, d3, d4) -> (d2, ((d1 + (d3 * 19)) + d4))>
  deploy.kernel(%p : memref<12x19x19xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x19x19xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x17x17xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<20x17x17xf32, "ram">)
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x19x19xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    deploy.yield
  }
  func.return
}

// Rows of 16 fill two registers, and what is between them would be one part in nine more.

// CHECK-LABEL: @negative_full
// CHECK-NOT: reinterpret_cast
func.func @negative_full(%x: memref<12x18x18xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x16x16xf32, "ram">) {
  deploy.kernel(%x : memref<12x18x18xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x16x16xf32, "ram">) {
  ^bb0(%kx: memref<12x18x18xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x16x16xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<20x16x16xf32, "ram">)
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x18x18xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%ky : memref<20x16x16xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    deploy.yield
  }
  func.return
}

// What is added has rows of another length.

// CHECK-LABEL: @negative_other_rows
// CHECK-NOT: reinterpret_cast
func.func @negative_other_rows(%x: memref<12x19x19xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %b: memref<20x17x17xf32, "ram">, %y: memref<20x17x17xf32, "ram">) {
  deploy.kernel(%x : memref<12x19x19xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">, %b : memref<20x17x17xf32, "ram">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x19x19xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %kb: memref<20x17x17xf32, "ram">, %ky: memref<20x17x17xf32, "ram">):
    %s = deploy.registers : memref<20x17x17xf32, "register">
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%s : memref<20x17x17xf32, "register">)
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x19x19xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%s : memref<20x17x17xf32, "register">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    linalg.generic {indexing_maps = [#fhw, #fhw, #fhw], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %kb : memref<20x17x17xf32, "register">, memref<20x17x17xf32, "ram">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %r = arith.addf %e, %f : f32
      linalg.yield %r : f32
    }
    deploy.yield
  }
  func.return
}

// The sum goes on from what is there.

// CHECK-LABEL: @negative_read_before
// CHECK-NOT: reinterpret_cast
func.func @negative_read_before(%x: memref<12x19x19xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x17x17xf32, "ram">) {
  deploy.kernel(%x : memref<12x19x19xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x19x19xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x17x17xf32, "ram">):
    linalg.generic {indexing_maps = [#in, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x19x19xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    deploy.yield
  }
  func.return
}

// Two columns apart, rows are no row of neighbours.

// CHECK-LABEL: @negative_stride
// CHECK-NOT: reinterpret_cast
func.func @negative_stride(%x: memref<12x35x35xf32, "ram">, %w: memref<20x12x3x3xf32, "flash">, %y: memref<20x17x17xf32, "ram">) {
  deploy.kernel(%x : memref<12x35x35xf32, "ram">, %w : memref<20x12x3x3xf32, "flash">) outs(%y : memref<20x17x17xf32, "ram">) {
  ^bb0(%kx: memref<12x35x35xf32, "ram">, %kw: memref<20x12x3x3xf32, "flash">, %ky: memref<20x17x17xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<20x17x17xf32, "ram">)
    linalg.generic {indexing_maps = [affine_map<(f, h, w, c, i, j) -> (c, 2 * h + i, 2 * w + j)>, #weights, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<12x35x35xf32, "ram">, memref<20x12x3x3xf32, "flash">) outs(%ky : memref<20x17x17xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %a = arith.addf %o, %m : f32
      linalg.yield %a : f32
    }
    deploy.yield
  }
  func.return
}
