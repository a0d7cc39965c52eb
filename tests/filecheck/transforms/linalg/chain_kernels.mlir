// RUN: deployopt %s --split-input-file -p linalg-chain-kernels --machine scratchpad-64k --no-debuginfo | filecheck %s
// RUN: deployopt %s --split-input-file -p linalg-chain-kernels --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

// What has to be brought near decides how a chain is cut. Where nothing has to, a quarter
// of 64 bytes may be between the kernels: four elements.

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: @two
// CHECK: attributes {deploy.chain = 0 : i64}
// CHECK-NOT: deploy.tile
// CHECK: attributes {deploy.chain = 0 : i64}
// CHECK-NOT: deploy.tile
// FLAT-LABEL: @two
// FLAT: attributes {deploy.chain = 0 : i64}
// FLAT-NOT: deploy.tile
// FLAT: attributes {deploy.chain = 0 : i64}
// FLAT: deploy.tile = array<i64: 4>
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @two(%x: tensor<16xf32>) -> tensor<16xf32> {
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

// What only moves elements stays out at either end, as long as nodes have other kernels.

// CHECK-LABEL: @copies
// CHECK: deploy.kernel
// CHECK-NOT: deploy.chain
// CHECK: linalg.yield %{{.*}} : f32
// CHECK: attributes {deploy.chain = 1 : i64}
// CHECK: attributes {deploy.chain = 1 : i64}
// CHECK: deploy.kernel
// CHECK-NOT: deploy.chain
// CHECK: func.return
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @copies(%x: tensor<16xf32>) -> tensor<16xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %c = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          linalg.yield %p : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("a")
    %a = deploy.kernel(%c : tensor<16xf32>) outs(%e : tensor<16xf32>) {
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
    %d = deploy.kernel(%b : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          linalg.yield %p : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("b")
    func.return %d : tensor<16xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// The copy is all that node "a" is: it belongs to the chain.

// CHECK-LABEL: @copy_of_its_own
// CHECK: attributes {deploy.chain = 0 : i64}
// CHECK: attributes {deploy.chain = 0 : i64}
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @copy_of_its_own(%x: tensor<16xf32>) -> tensor<16xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          linalg.yield %p : f32
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

// What stands between is moved: before, or behind where it reads the chain.

// CHECK-LABEL: @apart
// CHECK: arith.mulf
// CHECK: attributes {deploy.chain = 1 : i64}
// CHECK: arith.addf
// CHECK: attributes {deploy.chain = 1 : i64}
// CHECK: arith.addf
// CHECK-NOT: deploy.chain
// CHECK: func.return
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @apart(%x: tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>) {
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
    %u = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.mulf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("u")
    %b = deploy.kernel(%a : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc("b")
    func.return %u, %b : tensor<16xf32>, tensor<16xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// One kernel does both already.

// CHECK-LABEL: @negative_one_kernel
// CHECK-NOT: deploy.chain
builtin.module attributes {deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @negative_one_kernel(%x: tensor<16xf32>) -> tensor<16xf32> {
    %e = tensor.empty() : tensor<16xf32>
    %a = deploy.kernel(%x : tensor<16xf32>) outs(%e : tensor<16xf32>) {
    ^bb0(%k: tensor<16xf32>, %ko: tensor<16xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k : tensor<16xf32>) outs(%ko : tensor<16xf32>) {
      ^bb0(%p: f32, %o: f32):
          %s = arith.addf %p, %p : f32
          linalg.yield %s : f32
      } -> tensor<16xf32>
      deploy.yield %r : tensor<16xf32>
    } loc(fused["a", "b"])
    func.return %a : tensor<16xf32>
  }
}

// -----

#id = affine_map<(d0) -> (d0)>

// A plan decides: it keeps both together.

// CHECK-LABEL: @negative_plan
// CHECK-NOT: deploy.chain
builtin.module attributes {deploy.plan = {residents = [], kernels = [{nodes = ["a"], chain = 3 : i64}, {nodes = ["b"], chain = 3 : i64}]}, deploy.fused = [{chain = "nn.a+nn.b", nodes = ["a", "b"]}]} {
  func.func @negative_plan(%x: tensor<16xf32>) -> tensor<16xf32> {
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
