// RUN: deployopt %s -p 'nn-set-io-type{types=uint8,"r=float32","i=float32"}' | filecheck %s

// An input that is only quantised comes quantised; its integers are described.

// CHECK-LABEL: @integers
// CHECK-SAME: (%[[X:.*]]: tensor<4xui8> {deploy.name = "x", deploy.dtype = "uint8",
// CHECK-SAME: deploy.quantization = {dtype = "uint8", scale = 5.000000e-01 : f64, zero_point = 3 : i64},
// CHECK-SAME: deploy.as_written = {dtype = "float32"}})
// CHECK-SAME: -> (tensor<4xui8> {deploy.name = "y", deploy.dtype = "uint8"
func.func @integers(%x: tensor<4xf32> {deploy.name = "x", deploy.dtype = "float32"})
    -> (tensor<4xf32> {deploy.name = "y", deploy.dtype = "float32"}) {
  // CHECK-NEXT: %[[M:.*]] = nn.reshape(%[[X]]) : (tensor<4xui8>) -> tensor<4xui8>
  // CHECK-NEXT: func.return %[[M]] : tensor<4xui8>
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>} : (tensor<4xf32>) -> tensor<4xui8>
  %m = nn.reshape(%q) : (tensor<4xui8>) -> tensor<4xui8>
  %y = nn.dequantize(%m) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>} : (tensor<4xui8>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// Two quantisations by one map are one tensor of integers; what else reads the result of
// a dequantisation keeps it.

// CHECK-LABEL: @twice
// CHECK-SAME: (%[[X:.*]]: tensor<4xui8>
func.func @twice(%x: tensor<4xf32> {deploy.name = "x"})
    -> (tensor<4xf32> {deploy.name = "y"}, tensor<4xf32> {deploy.name = "r"}) {
  // CHECK-NEXT: %[[M:.*]] = nn.concat(%[[X]], %[[X]])
  // CHECK-NEXT: %[[S:.*]] = nn.slice(%[[M]])
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize(%[[S]])
  // CHECK-NEXT: %[[R:.*]] = nn.relu(%[[D]])
  // CHECK-NEXT: func.return %[[S]], %[[R]] : tensor<4xui8>, tensor<4xf32>
  %p = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xui8>
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xui8>
  %m = nn.concat(%p, %q) {axis = 0 : i64} : (tensor<4xui8>, tensor<4xui8>) -> tensor<8xui8>
  %s = nn.slice(%m) {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<8xui8>) -> tensor<4xui8>
  %y = nn.dequantize(%s) {scale = dense<0.5> : tensor<f32>} : (tensor<4xui8>) -> tensor<4xf32>
  %r = nn.relu(%y) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %y, %r : tensor<4xf32>, tensor<4xf32>
}

// Integers whose map is known by what reads them, or made them, can be reals.

// CHECK-LABEL: @reals
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32> {deploy.name = "i"
// CHECK-SAME: deploy.as_written = {dtype = "int8"}})
// CHECK-SAME: -> (tensor<2xf32> {deploy.name = "r"
func.func @reals(%x: tensor<4xi8> {deploy.name = "i"}) -> (tensor<2xi8> {deploy.name = "r"}) {
  // CHECK-NEXT: %[[Q:.*]] = nn.quantize(%[[X]]) {scale = dense<5.000000e-01> : tensor<f32>}
  // CHECK-SAME: -> tensor<4xi8> loc("first")
  // CHECK-NEXT: nn.slice(%[[Q]])
  // CHECK:      %[[M:.*]] = nn.slice
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize(%[[M]]) {scale = dense<2.500000e-01> : tensor<f32>}
  // CHECK-NEXT: func.return %[[D]] : tensor<2xf32>
  %s = nn.slice(%x) {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<4xi8>) -> tensor<3xi8> loc("first")
  %d = nn.dequantize(%s) {scale = dense<0.5> : tensor<f32>} : (tensor<3xi8>) -> tensor<3xf32>
  %r = nn.relu(%d) : (tensor<3xf32>) -> tensor<3xf32>
  %q = nn.quantize(%r) {scale = dense<0.25> : tensor<f32>} : (tensor<3xf32>) -> tensor<3xi8>
  %m = nn.slice(%q) {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<3xi8>) -> tensor<2xi8>
  func.return %m : tensor<2xi8>
}

// A word for all is not meant for indices, nor for what is so already.

// CHECK-LABEL: @negative_indices
// CHECK-SAME: (%{{.*}}: tensor<4xi64> {deploy.name = "n"}, %{{.*}}: tensor<4xui8> {deploy.name = "u"})
func.func @negative_indices(%n: tensor<4xi64> {deploy.name = "n"}, %u: tensor<4xui8> {deploy.name = "u"}) {
  func.return
}
