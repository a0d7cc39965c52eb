// RUN: deployopt %s -p deploy-attach-machine{machine=rv64gcv-vlen256},nn-choose-layout --split-input-file | filecheck %s

// 16 lanes of 9 channels: those of seven are idle, 2240 bytes beside 2880 and 896 beside 1152, which the ends of 72 sums take, and those of four where rows have four elements, half of
// that beside four lanes; what is read in rows is loaded for two filters at once. Squares of eight lanes take 5/8 of those of four.

// CHECK: groups = [{nodes = ["conv"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 720 : i64, idle = 2016 : i64}, runner_up = {layout = "channels last", transposed = 1056 : i64, strided = 0 : i64, shifted = 0 : i64, idle = 1568 : i64}}]
// CHECK-LABEL: @idle
func.func @idle(%x: tensor<1x5x3x4xf32>) -> tensor<1x9x2x4xf32> {
  // CHECK: deploy.layout = "as written"
  %w = nn.constant dense<1.0> : tensor<9x5x2x1xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x5x3x4xf32>, tensor<9x5x2x1xf32>) -> tensor<1x9x2x4xf32> loc("conv")
  func.return %y : tensor<1x9x2x4xf32>
}

// -----

// Sums of bytes are one of 8 lanes each, greatest bytes one of 32: of both 384 are read. An eighth of the
// sums is at the end of rows, one by one; of the others, 144 bytes of a padding take less, twelve loads each.

// CHECK: nodes = ["pool"], {{.*}}strided = 24 : i64, shifted = 192 : i64, idle = 0 : i64{{.*}}idle = 192 : i64
// CHECK-LABEL: @bytes
func.func @bytes(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x3x8xi32> {
  %y = nn.pool(%x) {kind = "sum", kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 1>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x8xi8>) -> tensor<1x4x3x8xi32> loc("pool")
  func.return %y : tensor<1x4x3x8xi32>
}

// -----

// CHECK: nodes = ["pool"], {{.*}}shifted = 312 : i64, idle = 144 : i64{{.*}}idle = 336 : i64
// CHECK-LABEL: @chosen_bytes
func.func @chosen_bytes(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x3x8xi8> {
  %y = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 1>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x8xi8>) -> tensor<1x4x3x8xi8> loc("pool")
  func.return %y : tensor<1x4x3x8xi8>
}

// -----

// Seven of eight lanes have no result, but all of them have something to be summed up; five vectors put it together.
// Then 129600 bytes are read anew for each place of a window, half of that beside four lanes.

// CHECK: groups = [{nodes = ["conv"], layout = "channels last", {{.*}}shifted = 64800 : i64, idle = 18000 : i64}, runner_up
// CHECK-LABEL: @sum
func.func @sum(%x: tensor<1x15x15x16xf32>) -> tensor<1x1x15x15xf32> {
  // CHECK: deploy.layout = "channels last"
  %t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x15x15x16xf32>) -> tensor<1x16x15x15xf32>
  %w = nn.constant dense<1.0> : tensor<1x16x3x3xf32>
  %y = nn.conv(%t, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x16x15x15xf32>, tensor<1x16x3x3xf32>) -> tensor<1x1x15x15xf32> loc("conv")
  func.return %y : tensor<1x1x15x15xf32>
}

// -----

// A stride of four is read one by one.

// CHECK: nodes = ["pool"], layout = "as written", cost = {transposed = 0 : i64, strided = 128 : i64, shifted = 0 : i64
// CHECK-LABEL: @bytes_with_a_stride
func.func @bytes_with_a_stride(%x: tensor<1x4x4x16xi8>) -> tensor<1x4x2x4xi32> {
  %y = nn.pool(%x) {kind = "sum", kernel = array<i64: 2, 2>, strides = array<i64: 2, 4>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x16xi8>) -> tensor<1x4x2x4xi32> loc("pool")
  func.return %y : tensor<1x4x2x4xi32>
}

// -----

// A stride of two loads two vectors for each one, and narrows what half a register picks by two more. All of 8192 bytes are
// read for two filters at once, half of that beside four lanes, and four of eight lanes are idle for them and for 2048 bytes of ends.

// CHECK: nodes = ["conv"], layout = "channels last", {{.*}}runner_up = {layout = "as written", transposed = 0 : i64, strided = 0 : i64, shifted = 8192 : i64, idle = 5120 : i64}
// CHECK-LABEL: @narrowed
func.func @narrowed(%x: tensor<1x8x4x8xf32>) -> tensor<1x8x4x4xf32> {
  %w = nn.constant dense<1.0> : tensor<8x8x1x2xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x8x4x8xf32>, tensor<8x8x1x2xf32>) -> tensor<1x8x4x4xf32> loc("conv")
  func.return %y : tensor<1x8x4x4xf32>
}

// -----

// Six of eight lanes that a stride of two picks are four and four, for which ten of 16 are idle, and not two of eight: of 576 bytes that are read, half
// of that beside four lanes.

// CHECK: nodes = ["sum"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 1152 : i64, idle = 480 : i64}
// CHECK-LABEL: @halves
func.func @halves(%x: tensor<1x3x4x12xf32>) -> tensor<1x3x2x6xf32> {
  %y = nn.pool(%x) {kind = "sum", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x4x12xf32>) -> tensor<1x3x2x6xf32> loc("sum")
  func.return %y : tensor<1x3x2x6xf32>
}

// -----

// Each of two groups has four filters, and four of eight lanes nothing to do: half of 9216 bytes, as much as is read, and of 2048 for the ends of sums.

// CHECK: nodes = ["conv"], layout = "as written", {{.*}}runner_up = {layout = "channels last", {{.*}}shifted = 0 : i64, idle = 5632 : i64}
// CHECK-LABEL: @groups
func.func @groups(%x: tensor<1x4x4x8xf32>) -> tensor<1x8x2x8xf32> {
  %w = nn.constant dense<1.0> : tensor<8x2x3x3xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x4x4x8xf32>, tensor<8x2x3x3xf32>) -> tensor<1x8x2x8xf32> loc("conv")
  func.return %y : tensor<1x8x2x8xf32>
}

// -----

// Bytes are widened to four times as much before lanes of them are summed up: 259200 bytes, half of that beside four lanes.

// CHECK: nodes = ["conv"], {{.*}}shifted = 129600 : i64
// CHECK-LABEL: @sum_of_bytes
func.func @sum_of_bytes(%x: tensor<1x15x15x32xi8>) -> tensor<1x1x15x15xi32> {
  %t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x15x15x32xi8>) -> tensor<1x32x15x15xi8>
  %w = nn.constant dense<1> : tensor<1x32x3x3xi8>
  %y = nn.conv(%t, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, deploy.layout = "channels last"} : (tensor<1x32x15x15xi8>, tensor<1x32x3x3xi8>) -> tensor<1x1x15x15xi32> loc("conv")
  func.return %y : tensor<1x1x15x15xi32>
}

// -----

// Rows of 17 results are three registers, seven lanes idle. As one row there is one element between them: a 17th of 2203200 bytes that are
// read and 81600 of ends. Half of what is read is loaded, and twelve loads are as long as a copy of each of 20400 bytes of results and 15504 with a padding; all of
// that by half beside four lanes.

// CHECK: nodes = ["conv"], layout = "as written", cost = {transposed = 0 : i64, strided = 0 : i64, shifted = 766224 : i64, idle = 67200 : i64}
// CHECK-LABEL: @one_row
func.func @one_row(%x: tensor<1x12x15x17xf32>) -> tensor<1x20x15x17xf32> {
  %w = nn.constant dense<1.0> : tensor<20x12x3x3xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x12x15x17xf32>, tensor<20x12x3x3xf32>) -> tensor<1x20x15x17xf32> loc("conv")
  func.return %y : tensor<1x20x15x17xf32>
}
