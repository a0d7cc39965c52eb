// RUN: deployopt %s -p 'linalg-choose-tiles{near_bytes=16}' --machine scratchpad-64k --split-input-file --verify-diagnostics --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>

// One element in and one out take 16 bytes each.

// CHECK: memory level 'L1' of 65536 bytes must have 32 free, got 16; a size of 65552 bytes would do
func.func @none(%x: tensor<8xf32>) -> tensor<8xf32> {
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

// -----

#id = affine_map<(d0) -> (d0)>

// Of a chain that somebody has decided, all that lives at once is counted.

// CHECK: memory level 'L1' of 65536 bytes must have 32 free, got 16; a size of 65552 bytes would do
func.func @decided(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %y = deploy.kernel(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  %z = deploy.kernel(%y : tensor<8xf32>) outs(%e : tensor<8xf32>) attributes {deploy.chain = 0 : i64} {
  ^bb0(%kx: tensor<8xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<8xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.addf %p, %p : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  }
  func.return %z : tensor<8xf32>
}
