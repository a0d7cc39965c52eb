// RUN: deployopt %s -p 'linalg-choose-tiles{sizes=4,0}' --no-debuginfo | filecheck %s --check-prefixes CHECK,ALL
// RUN: deployopt %s -p 'linalg-choose-tiles{sizes=4,0 node="second"}' --no-debuginfo | filecheck %s --check-prefixes CHECK,NODE
// RUN: deployopt %s -p linalg-choose-tiles --no-debuginfo | filecheck %s --check-prefix NONE

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#half = affine_map<(d0, d1) -> (d0 floordiv 2, d1)>

// CHECK-LABEL: @kernels
// NONE-NOT: array<i64: 4, 0>
func.func @kernels(%x: tensor<8x3xf32>, %v: tensor<8xf32>, %h: tensor<4x3xf32>, %e: tensor<8x3xf32>, %e1: tensor<8xf32>) -> (tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8xf32>) {
  %a = deploy.kernel(%x : tensor<8x3xf32>) outs(%e : tensor<8x3xf32>) {
  ^bb0(%kx: tensor<8x3xf32>, %ko: tensor<8x3xf32>):
    // ALL: linalg.generic {{.*}} attrs = {deploy.tile = array<i64: 4, 0>}
    // NODE: linalg.generic {{.*}}) {
    %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x3xf32>) outs(%ko : tensor<8x3xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x3xf32> loc("first")
    deploy.yield %r : tensor<8x3xf32>
  }
  %b = deploy.kernel(%x : tensor<8x3xf32>) outs(%e : tensor<8x3xf32>) {
  ^bb0(%kx: tensor<8x3xf32>, %ko: tensor<8x3xf32>):
    // CHECK: linalg.generic {{.*}} attrs = {deploy.tile = array<i64: 4, 0>}
    %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x3xf32>) outs(%ko : tensor<8x3xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x3xf32> loc(fused["main", "second"])
    deploy.yield %r : tensor<8x3xf32>
  }
  %c = deploy.kernel(%x : tensor<8x3xf32>) outs(%e : tensor<8x3xf32>) {
  ^bb0(%kx: tensor<8x3xf32>, %ko: tensor<8x3xf32>):
    // chosen by hand
    // CHECK: linalg.generic {{.*}} attrs = {deploy.tile = array<i64: 0, 1>}
    %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x3xf32>) outs(%ko : tensor<8x3xf32>) attrs = {deploy.tile = array<i64: 0, 1>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x3xf32> loc("second")
    deploy.yield %r : tensor<8x3xf32>
  }
  %d = deploy.kernel(%h : tensor<4x3xf32>) outs(%e : tensor<8x3xf32>) {
  ^bb0(%kx: tensor<4x3xf32>, %ko: tensor<8x3xf32>):
    // a loop that is divided
    // CHECK: linalg.generic {{.*}}) {
    %r = linalg.generic {indexing_maps = [#half, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<4x3xf32>) outs(%ko : tensor<8x3xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x3xf32> loc("second")
    deploy.yield %r : tensor<8x3xf32>
  }
  %f = deploy.kernel(%v : tensor<8xf32>) outs(%e1 : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    // another number of loops
    // CHECK: linalg.generic {{.*}}) {
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32> loc("second")
    deploy.yield %r : tensor<8xf32>
  }
  func.return %a, %b, %c, %d, %f : tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8xf32>
}
