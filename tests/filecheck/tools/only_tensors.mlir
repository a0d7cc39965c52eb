// RUN: deployopt %s --machine rv64gc -p vectorize -t c | filecheck %s

// A function of tensors without an operation still wants a place for them.

// CHECK: int model_run(const float *x, float *output)
func.func @run(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
