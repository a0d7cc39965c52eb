// RUN: deployopt %s -p linalg-expand-pads --split-input-file --verify-diagnostics | filecheck %s

// CHECK: padding must be a constant of static width
func.func @computed(%x: tensor<4xf32>, %c: f32) -> tensor<7xf32> {
  %y = tensor.pad %x low[1] high[2] {
  ^bb0(%i: index):
    tensor.yield %c : f32
  } : tensor<4xf32> to tensor<7xf32>
  func.return %y : tensor<7xf32>
}
