// RUN: deployopt %s -p 'nn-clean-reshapes,nn-fuse-chains{chains="nn.neg+nn.reshape+nn.add"}' | filecheck %s

// The reshape goes behind the sum, and the chain on; where it stands, it is one of them.

// CHECK: deploy.fused = [{chain = "nn.neg+nn.reshape+nn.add", nodes = ["a", "b"]}, {chain = "nn.neg+nn.reshape+nn.add", nodes = ["c", "r", "d"]}]
func.func @moved(%x: tensor<2x6xf32>, %y: tensor<2x2x3xf32>, %z: tensor<3xf32>) -> (tensor<2x2x3xf32>, tensor<2x2x3xf32>) {
  %a = nn.neg(%x) : (tensor<2x6xf32>) -> tensor<2x6xf32> loc("a")
  %q = nn.reshape(%a) : (tensor<2x6xf32>) -> tensor<2x2x3xf32> loc("q")
  %b = nn.add(%q, %y) : (tensor<2x2x3xf32>, tensor<2x2x3xf32>) -> tensor<2x2x3xf32> loc("b")
  %c = nn.neg(%x) : (tensor<2x6xf32>) -> tensor<2x6xf32> loc("c")
  %r = nn.reshape(%c) : (tensor<2x6xf32>) -> tensor<2x2x3xf32> loc("r")
  %d = nn.add(%r, %z) : (tensor<2x2x3xf32>, tensor<3xf32>) -> tensor<2x2x3xf32> loc("d")
  func.return %b, %d : tensor<2x2x3xf32>, tensor<2x2x3xf32>
}
