// RUN: xdsl-opt %s -p toy-to-linalg | filecheck %s
// RUN: xdsl-opt %s -p 'toy-to-linalg,linalg-generalize,linalg-choose-groups,linalg-form-kernels' | filecheck %s --check-prefix=KERNEL
// RUN: xdsl-opt %s -p 'toy-to-linalg,deploy-attach-machine{machine=scratchpad},deploy-run-phases{phases=tile}' | filecheck %s --check-prefix=TILE
// RUN: xdsl-opt %s -p 'toy-to-linalg,deploy-attach-machine{machine=rv64gcv},deploy-run-phases' -t deploy-c | filecheck %s --check-prefix=C

// Passes and targets of deployopt on a dialect that it has never seen.

// CHECK: linalg.matmul
// CHECK-NOT: toy.scaled_sum
// CHECK: linalg.generic
// KERNEL: deploy.kernel(%x : tensor<8x16xf32>, %w : tensor<16x32xf32>, %b : tensor<8x32xf32>)
// KERNEL-COUNT-2: linalg.generic
// KERNEL: deploy.yield
// TILE: bufferization.alloc_tensor() copy(%w) {memory_space = "L2"}
// TILE: memory_space = "L1"
// TILE: deploy.kernel
// C: DEPLOY_FMA(
// C: int model_run(const float *x, const float *w, const float *b, float *y) {
func.func @layer(%x: tensor<8x16xf32>, %w: tensor<16x32xf32>, %b: tensor<8x32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8x32xf32>) -> tensor<8x32xf32>
  %p = linalg.matmul ins(%x, %w : tensor<8x16xf32>, tensor<16x32xf32>) outs(%f : tensor<8x32xf32>) -> tensor<8x32xf32>
  %y = toy.scaled_sum 5.000000e-01 : f32, %p, %b : tensor<8x32xf32>
  func.return %y : tensor<8x32xf32>
}
