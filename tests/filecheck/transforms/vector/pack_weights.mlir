// RUN: deployopt %s -p vector-pack-weights --machine rv64gc --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-pack-weights --machine host --no-debuginfo | filecheck %s --check-prefix HOST

#x = affine_map<(n, k) -> (k)>
#w = affine_map<(n, k) -> (k, n)>
#y = affine_map<(n, k) -> (n)>

// HOST-NOT: floordiv

// Columns 0, 1 of both rows come first, then 2, 3.

// CHECK: memref.global "private" constant @packed : memref<2048xi32, "flash">
// CHECK: memref.global "private" constant @shared : memref<2x1024xi32, "flash">
// CHECK: memref.global "private" constant @uneven : memref<2x1024xi32, "flash">
memref.global "private" constant @packed : memref<2x1024xi32, "flash"> = dense<1>
memref.global "private" constant @shared : memref<2x1024xi32, "flash"> = dense<2>
memref.global "private" constant @uneven : memref<2x1024xi32, "flash"> = dense<3>

// CHECK-LABEL: @run
func.func @run(%x: memref<2xi32, "ram">, %y: memref<1024xi32, "ram">) {
  // CHECK: memref.get_global @packed : memref<2048xi32, "flash">
  %a = memref.get_global @packed : memref<2x1024xi32, "flash">
  func.call @columns(%x, %a, %y) : (memref<2xi32, "ram">, memref<2x1024xi32, "flash">, memref<1024xi32, "ram">) -> ()
  %b = memref.get_global @shared : memref<2x1024xi32, "flash">
  func.call @negative_shared(%x, %b, %y) : (memref<2xi32, "ram">, memref<2x1024xi32, "flash">, memref<1024xi32, "ram">) -> ()
  func.call @negative_shared(%x, %b, %y) : (memref<2xi32, "ram">, memref<2x1024xi32, "flash">, memref<1024xi32, "ram">) -> ()
  %c = memref.get_global @uneven : memref<2x1024xi32, "flash">
  func.call @negative_uneven(%x, %c, %y) : (memref<2xi32, "ram">, memref<2x1024xi32, "flash">, memref<1024xi32, "ram">) -> ()
  func.return
}

// CHECK: @columns({{.*}} memref<2048xi32, "flash">
// CHECK: affine_map<(d0, d1) -> (((((d0 floordiv 2) * 4) + (d1 * 2)) + (d0 mod 2)))>
func.func private @columns(%x: memref<2xi32, "ram">, %w: memref<2x1024xi32, "flash">, %y: memref<1024xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<2xi32, "ram">, memref<2x1024xi32, "flash">) outs(%y : memref<1024xi32, "ram">) attrs = {deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: 2, 2>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// Two calls read it.

// CHECK: @negative_shared({{.*}} memref<2x1024xi32, "flash">
func.func private @negative_shared(%x: memref<2xi32, "ram">, %w: memref<2x1024xi32, "flash">, %y: memref<1024xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<2xi32, "ram">, memref<2x1024xi32, "flash">) outs(%y : memref<1024xi32, "ram">) attrs = {deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: 2, 2>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}

// The last block is smaller.

// CHECK: @negative_uneven({{.*}} memref<2x1024xi32, "flash">
func.func private @negative_uneven(%x: memref<2xi32, "ram">, %w: memref<2x1024xi32, "flash">, %y: memref<1024xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<2xi32, "ram">, memref<2x1024xi32, "flash">) outs(%y : memref<1024xi32, "ram">) attrs = {deploy.blocks = {order = array<i64: 0, 1>, sizes = array<i64: 3, 2>}} {
  ^bb0(%e: i32, %f: i32, %o: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }
  func.return
}
