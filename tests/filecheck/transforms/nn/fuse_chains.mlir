// RUN: deployopt %s --split-input-file -p 'nn-fuse-chains{chains="nn.neg+nn.relu","nn.abs+nn.relu"}' | filecheck %s

// Two places, and a chain of which there is one.

// CHECK: deploy.fused = [{chain = "nn.neg+nn.relu", nodes = ["a", "b"]}, {chain = "nn.neg+nn.relu", nodes = ["e", "f"]}, {chain = "nn.abs+nn.relu", nodes = ["c", "d"]}]
func.func @places(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %b = nn.relu(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  %c = nn.abs(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("c")
  %d = nn.relu(%c) : (tensor<4xf32>) -> tensor<4xf32> loc("d")
  %e = nn.neg(%d) : (tensor<4xf32>) -> tensor<4xf32> loc("e")
  %f = nn.relu(%e) : (tensor<4xf32>) -> tensor<4xf32> loc("f")
  func.return %f : tensor<4xf32>
}

// -----

// Somebody else reads what is between; a node is of another place already.

// CHECK: deploy.fused = [{chain = "nn.neg+nn.relu", nodes = ["a"], left = "nn.neg is read by 2: nn.abs, nn.relu"}, {chain = "nn.neg+nn.relu", nodes = ["d", "e"]}, {chain = "nn.abs+nn.relu", nodes = ["c", "e"], left = "e is in nn.neg+nn.relu already"}, {chain = "nn.abs+nn.relu", nodes = ["g", "h"]}]
func.func @negative_left(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %b = nn.relu(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  %c = nn.abs(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("c")
  %c2 = nn.relu(%c) : (tensor<4xf32>) -> tensor<4xf32> loc("e")
  %d = nn.neg(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("d")
  %e = nn.relu(%d) : (tensor<4xf32>) -> tensor<4xf32> loc("e")
  %g = nn.abs(%e) : (tensor<4xf32>) -> tensor<4xf32> loc("g")
  %h = nn.relu(%g) : (tensor<4xf32>) -> tensor<4xf32> loc("h")
  func.return %c2, %x, %h : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// What one node of the model became is one place, however often the chain is in it.

// CHECK: deploy.fused = [{chain = "nn.neg+nn.relu", nodes = ["a"]}, {chain = "nn.abs+nn.relu", nodes = ["b"]}]
func.func @one_node(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %b = nn.relu(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %c = nn.neg(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %d = nn.relu(%c) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
  %e = nn.abs(%d) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  %f = nn.relu(%e) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
  func.return %f : tensor<4xf32>
}

// -----

// What stands there already stays, and is not looked for again.

// CHECK: deploy.fused = [{chain = "nn.neg+nn.relu", nodes = ["mine"]}, {chain = "nn.abs+nn.relu", nodes = ["c", "d"]}]
builtin.module attributes {deploy.fused = [{chain = "nn.neg+nn.relu", nodes = ["mine"]}]} {
  func.func @by_hand(%x: tensor<4xf32>) -> tensor<4xf32> {
    %a = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("a")
    %b = nn.relu(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("b")
    %c = nn.abs(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("c")
    %d = nn.relu(%c) : (tensor<4xf32>) -> tensor<4xf32> loc("d")
    func.return %d : tensor<4xf32>
  }
}
