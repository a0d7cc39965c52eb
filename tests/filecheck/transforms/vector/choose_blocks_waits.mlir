// RUN: deployopt %s -p vector-choose-blocks --machine host --set vlen=256 --set vector_registers=16 --set fma=true --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-choose-blocks --machine host --set vlen=256 --set vector_registers=16 --set fma=false --no-debuginfo | filecheck %s --check-prefix TWO
// RUN: deployopt %s -p vector-choose-blocks --machine host --set vlen=512 --set vector_registers=32 --set fma=true --no-debuginfo | filecheck %s --check-prefix MANY

#a = affine_map<(d0, d1, d2) -> (d0, d2)>
#b = affine_map<(d0, d1, d2) -> (d2, d1)>
#c = affine_map<(d0, d1, d2) -> (d0, d1)>

// Two units do a multiply-add in each cycle, which takes four: fewer than eight sums wait
// for each other. Four rows of two vectors load less than two of five, but what they leave
// of 40 columns are four sums.

// CHECK-LABEL: @rows
func.func private @rows(%a: memref<4x128xf32, "ram">, %b: memref<128x40xf32, "ram">, %y: memref<4x40xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {{.*}}sizes = array<i64: 2, 40, {{[1248]}}>, lanes = array<i64: 1, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<4x40xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<4x128xf32, "ram">, memref<128x40xf32, "ram">) outs(%y : memref<4x40xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Sums of eight products wait for nothing: a core begins those of the next block meanwhile.

// CHECK-LABEL: @few_products
func.func private @few_products(%a: memref<64x8xf32, "ram">, %b: memref<8x40xf32, "ram">, %y: memref<64x40xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {{.*}}sizes = array<i64: 4, 16, {{[1248]}}>, lanes = array<i64: 1, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64x40xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<64x8xf32, "ram">, memref<8x40xf32, "ram">) outs(%y : memref<64x40xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Ten sums, five floats and a vector are all registers there are. A product that is not
// added at once takes one as well.

// CHECK-LABEL: @sixteen_registers
// TWO-LABEL: @sixteen_registers
func.func private @sixteen_registers(%a: memref<125x64xf32, "ram">, %b: memref<64x16xf32, "ram">, %y: memref<125x16xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {{.*}}sizes = array<i64: 5, 16, {{[1248]}}>, lanes = array<i64: 1, 8, 8>}
  // TWO: deploy.blocks = {{.*}}sizes = array<i64: 4, 16, {{[1248]}}>, lanes = array<i64: 1, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<125x16xf32, "ram">)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<125x64xf32, "ram">, memref<64x16xf32, "ram">) outs(%y : memref<125x16xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// Twelve sums of two rows, beside floats that each product spreads anew, load the least. But
// no product spreads floats here, so they wait in registers, as those of one row can.

// CHECK-LABEL: @window
func.func private @window(%x: memref<16x18x64xf32, "ram">, %w: memref<3x64x64xf32, "ram">, %y: memref<16x16x64xf32, "ram">) attributes {deploy.kernel} {
  // CHECK: deploy.blocks = {{.*}}sizes = array<i64: 1, {{8, 8|4, 16}}, 3, 1>, lanes = array<i64: 2, 8, 8>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16x64xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, o, k, c) -> (h, w + k, c)>, affine_map<(h, w, o, k, c) -> (k, c, o)>, affine_map<(h, w, o, k, c) -> (h, w, o)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %w : memref<16x18x64xf32, "ram">, memref<3x64x64xf32, "ram">) outs(%y : memref<16x16x64xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}

// A float is in all lanes of a register beside the sums. Four rows by four places, or two by eight, load least, but all
// floats of the four or six rows that they read at one place of the window have no room.

// MANY-LABEL: @windows_of_floats
func.func private @windows_of_floats(%x: memref<34x34x64xf32, "ram">, %w: memref<3x3x64x64xf32, "ram">, %y: memref<32x32x64xf32, "ram">) attributes {deploy.kernel} {
  // MANY: deploy.blocks = {{.*}}sizes = array<i64: 1, 8, 32, 1, 3, 1>, lanes = array<i64: 2, 16, 16>}
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<32x32x64xf32, "ram">)
  linalg.generic {indexing_maps = [affine_map<(h, w, c, i, j, k) -> (h + i, w + j, k)>, affine_map<(h, w, c, i, j, k) -> (i, j, k, c)>, affine_map<(h, w, c, i, j, k) -> (h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%x, %w : memref<34x34x64xf32, "ram">, memref<3x3x64x64xf32, "ram">) outs(%y : memref<32x32x64xf32, "ram">) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}
