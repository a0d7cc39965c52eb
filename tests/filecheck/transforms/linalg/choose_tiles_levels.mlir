// RUN: deployopt %s -p 'linalg-choose-tiles{near_bytes=256}' --machine scratchpad-64k --no-debuginfo | filecheck %s
// RUN: deployopt %s -p 'linalg-choose-tiles' --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

// Kernels may touch L1 only, of which 256 bytes may be used. Inputs are in L3, behind L2.

// FLAT-NOT: deploy.cost

#id = affine_map<(d0) -> (d0)>
#rows = affine_map<(d0, d1, d2) -> (d0, d2)>
#columns = affine_map<(d0, d1, d2) -> (d2, d1)>
#sums = affine_map<(d0, d1, d2) -> (d0, d1)>

// 32 bytes of input and 32 of result fit as they are: each byte moves once.

// CHECK-LABEL: @whole
// CHECK-NOT: deploy.tile
// CHECK: deploy.cost = {bytes = {"L1->L2" = 32 : i64, "L2->L1" = 32 : i64, "L2->L3" = 32 : i64, "L3->L2" = 32 : i64}, lower_bound = 64 : i64, transfers = 2 : i64, runs = 1 : i64, near = 32 : i64
func.func @whole(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e8 = tensor.empty() : tensor<8xf32>
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e8 : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// 128 + 64 bytes of input and 128 of result do not fit. The result can stay near: rows
// by 4 are 64 + 64 + 128 bytes, and each byte still moves once.

// CHECK-LABEL: @rows
// CHECK-NOT: deploy.level
// CHECK: deploy.cost = {bytes = {"L1->L2" = 128 : i64, "L2->L1" = 192 : i64, {{.*}} lower_bound = 320 : i64, transfers = 4 : i64, runs = 2 : i64, near = 128 : i64
// CHECK: deploy.tile = array<i64: 4, 0, 0>
func.func @rows(%a: tensor<8x4xf32>, %b: tensor<4x4xf32>, %d: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %e = tensor.empty() : tensor<8x4xf32>
  %c = deploy.kernel(%a : tensor<8x4xf32>, %b : tensor<4x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%ka: tensor<8x4xf32>, %kb: tensor<4x4xf32>, %ko: tensor<8x4xf32>):
    %zero = arith.constant 0.0 : f32
    %f = linalg.fill ins(%zero : f32) outs(%ko : tensor<8x4xf32>) -> tensor<8x4xf32>
    %r = linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]} ins(%ka, %kb : tensor<8x4xf32>, tensor<4x4xf32>) outs(%f : tensor<8x4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %m = arith.mulf %p, %q : f32
      %s = arith.addf %m, %o : f32
      linalg.yield %s : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  }
  func.return %c : tensor<8x4xf32>
}

// Tensors of 384 bytes fit nowhere near. Together, 32 elements are 128 bytes of what is
// read and 128 of what is made; the tensor between the two never moves.

// CHECK-LABEL: @chain
// CHECK: deploy.kernel({{.*}} attributes {deploy.chain = 0 : i64} {
// CHECK: deploy.kernel({{.*}} attributes {deploy.chain = 0 : i64, deploy.level = "L2", deploy.cost = {bytes = {"L1->L2" = 384 : i64, "L2->L1" = 384 : i64, {{.*}} transfers = 6 : i64, runs = 6 : i64, near = 256 : i64
// CHECK: deploy.tile = array<i64: 32>
func.func @chain(%x: tensor<96xf32>) -> tensor<96xf32> {
  %e96 = tensor.empty() : tensor<96xf32>
  %a = deploy.kernel(%x : tensor<96xf32>) outs(%e96 : tensor<96xf32>) {
  ^bb0(%kx: tensor<96xf32>, %ko: tensor<96xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<96xf32>) outs(%ko : tensor<96xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<96xf32>
    deploy.yield %r : tensor<96xf32>
  }
  %y = deploy.kernel(%a : tensor<96xf32>) outs(%e96 : tensor<96xf32>) {
  ^bb0(%kx: tensor<96xf32>, %ko: tensor<96xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<96xf32>) outs(%ko : tensor<96xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.mulf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<96xf32>
    deploy.yield %r : tensor<96xf32>
  }
  func.return %y : tensor<96xf32>
}

// Brought once for both readers.

// CHECK-LABEL: @twice
// CHECK-SAME: deploy.resident
func.func @twice(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e8 = tensor.empty() : tensor<8xf32>
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e8 : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  %z = deploy.kernel(%x : tensor<8xf32>) outs(%e8 : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.mulf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y, %z : tensor<8xf32>, tensor<8xf32>
}

// Chosen by hand: the kernel is cut although it fits, and its result goes far. The input
// still comes at once, so that there is one transfer for it and four for the result.

// CHECK-LABEL: @kept
// CHECK: deploy.level = "L3", deploy.cost = {bytes = {"L1->L2" = 32 : i64, "L2->L1" = 32 : i64, {{.*}} transfers = 5 : i64, runs = 4 : i64, near = 16 : i64
// CHECK: deploy.tile = array<i64: 2>
func.func @kept(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e8 = tensor.empty() : tensor<8xf32>
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e8 : tensor<8xf32>) attributes {deploy.level = "L3"} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 2>} {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// A chain that somebody has decided is cut, although all of it fits as it is, and
// however long it is: two tensors of eight elements at a time.

// CHECK-LABEL: @decided
// CHECK-COUNT-7: attributes {deploy.chain = 7 : i64}
// CHECK: attributes {deploy.chain = 7 : i64, deploy.cost = {bytes = {{{.*}} transfers = 2 : i64, runs = 16 : i64
// CHECK: deploy.tile = array<i64: 8>
func.func @decided(%x: tensor<16xf32>) -> tensor<16xf32> {
  %e = tensor.empty() : tensor<16xf32>
  %k1 = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k2 = deploy.kernel(%k1 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k3 = deploy.kernel(%k2 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k4 = deploy.kernel(%k3 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k5 = deploy.kernel(%k4 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k6 = deploy.kernel(%k5 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k7 = deploy.kernel(%k6 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  %k8 = deploy.kernel(%k7 : tensor<16xf32>) outs(%e : tensor<16xf32>) attributes {deploy.chain = 7 : i64} {
  ^bb0(%kx: tensor<16xf32>, %ko: tensor<16xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    deploy.yield %r : tensor<16xf32>
  }
  func.return %k8 : tensor<16xf32>
}

// Somebody has tiled this one already.

// CHECK-LABEL: @negative_loops
// CHECK-NOT: deploy.cost
func.func @negative_loops(%x: tensor<128xf32>) -> tensor<128xf32> {
  %zero = arith.constant 0 : index
  %step = arith.constant 64 : index
  %end = arith.constant 128 : index
  %e = tensor.empty() : tensor<128xf32>
  %y = scf.for %i = %zero to %end step %step iter_args(%t = %e) -> (tensor<128xf32>) {
    scf.yield %t : tensor<128xf32>
  }
  %z = deploy.kernel(%x : tensor<128xf32>) outs(%y : tensor<128xf32>) {
  ^bb0(%kx: tensor<128xf32>, %ko: tensor<128xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<128xf32>) outs(%ko : tensor<128xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<128xf32>
    deploy.yield %r : tensor<128xf32>
  }
  func.return %z : tensor<128xf32>
}
