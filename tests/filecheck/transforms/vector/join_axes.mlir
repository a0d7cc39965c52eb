// RUN: deployopt %s -p vector-join-axes --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-join-axes --machine rv64gc --no-debuginfo | filecheck %s --check-prefix SCALAR

// A machine without vectors has no lanes to fill.

// SCALAR-NOT: reinterpret_cast
// SCALAR-NOT: deploy.repeated

#xc = affine_map<(x, c) -> (x, c)>
#c = affine_map<(x, c) -> (c)>
#x = affine_map<(x, c) -> (x)>
#yxc = affine_map<(y, x, c) -> (y, x, c)>

// What is repeated goes, unless somebody else reads it. Of three elements there are as many as vectors read
// that begin with the last one.

// CHECK-NOT: @own :
// CHECK: memref.global "private" constant @own_0 : memref<[[N:[0-9]+]]xf32, "flash"> = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 1.000000e+00, 2.000000e+00
// CHECK: memref.global "private" constant @shared : memref<3xf32, "flash">
memref.global "private" constant @own : memref<3xf32, "flash"> = dense<[1.0, 2.0, 3.0]>
memref.global "private" constant @shared : memref<3xf32, "flash"> = dense<[4.0, 5.0, 6.0]>
memref.global "private" constant @taps : memref<3x3xf32, "flash"> = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]>

// CHECK: constant @table_0 : memref<[[M:[0-9]+]]xf32, "flash"> = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00, 9.000000e+00, 1.000000e+01, 1.100000e+01, 1.200000e+01, 1.300000e+01, 1.400000e+01, 1.500000e+01, 1.000000e+00
// CHECK: constant @points_0 : memref<[[M]]xf32, "flash"> = dense<[1.000000e+00, 1.000000e+00, 1.000000e+00, 2.000000e+00, 2.000000e+00, 2.000000e+00, 3.000000e+00, 3.000000e+00, 3.000000e+00, 4.000000e+00, 4.000000e+00, 4.000000e+00, 5.000000e+00, 5.000000e+00, 5.000000e+00, 1.000000e+00
// CHECK: constant @counts_0 : memref<93xf32, "flash"> = dense<[0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00, 2.000000e+00
memref.global "private" constant @table : memref<5x3xf32, "flash"> = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [10.0, 11.0, 12.0], [13.0, 14.0, 15.0]]>
memref.global "private" constant @points : memref<5xf32, "flash"> = dense<[1.0, 2.0, 3.0, 4.0, 5.0]>
memref.global "private" constant @counts : memref<31x1xf32, "flash"> = dense<[[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0], [10.0], [11.0], [12.0], [13.0], [14.0], [15.0], [16.0], [17.0], [18.0], [19.0], [20.0], [21.0], [22.0], [23.0], [24.0], [25.0], [26.0], [27.0], [28.0], [29.0], [30.0]]>

// CHECK-LABEL: @repeated
func.func @repeated(%x: memref<31x3xf32, "ram">, %y: memref<31x3xf32, "ram">) {
  %b = memref.get_global @own : memref<3xf32, "flash">
  // CHECK: [[X:%.*]] = memref.reinterpret_cast %x to offset: [0], sizes: [93], strides: [1] : memref<31x3xf32, "ram"> to memref<93xf32, "ram">
  // CHECK: [[B:%.*]] = memref.get_global @own_0
  // CHECK: [[Y:%.*]] = memref.reinterpret_cast %y
  // CHECK: deploy.kernel([[X]] : memref<93xf32, "ram">, [[B]] : memref<[[N]]xf32, "flash">) outs([[Y]] : memref<93xf32, "ram">)
  deploy.kernel(%x : memref<31x3xf32, "ram">, %b : memref<3xf32, "flash">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, "ram">, %kb: memref<3xf32, "flash">, %ky: memref<31x3xf32, "ram">):
    // CHECK: affine_map<(d0) -> (d0)>, affine_map<(d0) -> ((d0 mod 3))>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]
    // CHECK-SAME: deploy.repeated = array<i64: 1>
    linalg.generic {indexing_maps = [#xc, #c, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx, %kb : memref<31x3xf32, "ram">, memref<3xf32, "flash">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// A window that moves by one point moves by three elements, its padding has three on each side, and each row of its
// weights is repeated.

// CHECK-LABEL: @window
func.func @window(%x: memref<30x3xf32, "ram">, %y: memref<30x3xf32, "ram">) {
  %w = memref.get_global @taps : memref<3x3xf32, "flash">
  deploy.kernel(%x : memref<30x3xf32, "ram">, %w : memref<3x3xf32, "flash">) outs(%y : memref<30x3xf32, "ram">) {
  ^bb0(%kx: memref<30x3xf32, "ram">, %kw: memref<3x3xf32, "flash">, %ky: memref<30x3xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    // CHECK: [[ALL:%.*]] = deploy.registers : memref<96xf32, "register">
    %all = deploy.registers : memref<32x3xf32, "register">
    linalg.fill ins(%zero : f32) outs(%all : memref<32x3xf32, "register">)
    // CHECK: memref.subview [[ALL]][3] [90] [1]
    %part = memref.subview %all[1, 0] [30, 3] [1, 1] : memref<32x3xf32, "register"> to memref<30x3xf32, strided<[3, 1], offset: 3>, "register">
    linalg.generic {indexing_maps = [#xc, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx : memref<30x3xf32, "ram">) outs(%part : memref<30x3xf32, strided<[3, 1], offset: 3>, "register">) {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    linalg.fill ins(%zero : f32) outs(%ky : memref<30x3xf32, "ram">)
    // CHECK: indexing_maps = [affine_map<(d0, d1) -> ((d0 + (d1 * 3)))>, affine_map<(d0, d1) -> (d1, (d0 mod 3))>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]
    linalg.generic {indexing_maps = [affine_map<(x, c, k) -> (x + k, c)>, affine_map<(x, c, k) -> (k, c)>, affine_map<(x, c, k) -> (x, c)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%all, %kw : memref<32x3xf32, "register">, memref<3x3xf32, "flash">) outs(%ky : memref<30x3xf32, "ram">) attrs = {deploy.finite = array<i64: 1>} {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// A window of one point moves nowhere.

// CHECK-LABEL: @point
func.func @point(%x: memref<2x5x7xf32, "ram">, %w: memref<4x2x1x1xf32, "ram">, %y: memref<4x5x7xf32, "ram">) {
  // CHECK: deploy.kernel({{.*}} memref<2x35xf32, "ram">, %w : memref<4x2x1x1xf32, "ram">) outs({{.*}} memref<4x35xf32, "ram">)
  deploy.kernel(%x : memref<2x5x7xf32, "ram">, %w : memref<4x2x1x1xf32, "ram">) outs(%y : memref<4x5x7xf32, "ram">) {
  ^bb0(%kx: memref<2x5x7xf32, "ram">, %kw: memref<4x2x1x1xf32, "ram">, %ky: memref<4x5x7xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<4x5x7xf32, "ram">)
    // CHECK: affine_map<(d0, d1, d2, d3, d4) -> (d4, d1)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d2, d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1)>
    linalg.generic {indexing_maps = [affine_map<(m, y, x, k, l, c) -> (c, y + k, x + l)>, affine_map<(m, y, x, k, l, c) -> (m, c, k, l)>, affine_map<(m, y, x, k, l, c) -> (m, y, x)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%kx, %kw : memref<2x5x7xf32, "ram">, memref<4x2x1x1xf32, "ram">) outs(%ky : memref<4x5x7xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// An axis of one element goes, whatever else reads: lanes are then those of a sum, or of the loop before.

// CHECK-LABEL: @thin
func.func @thin(%x: memref<101xf32, "ram">, %w: memref<101x1xf32, "ram">, %y: memref<1x1xf32, "ram">) {
  // CHECK: deploy.kernel({{.*}} memref<101xf32, "ram">, {{.*}} memref<101xf32, "ram">) outs({{.*}} memref<1xf32, "ram">)
  deploy.kernel(%x : memref<101xf32, "ram">, %w : memref<101x1xf32, "ram">) outs(%y : memref<1x1xf32, "ram">) {
  ^bb0(%kx: memref<101xf32, "ram">, %kw: memref<101x1xf32, "ram">, %ky: memref<1x1xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<1x1xf32, "ram">)
    // CHECK: affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<101xf32, "ram">, memref<101x1xf32, "ram">) outs(%ky : memref<1x1xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// Of a constant that goes along with the outer loop alone each element is there for all rounds of the inner one.

// CHECK-LABEL: @spread
func.func @spread(%x: memref<31x3xf32, "ram">, %y: memref<31x3xf32, "ram">) {
  %b = memref.get_global @counts : memref<31x1xf32, "flash">
  // CHECK: [[B:%.*]] = memref.get_global @counts_0 : memref<93xf32, "flash">
  // CHECK: deploy.kernel({{.*}} : memref<93xf32, "ram">, [[B]] : memref<93xf32, "flash">) outs(
  deploy.kernel(%x : memref<31x3xf32, "ram">, %b : memref<31x1xf32, "flash">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, "ram">, %kb: memref<31x1xf32, "flash">, %ky: memref<31x3xf32, "ram">):
    // CHECK: affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]
    // CHECK-NOT: deploy.repeated
    linalg.generic {indexing_maps = [#xc, affine_map<(x, c) -> (x, 0)>, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx, %kb : memref<31x3xf32, "ram">, memref<31x1xf32, "flash">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.divf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// Three loops are one: rows of points and channels are repeated, also where each element has been spread before.

// CHECK-LABEL: @rows
func.func @rows(%x: memref<9x5x3xf32, "ram">, %y: memref<9x5x3xf32, "ram">) {
  %b = memref.get_global @table : memref<5x3xf32, "flash">
  // CHECK: [[B:%.*]] = memref.get_global @table_0
  // CHECK: deploy.kernel({{.*}} : memref<135xf32, "ram">, [[B]] : memref<{{[0-9]+}}xf32, "flash">) outs(
  deploy.kernel(%x : memref<9x5x3xf32, "ram">, %b : memref<5x3xf32, "flash">) outs(%y : memref<9x5x3xf32, "ram">) {
  ^bb0(%kx: memref<9x5x3xf32, "ram">, %kb: memref<5x3xf32, "flash">, %ky: memref<9x5x3xf32, "ram">):
    // CHECK: affine_map<(d0) -> (d0)>, affine_map<(d0) -> ((d0 mod 15))>, affine_map<(d0) -> (d0)>]
    // CHECK-SAME: deploy.repeated = array<i64: 1>
    linalg.generic {indexing_maps = [#yxc, affine_map<(y, x, c) -> (x, c)>, #yxc], iterator_types = ["parallel", "parallel", "parallel"]} ins(%kx, %kb : memref<9x5x3xf32, "ram">, memref<5x3xf32, "flash">) outs(%ky : memref<9x5x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// CHECK-LABEL: @spread_rows
func.func @spread_rows(%x: memref<9x5x3xf32, "ram">, %y: memref<9x5x3xf32, "ram">) {
  %b = memref.get_global @points : memref<5xf32, "flash">
  // CHECK: [[B:%.*]] = memref.get_global @points_0
  // CHECK: deploy.kernel({{.*}} : memref<135xf32, "ram">, [[B]] : memref<{{[0-9]+}}xf32, "flash">) outs(
  deploy.kernel(%x : memref<9x5x3xf32, "ram">, %b : memref<5xf32, "flash">) outs(%y : memref<9x5x3xf32, "ram">) {
  ^bb0(%kx: memref<9x5x3xf32, "ram">, %kb: memref<5xf32, "flash">, %ky: memref<9x5x3xf32, "ram">):
    // CHECK: affine_map<(d0) -> (d0)>, affine_map<(d0) -> ((d0 mod 15))>, affine_map<(d0) -> (d0)>]
    // CHECK-SAME: deploy.repeated = array<i64: 1>
    linalg.generic {indexing_maps = [#yxc, affine_map<(y, x, c) -> (x)>, #yxc], iterator_types = ["parallel", "parallel", "parallel"]} ins(%kx, %kb : memref<9x5x3xf32, "ram">, memref<5xf32, "flash">) outs(%ky : memref<9x5x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// What is repeated or spread has to be known, and is not done for registers that are full as it is; a stride leaves elements out; rows with gaps are none; what has been cut by hand stays.

// CHECK-LABEL: @negative
// CHECK-NOT: reinterpret_cast
func.func @negative(%x: memref<31x3xf32, "ram">, %b: memref<3xf32, "ram">, %r: memref<31xf32, "ram">, %y: memref<31x3xf32, "ram">, %wide: memref<31x8xf32, "ram">, %long: memref<62x3xf32, "ram">, %gaps: memref<31x3xf32, strided<[4, 1]>, "ram">) {
  deploy.kernel(%x : memref<31x3xf32, "ram">, %b : memref<3xf32, "ram">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, "ram">, %kb: memref<3xf32, "ram">, %ky: memref<31x3xf32, "ram">):
    linalg.generic {indexing_maps = [#xc, #c, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx, %kb : memref<31x3xf32, "ram">, memref<3xf32, "ram">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  deploy.kernel(%x : memref<31x3xf32, "ram">, %r : memref<31xf32, "ram">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, "ram">, %kb: memref<31xf32, "ram">, %ky: memref<31x3xf32, "ram">):
    linalg.generic {indexing_maps = [#xc, #x, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx, %kb : memref<31x3xf32, "ram">, memref<31xf32, "ram">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  deploy.kernel() outs(%wide : memref<31x8xf32, "ram">) {
  ^bb0(%ky: memref<31x8xf32, "ram">):
    linalg.generic {indexing_maps = [#xc], iterator_types = ["parallel", "parallel"]} outs(%ky : memref<31x8xf32, "ram">) {
    ^bb0(%o: f32):
      %s = arith.negf %o : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  deploy.kernel(%long : memref<62x3xf32, "ram">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<62x3xf32, "ram">, %ky: memref<31x3xf32, "ram">):
    linalg.generic {indexing_maps = [affine_map<(x, c) -> (x * 2, c)>, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx : memref<62x3xf32, "ram">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  deploy.kernel(%gaps : memref<31x3xf32, strided<[4, 1]>, "ram">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, strided<[4, 1]>, "ram">, %ky: memref<31x3xf32, "ram">):
    linalg.generic {indexing_maps = [#xc, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx : memref<31x3xf32, strided<[4, 1]>, "ram">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  deploy.kernel(%x : memref<31x3xf32, "ram">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x3xf32, "ram">, %ky: memref<31x3xf32, "ram">):
    linalg.generic {indexing_maps = [#xc, #xc], iterator_types = ["parallel", "parallel"]} ins(%kx : memref<31x3xf32, "ram">) outs(%ky : memref<31x3xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 3>}} {
    ^bb0(%e: f32, %o: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  %s = memref.get_global @shared : memref<3xf32, "flash">
  func.return
}
