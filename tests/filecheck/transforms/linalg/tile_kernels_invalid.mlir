// RUN: deployopt %s -p linalg-tile-kernels --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: deploy.tile must have 1 sizes >= 0, got [2, 2]
func.func @too_many(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 2, 2>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: a tile must write all of one slice, and divide no loop
func.func @divided(%x: tensor<4xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 floordiv 2)>, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 4>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: deploy.order must name the cut loops [0], got [1]
func.func @order(%x: tensor<8xf32>, %e: tensor<8xf32>) -> tensor<8xf32> {
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.order = array<i64: 1>, deploy.tile = array<i64: 4>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: result of an inner kernel must be read in its chain only
func.func @chain(%x: tensor<8xf32>, %e: tensor<8xf32>, %d: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  %z = deploy.kernel(%y : tensor<8xf32>) outs(%d : tensor<8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) attrs = {deploy.tile = array<i64: 4>} {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %y, %z : tensor<8xf32>, tensor<8xf32>
}
