// RUN: deployopt %s -p vector-lengthen-weights --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-lengthen-weights --machine rv64gc --no-debuginfo | filecheck %s --check-prefix NEVER
// RUN: deployopt %s -p vector-lengthen-weights --machine host --no-debuginfo | filecheck %s --check-prefix NEVER

// Only RISC-V is told of how many lanes there are.

// NEVER-NOT: @six_0

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>
#in = affine_map<(m, n, t, k) -> (m + t, k)>
#taps = affine_map<(m, n, t, k) -> (t, k, n)>
#out = affine_map<(m, n, t, k) -> (m, n)>

// Two zeros follow the last row of six.

// CHECK-NOT: @six :
// CHECK: @six_0 : memref<386xf32, "flash"> = dense<"0x{{(0000803F)+}}0000000000000000">
// CHECK: @taps_0 : memref<3x323xf32, "flash">
// CHECK: @shared : memref<64x6xf32, "flash">
// CHECK: @whole : memref<64x8xf32, "flash">
// CHECK: @alone : memref<6xf32, "flash">
// CHECK: @few : memref<2x6xf32, "flash">
memref.global "private" constant @six : memref<64x6xf32, "flash"> = dense<1.0>
memref.global "private" constant @taps : memref<3x64x5xf32, "flash"> = dense<1.0>
memref.global "private" constant @shared : memref<64x6xf32, "flash"> = dense<1.0>
memref.global "private" constant @whole : memref<64x8xf32, "flash"> = dense<1.0>
memref.global "private" constant @alone : memref<6xf32, "flash"> = dense<1.0>
memref.global "private" constant @few : memref<2x6xf32, "flash"> = dense<1.0>

// CHECK-LABEL: @product
func.func @product(%x: memref<9x64xf32, "ram">, %y: memref<9x6xf32, "ram">) {
  %w = memref.get_global @six : memref<64x6xf32, "flash">
  // CHECK: [[W:%.*]] = memref.get_global @six_0 : memref<386xf32, "flash">
  // CHECK: deploy.kernel(%x : memref<9x64xf32, "ram">, [[W]] : memref<386xf32, "flash">)
  deploy.kernel(%x : memref<9x64xf32, "ram">, %w : memref<64x6xf32, "flash">) outs(%y : memref<9x6xf32, "ram">) {
  ^bb0(%kx: memref<9x64xf32, "ram">, %kw: memref<64x6xf32, "flash">, %ky: memref<9x6xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x6xf32, "ram">)
    // CHECK: affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (((d2 * 6) + d1))>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<9x64xf32, "ram">, memref<64x6xf32, "flash">) outs(%ky : memref<9x6xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// Of a window the weights alone say how long it is, so that its axis stays, and each place of it has a row.

// CHECK-LABEL: @window
func.func @window(%x: memref<11x64xf32, "ram">, %y: memref<9x5xf32, "ram">) {
  %w = memref.get_global @taps : memref<3x64x5xf32, "flash">
  deploy.kernel(%x : memref<11x64xf32, "ram">, %w : memref<3x64x5xf32, "flash">) outs(%y : memref<9x5xf32, "ram">) {
  ^bb0(%kx: memref<11x64xf32, "ram">, %kw: memref<3x64x5xf32, "flash">, %ky: memref<9x5xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x5xf32, "ram">)
    // CHECK: affine_map<(d0, d1, d2, d3) -> (d2, ((d3 * 5) + d1))>
    linalg.generic {indexing_maps = [#in, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%kx, %kw : memref<11x64xf32, "ram">, memref<3x64x5xf32, "flash">) outs(%ky : memref<9x5xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// What somebody else reads stays, and so do whole registers, what has no rows, and sums of which no loop is left.

// CHECK-LABEL: @shared_with_others
func.func @shared_with_others(%x: memref<9x64xf32, "ram">, %y: memref<9x6xf32, "ram">) {
  %w = memref.get_global @shared : memref<64x6xf32, "flash">
  %other = memref.get_global @shared : memref<64x6xf32, "flash">
  // CHECK-COUNT-2: get_global @shared
  deploy.kernel(%x : memref<9x64xf32, "ram">, %w : memref<64x6xf32, "flash">) outs(%y : memref<9x6xf32, "ram">) {
  ^bb0(%kx: memref<9x64xf32, "ram">, %kw: memref<64x6xf32, "flash">, %ky: memref<9x6xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x6xf32, "ram">)
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<9x64xf32, "ram">, memref<64x6xf32, "flash">) outs(%ky : memref<9x6xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// CHECK-LABEL: @whole_registers
func.func @whole_registers(%x: memref<9x64xf32, "ram">, %y: memref<9x8xf32, "ram">) {
  %w = memref.get_global @whole : memref<64x8xf32, "flash">
  // CHECK: get_global @whole
  deploy.kernel(%x : memref<9x64xf32, "ram">, %w : memref<64x8xf32, "flash">) outs(%y : memref<9x8xf32, "ram">) {
  ^bb0(%kx: memref<9x64xf32, "ram">, %kw: memref<64x8xf32, "flash">, %ky: memref<9x8xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x8xf32, "ram">)
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<9x64xf32, "ram">, memref<64x8xf32, "flash">) outs(%ky : memref<9x8xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// CHECK-LABEL: @no_rows
func.func @no_rows(%x: memref<9x64xf32, "ram">, %y: memref<9x6xf32, "ram">) {
  %w = memref.get_global @alone : memref<6xf32, "flash">
  // CHECK: get_global @alone
  deploy.kernel(%x : memref<9x64xf32, "ram">, %w : memref<6xf32, "flash">) outs(%y : memref<9x6xf32, "ram">) {
  ^bb0(%kx: memref<9x64xf32, "ram">, %kw: memref<6xf32, "flash">, %ky: memref<9x6xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x6xf32, "ram">)
    linalg.generic {indexing_maps = [#x, affine_map<(m, n, k) -> (n)>, #y], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<9x64xf32, "ram">, memref<6xf32, "flash">) outs(%ky : memref<9x6xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// CHECK-LABEL: @no_loop
func.func @no_loop(%x: memref<9x2xf32, "ram">, %y: memref<9x6xf32, "ram">) {
  %w = memref.get_global @few : memref<2x6xf32, "flash">
  // CHECK: get_global @few
  deploy.kernel(%x : memref<9x2xf32, "ram">, %w : memref<2x6xf32, "flash">) outs(%y : memref<9x6xf32, "ram">) {
  ^bb0(%kx: memref<9x2xf32, "ram">, %kw: memref<2x6xf32, "flash">, %ky: memref<9x6xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<9x6xf32, "ram">)
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<9x2xf32, "ram">, memref<2x6xf32, "flash">) outs(%ky : memref<9x6xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}
