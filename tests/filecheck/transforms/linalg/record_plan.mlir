// RUN: deployopt %s -p linalg-record-plan --no-debuginfo | filecheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>

// Known buffers stay.

builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 4 : i64, offset = 16 : i64}]}} {
// CHECK: builtin.module attributes {deploy.plan = {residents = ["image"], kernels = [
// CHECK-SAME: {nodes = ["first"], loops = array<i64: 8, 4>, chain = 2 : i64, cost = {bytes = {"L2->L1" = 64 : i64}}},
// CHECK-SAME: {nodes = ["second"], loops = array<i64: 8, 4>, chain = 2 : i64, level = "L2", tile = array<i64: 2, 0>, order = array<i64: 0>},
// CHECK-SAME: {nodes = ["third"], loops = array<i64: 8, 4>}
// CHECK-SAME: ], buffers = [{label = "a", level = "ram", size = 4 : i64, offset = 16 : i64}]}}
func.func @kernels(%x: tensor<8x4xf32> {deploy.name = "image", deploy.resident}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) attributes {deploy.chain = 2 : i64, deploy.cost = {bytes = {"L2->L1" = 64 : i64}}} {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  %b = deploy.kernel(%a : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) attributes {deploy.chain = 2 : i64, deploy.level = "L2"} {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) attrs = {deploy.tile = array<i64: 2, 0>, deploy.order = array<i64: 0>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("second")
  %c = deploy.kernel(%b : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("third")
  func.return %c : tensor<8x4xf32>
}
}
