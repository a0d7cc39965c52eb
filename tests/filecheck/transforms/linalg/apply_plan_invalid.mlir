// RUN: deployopt %s -p linalg-apply-plan --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: plan must have 1 kernels, one for each of the module, got 2
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["first"]}, {nodes = ["second"]}]}} {
func.func @one(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: kernel must do the nodes ['second'] of the plan, got ['first']
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["second"]}]}} {
func.func @other_node(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: kernel must have the loops [8] of the plan, got [8, 4]
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["first"], loops = array<i64: 8>}]}} {
func.func @other_loops(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: tile in the plan must have 2 sizes of at most [8, 4], got [2, 5]
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["first"], tile = array<i64: 2, 5>}]}} {
func.func @large_tile(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: tile in the plan must have 2 sizes of at most [8, 4], got [2]
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["first"], tile = array<i64: 2>}]}} {
func.func @short_tile(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: reduction in the plan must have 0 sizes of at most [], got [2]
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["first"], reduction = array<i64: 2>}]}} {
func.func @reduction(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: residents in the plan must be inputs, got 'weights'
builtin.module attributes {deploy.plan = {residents = ["weights"], kernels = [{nodes = ["first"]}]}} {
func.func @resident(%x: tensor<8x4xf32> {deploy.name = "image"}, %e: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %a = deploy.kernel(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%kx: tensor<8x4xf32>, %ko: tensor<8x4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<8x4xf32>) outs(%ko : tensor<8x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<8x4xf32>
    deploy.yield %r : tensor<8x4xf32>
  } loc("first")
  func.return %a : tensor<8x4xf32>
}
}
