// RUN: deployopt %s -p nn-generalize-elementwise --split-input-file --verify-diagnostics | filecheck %s

func.func @exponential_of_integers(%x: tensor<4xi8>) -> tensor<4xi8> {
  %y = nn.exp(%x) : (tensor<4xi8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// CHECK: 'nn.exp' is defined for floats, got i8
