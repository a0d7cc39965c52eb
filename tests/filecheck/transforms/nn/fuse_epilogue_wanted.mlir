// RUN: deployopt %s --split-input-file -p nn-fuse-epilogue | filecheck %s

// Elements get wider, which nobody would do unasked.

// CHECK-LABEL: @wider
// CHECK: nn.pool(%x) {{{.*}}} epilogue {
// CHECK-NOT: nn.elementwise
// CHECK: -> tensor<1x1x2xf32>
builtin.module attributes {deploy.fused = [{chain = "nn.pool+nn.dequantize", nodes = ["pool", "real"]}]} {
  func.func @wider(%x: tensor<1x1x4xi8>) -> tensor<1x1x2xf32> {
    %p = nn.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xi8>) -> tensor<1x1x2xi8> loc("pool")
    %y = nn.elementwise(%p) do {
    ^bb0(%a: i8):
      %r = arith.sitofp %a : i8 to f32
      nn.yield %r : f32
    } : (tensor<1x1x2xi8>) -> tensor<1x1x2xf32> loc("real")
    func.return %y : tensor<1x1x2xf32>
  }
}

// -----

// The sum would be done by the later of its producers; the earlier one is asked for.

// CHECK-LABEL: @earlier
// CHECK: %l = nn.reduce(%x) {kind = "max", axes = array<i64: 1>} :
// CHECK-NEXT: nn.reduce(%x) with (%l) {kind = "sum", axes = array<i64: 1>} epilogue
builtin.module attributes {deploy.fused = [{chain = "nn.reduce+nn.add", nodes = ["early", "add"]}]} {
  func.func @earlier(%x: tensor<2x4xf32>) -> tensor<2x1xf32> {
    %s = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32> loc("early")
    %l = nn.reduce(%x) {kind = "max", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32> loc("late")
    %y = nn.elementwise(%s, %l) do {
    ^bb0(%p: f32, %q: f32):
      %r = arith.addf %p, %q : f32
      nn.yield %r : f32
    } : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32> loc("add")
    func.return %y : tensor<2x1xf32>
  }
}

// -----

// What stands in the way is written down: nothing is done.

// CHECK-LABEL: @negative_left
// CHECK: nn.pool(%x) {{{.*}}} :
// CHECK: nn.elementwise
builtin.module attributes {deploy.fused = [{chain = "nn.pool+nn.dequantize", nodes = ["pool", "real"], left = "no"}]} {
  func.func @negative_left(%x: tensor<1x1x4xi8>) -> tensor<1x1x2xf32> {
    %p = nn.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xi8>) -> tensor<1x1x2xi8> loc("pool")
    %y = nn.elementwise(%p) do {
    ^bb0(%a: i8):
      %r = arith.sitofp %a : i8 to f32
      nn.yield %r : f32
    } : (tensor<1x1x2xi8>) -> tensor<1x1x2xf32> loc("real")
    func.return %y : tensor<1x1x2xf32>
  }
}
