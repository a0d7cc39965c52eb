// RUN: deployopt %s -p vector-form-dots --machine rv64gcv --set isa=rv64gcv_zvqdotq --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-form-dots --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix PLAIN

// PLAIN-NOT: deploy.dot4

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#mn2 = affine_map<(m, n) -> (m, n)>

memref.global "private" constant @product_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @transposed_w : memref<8x16xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @padded_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_extent_w : memref<6x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_stride_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_depthwise_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @shared_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_offset_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_blocks_w : memref<16x8xi8, "flash"> = dense<1> {alignment = 4 : i64}
memref.global "private" constant @negative_float_w : memref<16x8xf32, "flash"> = dense<1.0> {alignment = 4 : i64}

func.func @run(%x: memref<5x16xi8, "ram">, %x6: memref<5x6xi8, "ram">, %x32: memref<5x32xi8, "ram">, %x168: memref<16x8xi8, "ram">, %xf: memref<5x16xf32, "ram">, %z: memref<8x16xi8, "ram">, %y: memref<5x8xi32, "ram">, %z6: memref<6x8xi32, "ram">, %y8: memref<8xi32, "ram">, %yf: memref<5x8xf32, "ram">) {
  %product = memref.get_global @product_w : memref<16x8xi8, "flash">
  func.call @product(%x, %product, %y) : (memref<5x16xi8, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %transposed = memref.get_global @transposed_w : memref<8x16xi8, "flash">
  func.call @transposed(%x, %transposed, %y) : (memref<5x16xi8, "ram">, memref<8x16xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  func.call @activations(%x, %z, %y) : (memref<5x16xi8, "ram">, memref<8x16xi8, "ram">, memref<5x8xi32, "ram">) -> ()
  %padded = memref.get_global @padded_w : memref<16x8xi8, "flash">
  func.call @padded(%x, %padded, %z6) : (memref<5x16xi8, "ram">, memref<16x8xi8, "flash">, memref<6x8xi32, "ram">) -> ()
  %negative_extent = memref.get_global @negative_extent_w : memref<6x8xi8, "flash">
  func.call @negative_extent(%x6, %negative_extent, %y) : (memref<5x6xi8, "ram">, memref<6x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %negative_stride = memref.get_global @negative_stride_w : memref<16x8xi8, "flash">
  func.call @negative_stride(%x32, %negative_stride, %y) : (memref<5x32xi8, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %negative_depthwise = memref.get_global @negative_depthwise_w : memref<16x8xi8, "flash">
  func.call @negative_depthwise(%x168, %negative_depthwise, %y8) : (memref<16x8xi8, "ram">, memref<16x8xi8, "flash">, memref<8xi32, "ram">) -> ()
  %shared = memref.get_global @shared_w : memref<16x8xi8, "flash">
  func.call @negative_shared(%x, %shared, %y) : (memref<5x16xi8, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  func.call @negative_shared(%x, %shared, %y) : (memref<5x16xi8, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %odd = memref.subview %x32[0, 2] [5, 16] [1, 1] : memref<5x32xi8, "ram"> to memref<5x16xi8, strided<[32, 1], offset: 2>, "ram">
  %cast = "memref.cast"(%odd) : (memref<5x16xi8, strided<[32, 1], offset: 2>, "ram">) -> memref<5x16xi8, strided<[32, 1], offset: ?>, "ram">
  %negative_offset = memref.get_global @negative_offset_w : memref<16x8xi8, "flash">
  func.call @negative_offset(%cast, %negative_offset, %y) : (memref<5x16xi8, strided<[32, 1], offset: ?>, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %negative_blocks = memref.get_global @negative_blocks_w : memref<16x8xi8, "flash">
  func.call @negative_blocks(%x, %negative_blocks, %y) : (memref<5x16xi8, "ram">, memref<16x8xi8, "flash">, memref<5x8xi32, "ram">) -> ()
  %floats = memref.get_global @negative_float_w : memref<16x8xf32, "flash">
  func.call @negative_float(%xf, %floats, %yf) : (memref<5x16xf32, "ram">, memref<16x8xf32, "flash">, memref<5x8xf32, "ram">) -> ()
  func.return
}

// Four rows of the weights stand together, column by column.

// CHECK: private @product(
// CHECK-SAME: memref<5x16xi8, "ram">, %{{.*}}: memref<4x32xi8, "flash">
// CHECK: %[[x:.*]] = deploy.words %{{.*}} : memref<5x16xi8, "ram"> to memref<5x4xi32, "ram">
// CHECK: %[[w:.*]] = deploy.words %{{.*}} : memref<4x32xi8, "flash"> to memref<4x8xi32, "flash">
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>,
// CHECK-SAME: ins(%[[x]], %[[w]] :
// CHECK-NEXT: ^bb0(%[[a:.*]]: i32, %[[b:.*]]: i32, %[[s:.*]]: i32):
// CHECK-NEXT:   %[[r:.*]] = deploy.dot4 %[[s]], %[[a]], %[[b]] : i32, i32
// CHECK-NEXT:   linalg.yield %[[r]] : i32
func.func private @product(%x: memref<5x16xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// So they do where the weights had the loop last: lanes will be neighbours.

// CHECK: private @transposed(
// CHECK-SAME: memref<5x16xi8, "ram">, %{{.*}}: memref<4x32xi8, "flash">
// CHECK: affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>
func.func private @transposed(%x: memref<5x16xi8, "ram">, %w: memref<8x16xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, "ram">, memref<8x16xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Both move from byte to byte: nothing has to be rearranged. One has no signs.

// CHECK: private @activations(
// CHECK: deploy.words %{{.*}} : memref<8x16xi8, "ram"> to memref<8x4xi32, "ram">
// CHECK: deploy.dot4 %{{.*}}, %{{.*}} unsigned, %{{.*}} : i32, i32
func.func private @activations(%x: memref<5x16xi8, "ram">, %w: memref<8x16xi8, "ram">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, "ram">, memref<8x16xi8, "ram">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extui %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// A padding is one of words as well.

// CHECK: private @padded(
// CHECK: %[[all:.*]] = deploy.registers : memref<6x4xi32, "register">
// CHECK: %[[word:.*]] = arith.constant -33686019 : i32
// CHECK: linalg.fill ins(%[[word]] : i32) outs(%[[all]] : memref<6x4xi32, "register">)
// CHECK: %[[part:.*]] = memref.subview %[[all]][1, 0] [5, 4] [1, 1]
// CHECK: %[[x:.*]] = deploy.words %{{.*}} : memref<5x16xi8, "ram"> to memref<5x4xi32, "ram">
// CHECK: ins(%[[x]] : {{.*}}) outs(%[[part]] :
// CHECK: ins(%[[all]], %{{.*}} : memref<6x4xi32, "register">, memref<4x8xi32, "flash">)
// CHECK-NOT: memref<6x16xi8, "register">
func.func private @padded(%x: memref<5x16xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<6x8xi32, "ram">) attributes {deploy.kernel} {
  %pad = arith.constant -3 : i8
  %all = deploy.registers : memref<6x16xi8, "register">
  linalg.fill ins(%pad : i8) outs(%all : memref<6x16xi8, "register">)
  %part = memref.subview %all[1, 0] [5, 16] [1, 1] : memref<6x16xi8, "register"> to memref<5x16xi8, strided<[16, 1], offset: 16>, "register">
  linalg.generic {indexing_maps = [#mn2, #mn2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<5x16xi8, "ram">) outs(%part : memref<5x16xi8, strided<[16, 1], offset: 16>, "register">) {
  ^bb0(%e: i8, %f: i8):
    linalg.yield %e : i8
  }
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%all, %w : memref<6x16xi8, "register">, memref<16x8xi8, "flash">) outs(%y : memref<6x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Six bytes are no whole words.

// CHECK: private @negative_extent(
// CHECK-NOT: deploy.dot4
func.func private @negative_extent(%x: memref<5x6xi8, "ram">, %w: memref<6x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x6xi8, "ram">, memref<6x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Every other byte is read.

// CHECK: private @negative_stride(
// CHECK-NOT: deploy.dot4
func.func private @negative_stride(%x: memref<5x32xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k * 2)>, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x32xi8, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Neighbours belong to different sums.

// CHECK: private @negative_depthwise(
// CHECK-NOT: deploy.dot4
func.func private @negative_depthwise(%x: memref<16x8xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>], iterator_types = ["parallel", "reduction"]} ins(%x, %w : memref<16x8xi8, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Two calls read the weights, which cannot be rearranged for one of them.

// CHECK: private @negative_shared(
// CHECK-NOT: deploy.dot4
func.func private @negative_shared(%x: memref<5x16xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// What is passed begins at the third byte of a word.

// CHECK: private @negative_offset(
// CHECK-NOT: deploy.dot4
func.func private @negative_offset(%x: memref<5x16xi8, strided<[32, 1], offset: ?>, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, strided<[32, 1], offset: ?>, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// Somebody has cut the loops as they are.

// CHECK: private @negative_blocks(
// CHECK-NOT: deploy.dot4
func.func private @negative_blocks(%x: memref<5x16xi8, "ram">, %w: memref<16x8xi8, "flash">, %y: memref<5x8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xi8, "ram">, memref<16x8xi8, "flash">) outs(%y : memref<5x8xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 8, 2>}} {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.extsi %a : i8 to i32
    %q = arith.extsi %b : i8 to i32
    %m = arith.muli %p, %q overflow<nsw> : i32
    %r = arith.addi %s, %m overflow<nsw> : i32
    linalg.yield %r : i32
  }
  func.return
}


// CHECK: private @negative_float(
// CHECK-NOT: deploy.dot4
func.func private @negative_float(%x: memref<5x16xf32, "ram">, %w: memref<16x8xf32, "flash">, %y: memref<5x8xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : memref<5x16xf32, "ram">, memref<16x8xf32, "flash">) outs(%y : memref<5x8xf32, "ram">) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %s, %m : f32
    linalg.yield %r : f32
  }
  func.return
}
