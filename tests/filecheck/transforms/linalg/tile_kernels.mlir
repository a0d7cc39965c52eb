// RUN: deployopt %s -p linalg-tile-kernels --no-debuginfo | filecheck %s

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// Stride 2, dilation 3, window of 2: four results need 3 * 2 + 3 + 1 = 10 elements, the
// two that remain 6, from element 2 * 8 on.

// CHECK-LABEL: @halo_and_remainder
func.func @halo_and_remainder(%x: tensor<22xf32>, %w: tensor<2xf32>, %e: tensor<10xf32>) -> tensor<10xf32> {
  // CHECK: [[Y:%.+]] = scf.for [[I:%\w+]] = {{%.+}} to {{%.+}} step {{%.+}} iter_args([[D:%.+]] = %e) -> (tensor<10xf32>) {
  // CHECK-NEXT: [[O:%.+]] = tensor.extract_slice [[D]][[[I]]] [4] [1] : tensor<10xf32> to tensor<4xf32>
  // CHECK: [[J:%.+]] = arith.muli [[I]], {{%.+}} : index
  // CHECK-NEXT: [[X:%.+]] = tensor.extract_slice %x[[[J]]] [10] [1] : tensor<22xf32> to tensor<10xf32>
  // CHECK-NEXT: [[K:%.+]] = deploy.kernel([[X]] : tensor<10xf32>, %w : tensor<2xf32>) outs([[O]] : tensor<4xf32>) {
  // CHECK: linalg.generic {{.*}}(d0, d1) -> (((d0 * 2) + (d1 * 3)))
  // CHECK-NOT: deploy.tile
  // CHECK: [[R:%.+]] = tensor.insert_slice [[K]] into [[D]][[[I]]] [4] [1]
  // CHECK-NEXT: scf.yield [[R]]
  // CHECK: [[O:%.+]] = tensor.extract_slice [[Y]][8] [2] [1]
  // CHECK-NEXT: [[X:%.+]] = tensor.extract_slice %x[16] [6] [1]
  // CHECK-NEXT: [[K:%.+]] = deploy.kernel([[X]] : tensor<6xf32>, %w : tensor<2xf32>) outs([[O]] : tensor<2xf32>) {
  // CHECK: [[Z:%.+]] = tensor.insert_slice [[K]] into [[Y]][8] [2] [1]
  // CHECK-NEXT: func.return [[Z]]
  %y = deploy.kernel(%x : tensor<22xf32>, %w : tensor<2xf32>) outs(%e : tensor<10xf32>) {
  ^bb0(%kx: tensor<22xf32>, %kw: tensor<2xf32>, %ko: tensor<10xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1 * 3)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%kx, %kw : tensor<22xf32>, tensor<2xf32>) outs(%ko : tensor<10xf32>) attrs = {deploy.tile = array<i64: 4, 0>} {
    ^bb0(%p: f32, %q: f32, %acc: f32):
      %m = arith.mulf %p, %q : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
    } -> tensor<10xf32>
    deploy.yield %r : tensor<10xf32>
  }
  func.return %y : tensor<10xf32>
}

// The operand is read from its end: element 7 - i, so the first tile begins at 4.

// CHECK-LABEL: @reversed
func.func @reversed(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: scf.for [[I:%\w+]] =
  // CHECK: [[M:%.+]] = arith.muli [[I]], {{%.+}} : index
  // CHECK: [[J:%.+]] = arith.addi [[M]], {{%.+}} : index
  // CHECK: tensor.extract_slice %x[[[J]]] [4] [1]
  // CHECK: linalg.generic {{.*}}(d0) -> (((d0 * -1) + 3))
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 * -1 + 7)>, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 4>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// Cutting the reduction makes the accumulator memory: filled before, finished behind.

// CHECK-LABEL: @reduction
func.func @reduction(%x: tensor<2x6xf32>, %e: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: [[A0:%.+]] = tensor.empty() : tensor<2xf32>
  // CHECK-NEXT: [[A1:%.+]] = deploy.kernel() outs([[A0]] : tensor<2xf32>) {
  // CHECK: linalg.fill
  // CHECK: [[A2:%.+]] = scf.for [[I:%\w+]] = {{%.+}} to {{%.+}} step {{%.+}} iter_args([[A:%.+]] = [[A1]]) -> (tensor<2xf32>) {
  // CHECK-NEXT: [[X:%.+]] = tensor.extract_slice %x[0, [[I]]] [2, 3] [1, 1]
  // CHECK-NEXT: [[K:%.+]] = deploy.kernel([[X]] : tensor<2x3xf32>) outs([[A]] : tensor<2xf32>) {
  // CHECK-NOT: linalg.fill
  // CHECK: scf.yield [[K]]
  // CHECK: [[Y:%.+]] = deploy.kernel([[A2]] : tensor<2xf32>) outs(%e : tensor<2xf32>) {
  // CHECK: arith.negf
  // CHECK: func.return [[Y]]
  %y = deploy.kernel(%x : tensor<2x6xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%kx: tensor<2x6xf32>, %ko: tensor<2xf32>):
    %c = arith.constant 0.0 : f32
    %i = tensor.empty() : tensor<2xf32>
    %f = linalg.fill ins(%c : f32) outs(%i : tensor<2xf32>) -> tensor<2xf32>
    %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%kx : tensor<2x6xf32>) outs(%f : tensor<2xf32>) attrs = {deploy.tile = array<i64: 0, 3>} {
    ^bb0(%p: f32, %acc: f32):
      %s = arith.addf %acc, %p : f32
      linalg.yield %s : f32
    } -> tensor<2xf32>
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<2xf32>) outs(%ko : tensor<2xf32>) {
    ^bb0(%p: f32, %o: f32):
      %n = arith.negf %p : f32
      linalg.yield %n : f32
    } -> tensor<2xf32>
    deploy.yield %r : tensor<2xf32>
  }
  func.return %y : tensor<2xf32>
}

// A body that asks where it is gets the tile's offset as an operand.

// CHECK-LABEL: @index_in_body
func.func @index_in_body(%e: tensor<8xi32>) -> tensor<8xi32> {
  // CHECK: scf.for [[I:%\w+]] =
  // CHECK: deploy.kernel([[I]] : index) outs({{%.+}} : tensor<4xi32>) {
  // CHECK-NEXT: ^bb0([[AT:%.+]]: index, {{%.+}}: tensor<4xi32>):
  // CHECK: [[L:%.+]] = linalg.index 0
  // CHECK-NEXT: arith.addi [[L]], [[AT]] : index
  %y = deploy.kernel() outs(%e : tensor<8xi32>) {
  ^bb0(%ko: tensor<8xi32>):
    %r = linalg.generic {indexing_maps = [#id1], iterator_types = ["parallel"]} outs(%ko : tensor<8xi32>) attrs = {deploy.tile = array<i64: 4>} {
    ^bb0(%o: i32):
      %i = linalg.index 0 : index
      %n = arith.index_cast %i : index to i32
      linalg.yield %n : i32
    } -> tensor<8xi32>
    deploy.yield %r : tensor<8xi32>
  }
  func.return %y : tensor<8xi32>
}

// Twice x, padded by one on both sides, summed in windows of three: a tile of 4 results
// takes 6 elements. The first and the last tile reach into the padding, the two between
// share a loop; twice x never exists whole.

// CHECK-LABEL: @chain_with_padding
func.func @chain_with_padding(%x: tensor<16xf32>, %e: tensor<16xf32>, %d: tensor<16xf32>) -> tensor<16xf32> {
  // CHECK: [[F:%.+]] = linalg.fill {{.*}} -> tensor<6xf32>
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[0] [5] [1]
  // CHECK: [[T:%.+]] = deploy.kernel([[X]] : tensor<5xf32>) outs({{%.+}} : tensor<5xf32>) {
  // CHECK: [[P:%.+]] = tensor.insert_slice [[T]] into [[F]][1] [5] [1] : tensor<5xf32> into tensor<6xf32>
  // CHECK-NEXT: deploy.kernel([[P]] : tensor<6xf32>) outs({{%.+}} : tensor<4xf32>) {
  // CHECK: [[C4:%.+]] = arith.constant 4 : index
  // CHECK: [[C12:%.+]] = arith.constant 12 : index
  // CHECK: scf.for [[I:%\w+]] = [[C4]] to [[C12]] step [[C4]]
  // CHECK-NOT: linalg.fill
  // CHECK: [[J:%.+]] = arith.addi [[I]], {{%.+}} : index
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[[[J]]] [6] [1]
  // CHECK: [[T:%.+]] = deploy.kernel([[X]] : tensor<6xf32>) outs({{%.+}} : tensor<6xf32>) {
  // CHECK: deploy.kernel([[T]] : tensor<6xf32>) outs({{%.+}} : tensor<4xf32>) {
  // CHECK: [[F:%.+]] = linalg.fill {{.*}} -> tensor<6xf32>
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[11] [5] [1]
  // CHECK: tensor.insert_slice {{%.+}} into [[F]][0] [5] [1] : tensor<5xf32> into tensor<6xf32>
  // CHECK-NOT: deploy.chain
  %t = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %t low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<16xf32> to tensor<18xf32>
  %y = deploy.kernel(%p : tensor<18xf32>) outs(%d : tensor<16xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kp: tensor<18xf32>, %ko: tensor<16xf32>):
    %w = tensor.empty() : tensor<3xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%kp, %w : tensor<18xf32>, tensor<3xf32>) outs(%ko : tensor<16xf32>) attrs = {deploy.tile = array<i64: 4, 0>} {
    ^bb0(%a: f32, %b: f32, %acc: f32):
      %s = arith.addf %acc, %a : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  func.return %y : tensor<16xf32>
}

// What the chain makes is read twice, once by a loop that is cut and once whole: each tile
// makes all of it, and one kernel takes a part.

// CHECK-LABEL: @chain_read_in_part_and_whole
func.func @chain_read_in_part_and_whole(%x: tensor<8xf32>, %e: tensor<8xf32>, %d: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK: scf.for [[I:%\w+]] =
  // CHECK: [[T:%.+]] = deploy.kernel(%x : tensor<8xf32>)
  // CHECK: [[P:%.+]] = tensor.extract_slice [[T]][[[I]]] [4] [1] : tensor<8xf32> to tensor<4xf32>
  // CHECK: deploy.kernel([[P]] : tensor<4xf32>, [[T]] : tensor<8xf32>) outs({{%.+}} : tensor<4x8xf32>)
  %t = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  %y = deploy.kernel(%t : tensor<8xf32>, %t : tensor<8xf32>) outs(%d : tensor<8x8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%ka: tensor<8xf32>, %kb: tensor<8xf32>, %ko: tensor<8x8xf32>):
    %r = linalg.generic {indexing_maps = [#row, affine_map<(d0, d1) -> (d1)>, #id2], iterator_types = ["parallel", "parallel"]} ins(%ka, %kb : tensor<8xf32>, tensor<8xf32>) outs(%ko : tensor<8x8xf32>) attrs = {deploy.tile = array<i64: 4, 0>} {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %s = arith.mulf %a, %b : f32
      linalg.yield %s : f32
    } -> tensor<8x8xf32>
    deploy.yield %r : tensor<8x8xf32>
  }
  func.return %y : tensor<8x8xf32>
}

// The second loop is outside: what only depends on it is sliced there.

// CHECK-LABEL: @order
func.func @order(%x: tensor<4xf32>, %w: tensor<6xf32>, %e: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // CHECK: scf.for [[J:%\w+]] =
  // CHECK: [[W:%.+]] = tensor.extract_slice %w[[[J]]] [3] [1]
  // CHECK: scf.for [[I:%\w+]] =
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[[[I]]] [2] [1]
  // CHECK: deploy.kernel([[X]] : tensor<2xf32>, [[W]] : tensor<3xf32>)
  %y = deploy.kernel(%x : tensor<4xf32>, %w : tensor<6xf32>) outs(%e : tensor<4x6xf32>) {
  ^bb0(%kx: tensor<4xf32>, %kw: tensor<6xf32>, %ko: tensor<4x6xf32>):
    %r = linalg.generic {indexing_maps = [#row, affine_map<(d0, d1) -> (d1)>, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx, %kw : tensor<4xf32>, tensor<6xf32>) outs(%ko : tensor<4x6xf32>) attrs = {deploy.order = array<i64: 1, 0>, deploy.tile = array<i64: 2, 3>} {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.mulf %a, %b : f32
      linalg.yield %m : f32
    } -> tensor<4x6xf32>
    deploy.yield %r : tensor<4x6xf32>
  }
  func.return %y : tensor<4x6xf32>
}

// CHECK-LABEL: @result_in_another_level
func.func @result_in_another_level(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: [[D:%.+]] = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: deploy.kernel(%x : tensor<4xf32>) outs([[D]] : tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) attributes {deploy.level = "L2"} {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @negative_whole
func.func @negative_whole(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK-NEXT: deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 9>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// A pad that its kernel has as a member leaves it again: each tile pads its own part. Of
// 4 elements with one on each side, a window of 3 makes 4; a tile of 2 needs 4 of the 6.

// CHECK-LABEL: @pad_of_a_kernel
func.func @pad_of_a_kernel(%x: tensor<4xi32>, %e: tensor<4xi32>) -> tensor<4xi32> {
  // CHECK: [[F:%.+]] = linalg.fill {{.*}} -> tensor<4xi32>
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[0] [3] [1]
  // CHECK-NEXT: [[P:%.+]] = tensor.insert_slice [[X]] into [[F]][1] [3] [1]
  // CHECK: deploy.kernel([[P]] : tensor<4xi32>, %w : tensor<3xi32>) outs({{.*}} : tensor<2xi32>) {
  // CHECK-NOT: tensor.pad
  // CHECK: [[X:%.+]] = tensor.extract_slice %x[1] [3] [1]
  // CHECK-NEXT: [[P:%.+]] = tensor.insert_slice [[X]] into {{.*}}[0] [3] [1]
  // CHECK: deploy.kernel([[P]] : tensor<4xi32>, %w : tensor<3xi32>) outs({{.*}} : tensor<2xi32>) {
  // CHECK-NOT: tensor.pad
  // CHECK: func.return
  %w = arith.constant dense<[1, 2, 3]> : tensor<3xi32>
  %y = deploy.kernel(%x : tensor<4xi32>, %w : tensor<3xi32>) outs(%e : tensor<4xi32>) {
  ^bb0(%kx: tensor<4xi32>, %kw: tensor<3xi32>, %ko: tensor<4xi32>):
    %zero = arith.constant 0 : i32
    %seven = arith.constant 7 : i32
    %f = linalg.fill ins(%zero : i32) outs(%ko : tensor<4xi32>) -> tensor<4xi32>
    %p = tensor.pad %kx low[1] high[1] {
    ^bb0(%i: index):
      tensor.yield %seven : i32
    } : tensor<4xi32> to tensor<6xi32>
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%p, %kw : tensor<6xi32>, tensor<3xi32>) outs(%f : tensor<4xi32>) attrs = {deploy.tile = array<i64: 2, 0>} {
    ^bb0(%a: i32, %b: i32, %acc: i32):
      %m = arith.muli %a, %b : i32
      %s = arith.addi %acc, %m : i32
      linalg.yield %s : i32
    } -> tensor<4xi32>
    deploy.yield %r : tensor<4xi32>
  }
  func.return %y : tensor<4xi32>
}

// A tensor that others begin with can be in another level as well, with what it holds.

// CHECK-LABEL: @tensor_in_another_level
func.func @tensor_in_another_level(%x: tensor<4xf32>, %e: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: [[E:%.+]] = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: [[F:%.+]] = tensor.insert_slice %x into [[E]]
  // CHECK-NEXT: [[C:%.+]] = bufferization.alloc_tensor() copy(%e) {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: deploy.kernel(%x : tensor<4xf32>) outs([[C]] : tensor<4xf32>) {
  %d = "tensor.empty"() {deploy.level = "L2"} : () -> tensor<4xf32>
  %f = tensor.insert_slice %x into %d[0] [4] [1] : tensor<4xf32> into tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) attributes {deploy.level = "L2"} {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %o : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %f, %y : tensor<4xf32>, tensor<4xf32>
}

// Two results that begin with the same empty tensor are not of the same tensor.

// CHECK-LABEL: @empty_for_two
func.func @empty_for_two(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: [[D:%.+]] = tensor.empty() : tensor<4xf32>
  // CHECK: [[D2:%.+]] = tensor.empty() : tensor<4xf32>
  // CHECK: scf.for {{.*}} iter_args({{%.+}} = [[D2]])
  // CHECK: deploy.kernel(%x : tensor<4xf32>) outs([[D]] : tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) attrs = {deploy.tile = array<i64: 2>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %z = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y, %z : tensor<4xf32>, tensor<4xf32>
}
