// RUN: deployopt %s -p memory-bufferize --machine scratchpad --split-input-file --verify-diagnostics | filecheck %s

// CHECK: expected kernels, slices and reshapes on tensors only
func.func @no_kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = arith.constant 0.0 : f32
  %y = linalg.fill ins(%c : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: kernel must work on memory levels that are open to kernels, got a tensor in L3
func.func @far_operand(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}

// -----

// CHECK: data must move between neighbouring memory levels, got L3 to L1
func.func @two_levels_at_once(%x: tensor<4xf32>) -> tensor<4xf32> {
  %x1 = bufferization.alloc_tensor() copy(%x) {memory_space = "L1"} : tensor<4xf32>
  func.return %x1 : tensor<4xf32>
}
