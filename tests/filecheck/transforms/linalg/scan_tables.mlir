// RUN: deployopt %s -p linalg-scan-tables --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-scan-tables --machine rv64gcv --no-debuginfo | filecheck %s --check-prefix PLAIN

// PLAIN-NOT: reduction
// PLAIN-COUNT-3: tensor.extract

#first = affine_map<(d0, d1) -> (d0, 0)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// Six rows of 4 KiB: each result looks at all rows.

// CHECK-LABEL: @rows
func.func @rows(%x: tensor<6x1024xf32>, %i: tensor<4x1xi32>, %d: tensor<4x1024xf32>) -> tensor<4x1024xf32> {
  // CHECK: [[N:%.+]] = arith.constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi32>
  // CHECK: [[F:%.+]] = linalg.fill
  // CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, 0)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%i, [[N]], %x : {{.*}}) outs([[F]] :
  // CHECK-NEXT: ([[P:%.+]]: i32, [[K:%.+]]: i32, [[E:%.+]]: f32, [[S:%.+]]: f32):
  // CHECK-NEXT: [[HIT:%.+]] = arith.cmpi eq, [[P]], [[K]] : i32
  // CHECK-NEXT: [[R:%.+]] = arith.select [[HIT]], [[E]], [[S]] : f32
  // CHECK-NEXT: linalg.yield [[R]]
  %y = linalg.generic {indexing_maps = [#first, #all], iterator_types = ["parallel", "parallel"]} ins(%i : tensor<4x1xi32>) outs(%d : tensor<4x1024xf32>) {
  ^bb0(%p: i32, %o: f32):
    %r = arith.index_cast %p : i32 to index
    %c = linalg.index 1 : index
    %e = tensor.extract %x[%r, %c] : tensor<6x1024xf32>
    linalg.yield %e : f32
  } -> tensor<4x1024xf32>
  func.return %y : tensor<4x1024xf32>
}

// Two indices are two loops, and both must be right.

// CHECK-LABEL: @points
func.func @points(%x: tensor<100x200xi8>, %i: tensor<4xi32>, %j: tensor<4xi32>, %d: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK: iterator_types = ["parallel", "reduction", "reduction"]
  // CHECK: arith.cmpi eq
  // CHECK-NEXT: arith.select
  // CHECK-NEXT: arith.cmpi eq
  // CHECK-NEXT: arith.select
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%i, %j : tensor<4xi32>, tensor<4xi32>) outs(%d : tensor<4xi8>) {
  ^bb0(%p: i32, %q: i32, %o: i8):
    %r = arith.index_cast %p : i32 to index
    %c = arith.index_cast %q : i32 to index
    %e = tensor.extract %x[%r, %c] : tensor<100x200xi8>
    linalg.yield %e : i8
  } -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// 16 KiB and less are brought whole.

// CHECK-LABEL: @negative_small
// CHECK-NOT: reduction
func.func @negative_small(%x: tensor<256x16xf32>, %i: tensor<4x1xi32>, %d: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %y = linalg.generic {indexing_maps = [#first, #all], iterator_types = ["parallel", "parallel"]} ins(%i : tensor<4x1xi32>) outs(%d : tensor<4x16xf32>) {
  ^bb0(%p: i32, %o: f32):
    %r = arith.index_cast %p : i32 to index
    %c = linalg.index 1 : index
    %e = tensor.extract %x[%r, %c] : tensor<256x16xf32>
    linalg.yield %e : f32
  } -> tensor<4x16xf32>
  func.return %y : tensor<4x16xf32>
}
