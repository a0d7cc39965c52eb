// RUN: deployopt %s --split-input-file --verify-diagnostics -p linalg-chain-kernels --machine rv64gc | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: nn.a+nn.b cannot be computed together: what it makes is read by func.return as well
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @given_away(%x: tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>) {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %b = deploy.kernel(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("b")
    func.return %a, %b : tensor<16xf32>, tensor<16xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: nn.a+nn.b cannot be computed together: a reshape stands between (tensor.expand_shape), which takes a whole tensor: a tile of it is no tile of what it reads
#square = affine_map<(d0, d1) -> (d0, d1)>
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @view(%x: tensor<16xf32>) -> tensor<4x4xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %v = tensor.expand_shape %a [[0 : i64, 1 : i64]] output_shape [4, 4] : tensor<16xf32> into tensor<4x4xf32> loc("s")
    %f = tensor.empty() : tensor<4x4xf32>
    %b = deploy.kernel(%v : tensor<4x4xf32>) outs(%f : tensor<4x4xf32>) {
    ^bb0(%k: tensor<4x4xf32>, %ko: tensor<4x4xf32>):
      %r = linalg.generic {indexing_maps = [#square, #square], iterator_types = ["parallel", "parallel"]} ins(%k : tensor<4x4xf32>) outs(%ko : tensor<4x4xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<4x4xf32>
      deploy.yield %r : tensor<4x4xf32>
    } loc("b")
    func.return %b : tensor<4x4xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>
#all = affine_map<(d0) -> ()>

// CHECK: nn.a+nn.b cannot be computed together: no tile of it takes one part of each tensor between
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @sum(%x: tensor<16xf32>) -> tensor<f32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %f = tensor.empty() : tensor<f32>
    %b = deploy.kernel(%a : tensor<16xf32>) outs(%f : tensor<f32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<f32>):
      %r = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<f32>) {
      ^bb0(%p: f32, %o: f32):
        %s = arith.addf %p, %o : f32
        linalg.yield %s : f32
      } -> tensor<f32>
      deploy.yield %r : tensor<f32>
    } loc("b")
    func.return %b : tensor<f32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: nn.a+nn.b cannot be computed together: the plan does not make a chain of it
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["a"]}, {nodes = ["b"]}]}, deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @plan(%x: tensor<16xf32>) -> tensor<16xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %b = deploy.kernel(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("b")
    func.return %b : tensor<16xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: nn.b+nn.c cannot be computed together: it is in another chain already
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}, {chain = "nn.b+nn.c", nodes = ["b", "c"]}]} {
  func.func @twice(%x: tensor<16xf32>) -> tensor<16xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %b = deploy.kernel(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("b")
    %c = deploy.kernel(%b : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("c")
    func.return %c : tensor<16xf32>
  }
}
