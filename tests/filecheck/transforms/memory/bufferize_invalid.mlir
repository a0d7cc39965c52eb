// RUN: deployopt %s -p memory-bufferize --split-input-file --verify-diagnostics | filecheck %s

// CHECK: expected kernels, slices and reshapes on tensors only
func.func @no_kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = arith.constant 0.0 : f32
  %y = linalg.fill ins(%c : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
