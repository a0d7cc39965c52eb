// RUN: deployopt %s -p 'nn-set-io-layout{layouts=nhwc,"c=nwc","kept=nchw"}' | filecheck %s

// The caller's order is turned into the model's in front, and back in the end.

// CHECK-LABEL: @turns
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x3xf32> {deploy.name = "x", deploy.io_layout = "nhwc",
// CHECK-SAME: deploy.as_written = {layout = "nchw"}})
// CHECK-SAME: -> (tensor<1x4x5x3xf32> {deploy.name = "y", deploy.io_layout = "nhwc",
func.func @turns(%x: tensor<1x3x4x5xf32> {deploy.name = "x"})
    -> (tensor<1x3x4x5xf32> {deploy.name = "y"}) {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose(%[[X]]) {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK-SAME: loc("first")
  // CHECK-NEXT: %[[R:.*]] = nn.relu(%[[T]])
  // CHECK-NEXT: %[[B:.*]] = nn.transpose(%[[R]]) {permutation = array<i64: 0, 2, 3, 1>}
  // CHECK-SAME: loc("first")
  // CHECK-NEXT: func.return %[[B]] : tensor<1x4x5x3xf32>
  %r = nn.relu(%x) : (tensor<1x3x4x5xf32>) -> tensor<1x3x4x5xf32> loc("first")
  func.return %r : tensor<1x3x4x5xf32>
}

// A word for one tensor goes before a word for all; another rank has its own words.

// CHECK-LABEL: @named
// CHECK-SAME: (%{{.*}}: tensor<1x2x4x4xf32> {deploy.name = "kept", deploy.io_layout = "nchw"},
// CHECK-SAME: %{{.*}}: tensor<1x7x2xf32> {deploy.name = "c", deploy.io_layout = "nwc"
func.func @named(%a: tensor<1x2x4x4xf32> {deploy.name = "kept"},
                 %b: tensor<1x2x7xf32> {deploy.name = "c"})
    -> (tensor<1x2x4x4xf32> {deploy.name = "a"}, tensor<1x2x7xf32> {deploy.name = "b"}) {
  %r = nn.relu(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %s = nn.relu(%b) : (tensor<1x2x7xf32>) -> tensor<1x2x7xf32>
  func.return %r, %s : tensor<1x2x4x4xf32>, tensor<1x2x7xf32>
}

// The model has its channels last outside and turns them itself.

// CHECK-LABEL: @negative_is_last_already
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x3xf32> {deploy.name = "x", deploy.io_layout = "nhwc"})
// CHECK-SAME: -> (tensor<1x4x5x3xf32> {deploy.name = "y", deploy.io_layout = "nhwc"})
func.func @negative_is_last_already(%x: tensor<1x4x5x3xf32> {deploy.name = "x"})
    -> (tensor<1x4x5x3xf32> {deploy.name = "y"}) {
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: %[[B:.*]] = nn.transpose
  // CHECK-NEXT: func.return %[[B]]
  %t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %b = nn.transpose(%t) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32>
  func.return %b : tensor<1x4x5x3xf32>
}

// Nobody reads it: there is nothing to turn.

// CHECK-LABEL: @unread
// CHECK-SAME: (%{{.*}}: tensor<1x4x5x3xf32> {deploy.name = "x"
func.func @unread(%x: tensor<1x3x4x5xf32> {deploy.name = "x"}) {
  // CHECK-NEXT: func.return
  func.return
}

// CHECK-LABEL: @negative_other_rank
// CHECK-SAME: (%{{.*}}: tensor<4x3xf32> {deploy.name = "x"})
func.func @negative_other_rank(%x: tensor<4x3xf32> {deploy.name = "x"}) {
  func.return
}
