// RUN: deployopt %s -p linalg-apply-plan --no-debuginfo | filecheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>

builtin.module attributes {deploy.plan = {
  residents = ["image"],
  kernels = [
    {nodes = ["first"], loops = array<i64: 8, 4>, chain = 2 : i64, cost = {bytes = {"L2->L1" = 64 : i64}}},
    {nodes = ["second"], chain = 2 : i64, level = "L2", tile = array<i64: 2, 0>, order = array<i64: 0>},
    {nodes = ["third"], tile = array<i64: 4, 0>},
    {nodes = ["fourth"]}
  ]
}} {

// What stands on a kernel already stays; what the plan does not name is not decided.

// CHECK-LABEL: @kernels
// CHECK-SAME: {deploy.name = "image", deploy.resident}
func.func @kernels(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: deploy.kernel
  // CHECK-SAME: attributes {deploy.chain = 2 : i64, deploy.cost = {bytes = {"L2->L1" = 64 : i64}}}
  // CHECK: linalg.generic
  // CHECK-NOT: deploy.tile
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  // CHECK: deploy.kernel
  // CHECK-SAME: attributes {deploy.chain = 2 : i64, deploy.level = "L2"}
  // CHECK: linalg.generic {{.*}} attrs = {deploy.tile = array<i64: 2, 0>, deploy.order = array<i64: 0>}
  %b = deploy.kernel(%a : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("second")
  // CHECK: linalg.generic {{.*}} attrs = {deploy.tile = array<i64: 0, 2>}
  %c = deploy.kernel(%b : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) attrs = {deploy.tile = array<i64: 0, 2>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("third")
  // CHECK-NOT: attributes
  // CHECK-NOT: deploy.tile
  %d = deploy.kernel(%c : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("fourth")
  func.return %d : tensor<8x4xf32>
}
}
