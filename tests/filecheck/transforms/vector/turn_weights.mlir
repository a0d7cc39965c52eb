// RUN: deployopt %s -p vector-turn-weights --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-turn-weights --machine rv64gc --no-debuginfo | filecheck %s --check-prefix SCALAR

// SCALAR-NOT: @own_0

#x = affine_map<(n, k) -> (k)>
#w = affine_map<(n, k) -> (k, n)>
#y = affine_map<(n, k) -> (n)>

// Rows of two elements become two rows.

// CHECK-NOT: @own :
// CHECK: @own_0 : memref<2x64xi32, "flash"> = dense<"0x00000000020000000400000006000000
// CHECK: @shared : memref<64x3xi32, "flash">
// CHECK: @far : memref<64x3xi32, "flash">
// CHECK: @four : memref<32x4xf32, "flash">
// CHECK: @wide : memref<64x32xi32, "flash">
// CHECK: @three : memref<21x3xf32, "flash">
memref.global "private" constant @own : memref<64x2xi32, "flash"> = dense<"0x000000000100000002000000030000000400000005000000060000000700000008000000090000000A0000000B0000000C0000000D0000000E0000000F000000100000001100000012000000130000001400000015000000160000001700000018000000190000001A0000001B0000001C0000001D0000001E0000001F000000200000002100000022000000230000002400000025000000260000002700000028000000290000002A0000002B0000002C0000002D0000002E0000002F000000300000003100000032000000330000003400000035000000360000003700000038000000390000003A0000003B0000003C0000003D0000003E0000003F000000400000004100000042000000430000004400000045000000460000004700000048000000490000004A0000004B0000004C0000004D0000004E0000004F000000500000005100000052000000530000005400000055000000560000005700000058000000590000005A0000005B0000005C0000005D0000005E0000005F000000600000006100000062000000630000006400000065000000660000006700000068000000690000006A0000006B0000006C0000006D0000006E0000006F000000700000007100000072000000730000007400000075000000760000007700000078000000790000007A0000007B0000007C0000007D0000007E0000007F000000">
memref.global "private" constant @shared : memref<64x3xi32, "flash"> = dense<1>
memref.global "private" constant @far : memref<64x3xi32, "flash"> = dense<1>
memref.global "private" constant @four : memref<32x4xf32, "flash"> = dense<1.0>
memref.global "private" constant @wide : memref<64x32xi32, "flash"> = dense<1>
memref.global "private" constant @three : memref<21x3xf32, "flash"> = dense<1.0>

// CHECK-LABEL: @run
func.func @run(%x: memref<64xi32, "ram">, %y: memref<2xi32, "ram">) {
  %w = memref.get_global @own : memref<64x2xi32, "flash">
  // CHECK: memref.get_global @own_0 : memref<2x64xi32, "flash">
  deploy.kernel(%x : memref<64xi32, "ram">, %w : memref<64x2xi32, "flash">) outs(%y : memref<2xi32, "ram">) {
  ^bb0(%kx: memref<64xi32, "ram">, %kw: memref<64x2xi32, "flash">, %ky: memref<2xi32, "ram">):
    %zero = arith.constant 0 : i32
    linalg.fill ins(%zero : i32) outs(%ky : memref<2xi32, "ram">)
    // CHECK: affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%kx, %kw : memref<64xi32, "ram">, memref<64x2xi32, "flash">) outs(%ky : memref<2xi32, "ram">) {
    ^bb0(%e: i32, %f: i32, %o: i32):
      %m = arith.muli %e, %f : i32
      %s = arith.addi %o, %m : i32
      linalg.yield %s : i32
    }
    deploy.yield
  }
  func.return
}

// What somebody else reads stays, and so does what is multiplied with elements that are no neighbours, and what has
// lanes enough in its results. Of many short sums, lanes that are put together take more than idle ones.

// CHECK-LABEL: @negative
// CHECK: get_global @shared
// CHECK: get_global @shared
// CHECK: get_global @far
func.func @negative(%x: memref<64xi32, "ram">, %y: memref<3xi32, "ram">, %rows: memref<64x4xi32, "ram">, %z: memref<32xi32, "ram">, %many: memref<32x32xf32, "ram">, %sums: memref<32x4xf32, "ram">) {
  %a = memref.get_global @shared : memref<64x3xi32, "flash">
  deploy.kernel(%x : memref<64xi32, "ram">, %a : memref<64x3xi32, "flash">) outs(%y : memref<3xi32, "ram">) {
  ^bb0(%kx: memref<64xi32, "ram">, %kw: memref<64x3xi32, "flash">, %ky: memref<3xi32, "ram">):
    %zero = arith.constant 0 : i32
    linalg.fill ins(%zero : i32) outs(%ky : memref<3xi32, "ram">)
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%kx, %kw : memref<64xi32, "ram">, memref<64x3xi32, "flash">) outs(%ky : memref<3xi32, "ram">) {
    ^bb0(%e: i32, %f: i32, %o: i32):
      %m = arith.muli %e, %f : i32
      %s = arith.addi %o, %m : i32
      linalg.yield %s : i32
    }
    deploy.yield
  }
  %again = memref.get_global @shared : memref<64x3xi32, "flash">
  %b = memref.get_global @far : memref<64x3xi32, "flash">
  deploy.kernel(%rows : memref<64x4xi32, "ram">, %b : memref<64x3xi32, "flash">) outs(%y : memref<3xi32, "ram">) {
  ^bb0(%kx: memref<64x4xi32, "ram">, %kw: memref<64x3xi32, "flash">, %ky: memref<3xi32, "ram">):
    %zero = arith.constant 0 : i32
    linalg.fill ins(%zero : i32) outs(%ky : memref<3xi32, "ram">)
    linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, 1)>, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%kx, %kw : memref<64x4xi32, "ram">, memref<64x3xi32, "flash">) outs(%ky : memref<3xi32, "ram">) {
    ^bb0(%e: i32, %f: i32, %o: i32):
      %m = arith.muli %e, %f : i32
      %s = arith.addi %o, %m : i32
      linalg.yield %s : i32
    }
    deploy.yield
  }
  %c = memref.get_global @wide : memref<64x32xi32, "flash">
  deploy.kernel(%x : memref<64xi32, "ram">, %c : memref<64x32xi32, "flash">) outs(%z : memref<32xi32, "ram">) {
  ^bb0(%kx: memref<64xi32, "ram">, %kw: memref<64x32xi32, "flash">, %ky: memref<32xi32, "ram">):
    %zero = arith.constant 0 : i32
    linalg.fill ins(%zero : i32) outs(%ky : memref<32xi32, "ram">)
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%kx, %kw : memref<64xi32, "ram">, memref<64x32xi32, "flash">) outs(%ky : memref<32xi32, "ram">) {
    ^bb0(%e: i32, %f: i32, %o: i32):
      %m = arith.muli %e, %f : i32
      %s = arith.addi %o, %m : i32
      linalg.yield %s : i32
    }
    deploy.yield
  }
  %d = memref.get_global @four : memref<32x4xf32, "flash">
  deploy.kernel(%many : memref<32x32xf32, "ram">, %d : memref<32x4xf32, "flash">) outs(%sums : memref<32x4xf32, "ram">) {
  ^bb0(%kx: memref<32x32xf32, "ram">, %kw: memref<32x4xf32, "flash">, %ky: memref<32x4xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<32x4xf32, "ram">)
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<32x32xf32, "ram">, memref<32x4xf32, "flash">) outs(%ky : memref<32x4xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// Three lanes take more than a tenth more than sums do, since each round tells of three and of eight in turn. With one
// element behind the rows it need not, and then they do not.

// CHECK-LABEL: @longer
// CHECK: get_global @three :
func.func @longer(%x: memref<31x21xf32, "ram">, %y: memref<31x3xf32, "ram">) {
  %w = memref.get_global @three : memref<21x3xf32, "flash">
  deploy.kernel(%x : memref<31x21xf32, "ram">, %w : memref<21x3xf32, "flash">) outs(%y : memref<31x3xf32, "ram">) {
  ^bb0(%kx: memref<31x21xf32, "ram">, %kw: memref<21x3xf32, "flash">, %ky: memref<31x3xf32, "ram">):
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%ky : memref<31x3xf32, "ram">)
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%kx, %kw : memref<31x21xf32, "ram">, memref<21x3xf32, "flash">) outs(%ky : memref<31x3xf32, "ram">) {
    ^bb0(%e: f32, %f: f32, %o: f32):
      %m = arith.mulf %e, %f : f32
      %s = arith.addf %o, %m : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}
