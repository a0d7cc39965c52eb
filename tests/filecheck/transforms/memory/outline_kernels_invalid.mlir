// RUN: deployopt %s -p memory-outline-kernels --split-input-file --verify-diagnostics | filecheck %s

// CHECK: kernel must work on memrefs, got tensors
func.func @on_tensors(%e: tensor<4xf32>) -> tensor<4xf32> {
  %y = deploy.kernel() outs(%e : tensor<4xf32>) {
  ^bb0(%o: tensor<4xf32>):
    deploy.yield %o : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}
