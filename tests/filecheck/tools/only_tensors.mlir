// RUN: deployopt %s --machine rv64gc -p vectorize -t c 2>&1 | filecheck %s

// A function of tensors without an operation still wants a place for them.

// CHECK: remark: 'vectorize' needs 'lower' first
// CHECK: int model_run(const float *x, float *x_2)
func.func @run(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
