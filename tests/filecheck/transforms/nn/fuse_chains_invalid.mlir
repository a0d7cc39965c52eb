// RUN: deployopt %s --split-input-file --verify-diagnostics -p 'nn-fuse-chains{chains="nn.neg+nn.abs+nn.relu"}' | filecheck %s

// CHECK: nn.neg+nn.abs+nn.relu cannot be computed together: nn.neg+nn.abs must be read by nn.relu, got func.return
func.func @ends(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %b = nn.abs(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  func.return %b : tensor<4xf32>
}

// -----

// CHECK: nn.neg+nn.abs+nn.relu cannot be computed together: nn.abs is read by 2: func.return, nn.relu
func.func @given_away(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %b = nn.abs(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  %c = nn.relu(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("c")
  func.return %b, %c : tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK: must have a node's name as its location, to be fused by name
func.func @nameless(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = nn.abs(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %c = nn.relu(%b) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}
