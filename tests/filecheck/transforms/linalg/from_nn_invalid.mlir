// RUN: deployopt %s -p linalg-from-nn --verify-diagnostics --split-input-file | filecheck %s

// CHECK: nn.relu must have become nn.elementwise before it is lowered
func.func @named_elementwise(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}
