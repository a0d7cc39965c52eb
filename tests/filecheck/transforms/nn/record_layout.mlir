// RUN: deployopt %s -p nn-record-layout --split-input-file | filecheck %s
// RUN: deployopt %s -p nn-choose-layout,nn-channels-last,nn-sink-transposes,nn-record-layout --split-input-file | filecheck %s --check-prefix=WHOLE

// CHECK: deploy.layouts = {transposes = [{nodes = ["turn"], bytes = 24 : i64}]}
// CHECK-LABEL: @left
func.func @left(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %t = nn.transpose(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("turn")
  func.return %t : tensor<3x2xf32>
}

// -----

// CHECK-NOT: deploy.layouts
// CHECK-LABEL: @negative_nothing_left
func.func @negative_nothing_left(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %t = nn.relu(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %t : tensor<2x3xf32>
}

// -----

// What goes in is transposed, what comes out is a reshape: one element is all a channel has.

// WHOLE: transposes = [{nodes = ["pool"], bytes = 128 : i64}]
// WHOLE-LABEL: @border
func.func @border(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32> {
  // WHOLE: nn.transpose(%x)
  // WHOLE-NEXT: nn.pool
  // WHOLE-NEXT: nn.reshape
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 4, 4>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, deploy.layout = "channels last"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32> loc("pool")
  func.return %y : tensor<1x2x1x1xf32>
}
