// RUN: deployopt %s -p memory-split-transfers --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-split-transfers | filecheck %s --check-prefix LOC

// No gaps on either side: 2 * 3 * 4 elements in one piece.

// CHECK-LABEL: @one_piece
// CHECK-SAME: [[S:%.+]]: memref<2x3x4xi8, strided<[12, 4, 1], offset: ?>, "L2">, [[D:%.+]]: memref<2x3x4xi8, "L1">
func.func @one_piece(%s: memref<2x3x4xi8, strided<[12, 4, 1], offset: ?>, "L2">, %d: memref<2x3x4xi8, "L1">) {
  // CHECK-NEXT: [[S1:%.+]] = memref.collapse_shape [[S]] {{.*}} into memref<24xi8, strided<[1], offset: ?>, "L2">
  // CHECK-NEXT: [[D1:%.+]] = memref.collapse_shape [[D]] {{.*}} into memref<24xi8, "L1">
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[S1]], [[D1]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  // LOC: deploy.dma_start {{.*}} loc("conv")
  %t = deploy.dma_start %s, %d : memref<2x3x4xi8, strided<[12, 4, 1], offset: ?>, "L2">, memref<2x3x4xi8, "L1"> loc("conv")
  deploy.dma_wait %t
  func.return
}

// A gap behind every 3 * 4 elements: two rows of 12. The dimension of length one is in
// nobody's way.

// CHECK-LABEL: @rows
func.func @rows(%s: memref<2x1x3x4xi8, strided<[60, 7, 4, 1], offset: 8>, "L2">, %d: memref<2x1x3x4xi8, "L1">) {
  // CHECK-NEXT: memref.collapse_shape {{.*}} into memref<2x12xi8, strided<[60, 1], offset: 8>, "L2">
  // CHECK-NEXT: memref.collapse_shape {{.*}} into memref<2x12xi8, "L1">
  // CHECK-NEXT: deploy.dma_start
  // CHECK-NEXT: deploy.dma_wait
  %t = deploy.dma_start %s, %d : memref<2x1x3x4xi8, strided<[60, 7, 4, 1], offset: 8>, "L2">, memref<2x1x3x4xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// Gaps after 8 elements and after 4 rows, in the source: three transfers of 4 rows, of
// which the first comes before the loop. Together they make a whole buffer anew, which the
// first one says.

// CHECK-LABEL: @three_dimensions
// CHECK-SAME: [[S:%.+]]: memref<3x4x8xi8, strided<[96, 16, 1], offset: ?>, "L2">, [[D:%.+]]: memref<3x4x8xi8, "L1">
func.func @three_dimensions(%s: memref<3x4x8xi8, strided<[96, 16, 1], offset: ?>, "L2">, %d: memref<3x4x8xi8, "L1">) {
  // CHECK-NEXT: [[S0:%.+]] = memref.subview [[S]][0, 0, 0] [1, 4, 8] [1, 1, 1] : {{.*}} to memref<4x8xi8, strided<[16, 1], offset: ?>, "L2">
  // CHECK-NEXT: [[D0:%.+]] = memref.subview [[D]][0, 0, 0] [1, 4, 8] [1, 1, 1] : {{.*}} to memref<4x8xi8, "L1">
  // CHECK-NEXT: [[FIRST:%.+]] = deploy.dma_start [[S0]], [[D0]] {deploy.renews} :
  // CHECK-DAG: [[FROM:%.+]] = arith.constant 1 : index
  // CHECK-DAG: [[TO:%.+]] = arith.constant 3 : index
  // CHECK: [[ALL:%.+]] = scf.for [[I:%.+]] = [[FROM]] to [[TO]] step {{.*}} iter_args([[LAST:%.+]] = [[FIRST]]) -> (!deploy.token) {
  // CHECK-NEXT: [[SI:%.+]] = memref.subview [[S]][[[I]], 0, 0] [1, 4, 8]
  // CHECK-NEXT: [[DI:%.+]] = memref.subview [[D]][[[I]], 0, 0] [1, 4, 8] {{.*}} to memref<4x8xi8, strided<[8, 1], offset: ?>, "L1">
  // CHECK-NEXT: deploy.dma_wait [[LAST]]
  // CHECK-NEXT: [[NEXT:%.+]] = deploy.dma_start [[SI]], [[DI]] :
  // CHECK-NEXT: scf.yield [[NEXT]] : !deploy.token
  // CHECK-NEXT: {{^ *}$}}
  // CHECK-NEXT: deploy.dma_wait [[ALL]]
  %t = deploy.dma_start %s, %d : memref<3x4x8xi8, strided<[96, 16, 1], offset: ?>, "L2">, memref<3x4x8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// What goes into a part of a buffer leaves the rest of it as it was.

// CHECK-LABEL: @negative_part_of_a_buffer
func.func @negative_part_of_a_buffer(%s: memref<3x4x8xi8, "L1">, %d: memref<9x8x16xi8, "L2">) {
  // CHECK-NOT: deploy.renews
  // CHECK: func.return
  %p = memref.subview %d[0, 0, 0] [3, 4, 8] [1, 1, 1] : memref<9x8x16xi8, "L2"> to memref<3x4x8xi8, strided<[128, 16, 1]>, "L2">
  %t = deploy.dma_start %s, %p : memref<3x4x8xi8, "L1">, memref<3x4x8xi8, strided<[128, 16, 1]>, "L2">
  deploy.dma_wait %t
  func.return
}

// The longest dimension but the last gives the rows: 3 transfers of 40 rows, not 40 of 3.

// CHECK-LABEL: @longest_as_rows
func.func @longest_as_rows(%s: memref<40x3x8xi8, strided<[96, 16, 1]>, "L2">, %d: memref<40x3x8xi8, "L1">) {
  // CHECK: deploy.dma_start {{.*}} : memref<40x8xi8, strided<[96, 1]>, "L2">, memref<40x8xi8, strided<[24, 1]>, "L1">
  // CHECK: scf.for
  // CHECK: memref.subview %{{.*}}[0, %{{.*}}, 0] [40, 1, 8]
  %t = deploy.dma_start %s, %d : memref<40x3x8xi8, strided<[96, 16, 1]>, "L2">, memref<40x3x8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// Four dimensions: 2 * 3 transfers of 4 rows. One token goes through both loops.

// CHECK-LABEL: @four_dimensions
func.func @four_dimensions(%s: memref<2x3x4x8xi8, strided<[1000, 96, 16, 1]>, "L2">, %d: memref<2x3x4x8xi8, "L1">) {
  // CHECK: [[FIRST:%.+]] = deploy.dma_start
  // CHECK: [[ROW:%.+]] = scf.for {{.*}} iter_args([[A:%.+]] = [[FIRST]])
  // CHECK: deploy.dma_wait [[A]]
  // CHECK: deploy.dma_start
  // CHECK: [[ALL:%.+]] = scf.for {{.*}} iter_args([[B:%.+]] = [[ROW]])
  // CHECK: [[INNER:%.+]] = scf.for {{.*}} iter_args([[C:%.+]] = [[B]])
  // CHECK: deploy.dma_wait [[C]]
  // CHECK: [[NEXT:%.+]] = deploy.dma_start
  // CHECK: scf.yield [[NEXT]]
  // CHECK: scf.yield [[INNER]]
  // CHECK: deploy.dma_wait [[ALL]]
  %t = deploy.dma_start %s, %d : memref<2x3x4x8xi8, strided<[1000, 96, 16, 1]>, "L2">, memref<2x3x4x8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// Every second element, and a single one: rows of one.

// CHECK-LABEL: @single_elements
func.func @single_elements(%s: memref<5xi8, strided<[2]>, "L2">, %d: memref<5xi8, "L1">, %e: memref<i32, "L2">, %f: memref<i32, "L1">) {
  // CHECK: deploy.dma_start {{.*}} : memref<5x1xi8, strided<[2, 1]>, "L2">, memref<5x1xi8, "L1">
  // CHECK: deploy.dma_start {{.*}} : memref<1xi32, "L2">, memref<1xi32, "L1">
  %t = deploy.dma_start %s, %d : memref<5xi8, strided<[2]>, "L2">, memref<5xi8, "L1">
  deploy.dma_wait %t
  %u = deploy.dma_start %e, %f : memref<i32, "L2">, memref<i32, "L1">
  deploy.dma_wait %u
  func.return
}

// CHECK-LABEL: @negative_one_transfer_already
func.func @negative_one_transfer_already(%s: memref<8x4xi8, strided<[16, 1], offset: ?>, "L2">, %d: memref<8x4xi8, "L1">, %c: memref<8x1xi8, strided<[16, 1]>, "L2">, %e: memref<8x1xi8, "L1">) {
  // CHECK-NEXT: deploy.dma_start %s, %d
  // CHECK-NEXT: deploy.dma_wait
  // CHECK-NEXT: deploy.dma_start %c, %e
  // CHECK-NEXT: deploy.dma_wait
  %t = deploy.dma_start %s, %d : memref<8x4xi8, strided<[16, 1], offset: ?>, "L2">, memref<8x4xi8, "L1">
  deploy.dma_wait %t
  %u = deploy.dma_start %c, %e : memref<8x1xi8, strided<[16, 1]>, "L2">, memref<8x1xi8, "L1">
  deploy.dma_wait %u
  func.return
}
