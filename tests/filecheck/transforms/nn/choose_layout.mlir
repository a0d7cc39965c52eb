// RUN: deployopt %s -p nn-choose-layout --split-input-file | filecheck %s

// A window of 2x2 with a stride of two picks 16 numbers from twice as many, for a comparison and a choice each, and narrows them by two vectors more, in one of four lanes; transposes would move 16 and 4, twice each.

// CHECK: groups = [{nodes = ["pool"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 384 : i64, idle = 192 : i64}, runner_up = {layout = "channels last", transposed = 160 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 64 : i64}}]
// CHECK-LABEL: @alone
func.func @alone(%x: tensor<1x2x4x2xf32>) -> tensor<1x2x2x1xf32> {
  // CHECK-NEXT: nn.pool(%x) {{.*}}deploy.layout = "as written"}
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x2xf32>) -> tensor<1x2x2x1xf32> loc("pool")
  func.return %y : tensor<1x2x2x1xf32>
}

// -----

// Each of 64 results reads four inputs at nine places: 9216 bytes, loaded for two filters at once. Of a padding each of
// 576 bytes takes as long as twelve loads, which is less than half of 4608 bytes at the ends of rows, one by one.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 576 : i64, cost = {transposed = 1024 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 11520 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @products
func.func @products(%x: tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: nn.conv(%x, %{{.*}}) {{.*}}deploy.layout = "channels last"}
  %w = nn.constant dense<1.0> : tensor<4x4x3x3xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// A window of one place reads rows as they are, and so does one of a channel alone, for each of its places.

// CHECK: groups = [{nodes = ["wide", "deep"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 2304 : i64, idle = 0 : i64}, runner_up = {layout = "channels last", transposed = 896 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @in_rows
func.func @in_rows(%x: tensor<1x2x4x6xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK-COUNT-2: deploy.layout = "as written"
  %w = nn.constant dense<1.0> : tensor<4x2x1x1xf32>
  %v = nn.constant dense<1.0> : tensor<4x1x3x3xf32>
  %a = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x6xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x4x6xf32> loc("wide")
  %y = nn.conv(%a, %v) {strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64} : (tensor<1x4x4x6xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x4x4xf32> loc("deep")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// With a stride of two 576 bytes are picked from twice as much, and narrowed by as much again; two of four lanes are idle for them and for the ends of 16 sums, four products each, and half of the places are at the end of rows.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 144 : i64, cost = {transposed = 640 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 144 : i64, shifted = 2304 : i64, idle = 832 : i64}}]
// CHECK-LABEL: @with_a_stride
func.func @with_a_stride(%x: tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32> {
  %v = nn.constant dense<1.0> : tensor<4x1x3x3xf32>
  %y = nn.conv(%x, %v) {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x2x2xf32> loc("conv")
  func.return %y : tensor<1x4x2x2xf32>
}

// -----

// With a stride of three they are read one by one.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 144 : i64, cost = {transposed = 640 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 576 : i64, shifted = 0 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @with_a_stride_of_three
func.func @with_a_stride_of_three(%x: tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32> {
  %v = nn.constant dense<1.0> : tensor<4x1x3x3xf32>
  %y = nn.conv(%x, %v) {strides = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x2x2xf32> loc("conv")
  func.return %y : tensor<1x4x2x2xf32>
}

// -----

// Maxima take two instructions for each element.

// CHECK: nodes = ["pool"], layout = "channels last", cost = {transposed = 1024 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 11520 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @maxima
func.func @maxima(%x: tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> {
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("pool")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// CHECK: nodes = ["mean"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 1728 : i64, idle = 0 : i64}
// CHECK-LABEL: @means
func.func @means(%x: tensor<1x3x4x6xf32>) -> tensor<1x3x4x4xf32> {
  %y = nn.pool(%x) {kind = "sum", kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x4x6xf32>) -> tensor<1x3x4x4xf32> loc("mean")
  func.return %y : tensor<1x3x4x4xf32>
}

// -----

// Elementwise work between joins them, and follows: only what goes in and comes out is transposed.

// CHECK: groups = [{nodes = ["first", "second"], layout = "channels last", packed = 864 : i64, cost = {transposed = 768 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 17280 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @together
func.func @together(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK-COUNT-3: deploy.layout = "channels last"
  %w = nn.constant dense<1.0> : tensor<4x2x3x3xf32>
  %v = nn.constant dense<1.0> : tensor<4x4x3x3xf32>
  %a = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> loc("first")
  %b = nn.relu(%a) : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = nn.conv(%b, %v) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x4x4xf32> loc("second")
  func.return %c : tensor<1x4x4x4xf32>
}

// -----

// The pool reads rows as they are; a transpose of its result is cheaper than of its operand.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 576 : i64, cost = {transposed = 1024 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 11520 : i64, idle = 0 : i64}}, {nodes = ["pool"], layout = "as written", cost = {transposed = 1024 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 11520 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @apart
func.func @apart(%x: tensor<1x4x8x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: nn.pool({{.*}}deploy.layout = "as written"
  // CHECK: nn.conv({{.*}}deploy.layout = "channels last"
  %w = nn.constant dense<1.0> : tensor<4x4x3x3xf32>
  %p = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 1>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x4xf32>) -> tensor<1x4x4x4xf32> loc("pool")
  %y = nn.conv(%p, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// The world outside has the channels last: two transposes fall away.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 288 : i64, cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 768 : i64, strided = 0 : i64, shifted = 5760 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @last_outside
func.func @last_outside(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32> {
  %w = nn.constant dense<1.0> : tensor<4x2x3x3xf32>
  %t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %c = nn.conv(%t, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  %y = nn.transpose(%c) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// Constant weights take the order that the columns have.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", packed = 288 : i64, cost = {transposed = 256 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}, runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 5760 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @flattened
func.func @flattened(%x: tensor<1x2x4x4xf32>) -> tensor<1x1xf32> {
  %w = nn.constant dense<1.0> : tensor<4x2x3x3xf32>
  %v = nn.constant dense<1.0> : tensor<64x1xf32>
  %c = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  %f = nn.reshape(%c) : (tensor<1x4x4x4xf32>) -> tensor<1x64xf32>
  %y = nn.matmul(%f, %v) : (tensor<1x64xf32>, tensor<64x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// -----

// Weights that are computed are transposed at run time as well.

// CHECK: groups = [{nodes = ["conv"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 5760 : i64, idle = 0 : i64}, runner_up = {layout = "channels last", transposed = 1344 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @weights_that_are_computed
func.func @weights_that_are_computed(%x: tensor<1x2x4x4xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> {
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// What is written by hand stays, whatever it costs.

// CHECK: groups = [{nodes = ["conv"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 5760 : i64, idle = 0 : i64}, runner_up = {layout = "channels last", transposed = 768 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 0 : i64}}]
// CHECK-LABEL: @by_hand
func.func @by_hand(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: deploy.layout = "as written"
  %w = nn.constant dense<1.0> : tensor<4x2x3x3xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, deploy.layout = "as written"} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x4x4xf32> loc("conv")
  func.return %y : tensor<1x4x4x4xf32>
}

// -----

// Its channels are last already.

// CHECK-NOT: deploy.layouts
// CHECK-LABEL: @negative_last_already
func.func @negative_last_already(%x: tensor<1x8x8x2xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-NOT: deploy.layout
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, channels_last} : (tensor<1x8x8x2xf32>) -> tensor<1x4x4x2xf32>
  func.return %y : tensor<1x4x4x2xf32>
}

// -----

// Computations beside the network, and scalars, have no channels.

// CHECK-LABEL: @negative_beside
func.func @negative_beside(%x: tensor<1x8x8x2xf32>, %o: tensor<1x8x8x2xf32>) -> tensor<1x8x8x2xf32> {
  // CHECK-NOT: deploy.layout
  %zero = arith.constant 0.0 : f32
  %f = linalg.fill ins(%zero : f32) outs(%o : tensor<1x8x8x2xf32>) -> tensor<1x8x8x2xf32>
  %y = linalg.add ins(%x, %x : tensor<1x8x8x2xf32>, tensor<1x8x8x2xf32>) outs(%f : tensor<1x8x8x2xf32>) -> tensor<1x8x8x2xf32>
  func.return %y : tensor<1x8x8x2xf32>
}

// -----

// Without a window there is nothing to follow.

// CHECK-LABEL: @negative_elementwise_alone
func.func @negative_elementwise_alone(%x: tensor<1x2x4x1xf32>) -> tensor<1x2x4x1xf32> {
  // CHECK-NOT: deploy.layout
  %y = nn.relu(%x) : (tensor<1x2x4x1xf32>) -> tensor<1x2x4x1xf32>
  func.return %y : tensor<1x2x4x1xf32>
}
