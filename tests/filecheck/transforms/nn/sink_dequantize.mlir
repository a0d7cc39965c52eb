// RUN: deployopt %s -p nn-sink-dequantize | filecheck %s

// CHECK-LABEL: @cancels_across_reshape
// CHECK-SAME: (%[[Q:.*]]: tensor<4xi8>)
func.func @cancels_across_reshape(%q: tensor<4xi8>) -> tensor<2x2xi8> {
  // CHECK-NEXT: %[[Y:.*]] = nn.reshape(%[[Q]]) : (tensor<4xi8>) -> tensor<2x2xi8>
  // CHECK-NEXT: func.return %[[Y]]
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<i8>}
      : (tensor<4xi8>) -> tensor<4xf32>
  %t = nn.reshape(%r) : (tensor<4xf32>) -> tensor<2x2xf32>
  %s = nn.quantize(%t) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<i8>}
      : (tensor<2x2xf32>) -> tensor<2x2xi8>
  func.return %s : tensor<2x2xi8>
}

// The scales go where their dimension goes.

// CHECK-LABEL: @axis_follows_transpose
func.func @axis_follows_transpose(%q: tensor<2x3xi8>) -> tensor<3x2xf32> {
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: nn.dequantize(%{{.*}}) {scale = dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>, axis = 1 : i64}
  %r = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64}
      : (tensor<2x3xi8>) -> tensor<2x3xf32>
  %t = nn.transpose(%r) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  func.return %t : tensor<3x2xf32>
}

// CHECK-LABEL: @axis_follows_reshape
func.func @axis_follows_reshape(%q: tensor<2xi32>) -> tensor<2x1x1xf32> {
  // CHECK-NEXT: nn.reshape
  // CHECK-NEXT: nn.dequantize({{.*}}axis = 0 : i64}
  %r = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64}
      : (tensor<2xi32>) -> tensor<2xf32>
  %t = nn.reshape(%r) : (tensor<2xf32>) -> tensor<2x1x1xf32>
  func.return %t : tensor<2x1x1xf32>
}

// CHECK-LABEL: @negative_reshape_splits_the_axis
func.func @negative_reshape_splits_the_axis(%q: tensor<4xi8>) -> tensor<2x2xf32> {
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: nn.reshape
  %r = nn.dequantize(%q) {scale = dense<[0.5, 0.25, 1.0, 2.0]> : tensor<4xf32>, axis = 0 : i64}
      : (tensor<4xi8>) -> tensor<4xf32>
  %t = nn.reshape(%r) : (tensor<4xf32>) -> tensor<2x2xf32>
  func.return %t : tensor<2x2xf32>
}

// CHECK-LABEL: @slice_takes_its_scales
func.func @slice_takes_its_scales(%q: tensor<4x2xi8>) -> tensor<2x2xf32> {
  // CHECK-NEXT: nn.slice
  // CHECK-NEXT: nn.dequantize(%{{.*}}) {scale = dense<[2.500000e-01, 2.000000e+00]> : tensor<2xf32>
  %r = nn.dequantize(%q) {scale = dense<[0.5, 0.25, 1.0, 2.0]> : tensor<4xf32>, axis = 0 : i64}
      : (tensor<4x2xi8>) -> tensor<4x2xf32>
  %t = nn.slice(%r) {starts = array<i64: 1, 0>, steps = array<i64: 2, 1>}
      : (tensor<4x2xf32>) -> tensor<2x2xf32>
  func.return %t : tensor<2x2xf32>
}

// Zero is the zero point, 1.5 is three steps above.

// CHECK-LABEL: @pad_by_an_integer
func.func @pad_by_an_integer(%q: tensor<2xui8>) -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK-NEXT: nn.pad({{.*}}value = -56 : i8} : (tensor<2xui8>) -> tensor<3xui8>
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: nn.pad({{.*}}value = -53 : i8}
  // CHECK-NEXT: nn.dequantize
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<200> : tensor<ui8>}
      : (tensor<2xui8>) -> tensor<2xf32>
  %a = nn.pad(%r) {low = array<i64: 1>, high = array<i64: 0>, value = 0.0 : f32}
      : (tensor<2xf32>) -> tensor<3xf32>
  %b = nn.pad(%r) {low = array<i64: 1>, high = array<i64: 0>, value = 1.5 : f32}
      : (tensor<2xf32>) -> tensor<3xf32>
  func.return %a, %b : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: @negative_pad_between_integers
func.func @negative_pad_between_integers(%q: tensor<2xi8>) -> tensor<3xf32> {
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: nn.pad
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  %a = nn.pad(%r) {low = array<i64: 1>, high = array<i64: 0>, value = 0.25 : f32}
      : (tensor<2xf32>) -> tensor<3xf32>
  func.return %a : tensor<3xf32>
}

// CHECK-LABEL: @maximum_of_integers
func.func @maximum_of_integers(%q: tensor<2x4xi8>) -> tensor<2x1xf32> {
  // CHECK-NEXT: nn.reduce({{.*}} : (tensor<2x4xi8>) -> tensor<2x1xi8>
  // CHECK-NEXT: nn.dequantize
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<2x4xi8>) -> tensor<2x4xf32>
  %m = nn.reduce(%r) {kind = "max", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  func.return %m : tensor<2x1xf32>
}

// CHECK-LABEL: @negative_sum_does_not_select
func.func @negative_sum_does_not_select(%q: tensor<2x4xi8>) -> tensor<2x1xf32> {
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: nn.reduce
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<2x4xi8>) -> tensor<2x4xf32>
  %m = nn.reduce(%r) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  func.return %m : tensor<2x1xf32>
}

// CHECK-LABEL: @concat_of_one_scale
func.func @concat_of_one_scale(%p: tensor<2xi8>, %q: tensor<2xi8>) -> tensor<4xf32> {
  // CHECK-NEXT: nn.concat({{.*}} : (tensor<2xi8>, tensor<2xi8>) -> tensor<4xi8>
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: func.return
  %a = nn.dequantize(%p) {scale = dense<0.5> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  %b = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  %c = nn.concat(%a, %b) {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}

// One operand has the result's map already, the other one is requantised.

// CHECK-LABEL: @concat_of_two_scales
// CHECK-SAME: (%[[P:.*]]: tensor<2xi8>, %[[Q:.*]]: tensor<2xi8>)
func.func @concat_of_two_scales(%p: tensor<2xi8>, %q: tensor<2xi8>) -> tensor<4xi8> {
  // CHECK-NEXT: %[[R:.*]] = nn.dequantize(%[[Q]]) {scale = dense<2.500000e-01>
  // CHECK-NEXT: %[[S:.*]] = nn.quantize(%[[R]]) {scale = dense<5.000000e-01>
  // CHECK-NEXT: nn.concat(%[[P]], %[[S]])
  // CHECK-NEXT: func.return
  %a = nn.dequantize(%p) {scale = dense<0.5> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  %b = nn.dequantize(%q) {scale = dense<0.25> : tensor<f32>} : (tensor<2xi8>) -> tensor<2xf32>
  %c = nn.concat(%a, %b) {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %s = nn.quantize(%c) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xi8>
  func.return %s : tensor<4xi8>
}

// CHECK-LABEL: @quantize_before_pooling
func.func @quantize_before_pooling(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xi8> {
  // CHECK-NEXT: nn.quantize
  // CHECK-NEXT: nn.pool({{.*}} : (tensor<1x1x4xi8>) -> tensor<1x1x2xi8>
  %m = nn.pool(%x) {kind = "max", kernel = array<i64: 2>, strides = array<i64: 2>,
      pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %s = nn.quantize(%m) {scale = dense<0.5> : tensor<f32>} : (tensor<1x1x2xf32>) -> tensor<1x1x2xi8>
  func.return %s : tensor<1x1x2xi8>
}

// CHECK-LABEL: @negative_another_reader_wants_reals
func.func @negative_another_reader_wants_reals(%x: tensor<4xf32>) -> (tensor<2x2xi8>, tensor<2x2xf32>) {
  // CHECK-NEXT: nn.reshape
  // CHECK-NEXT: nn.quantize
  %t = nn.reshape(%x) : (tensor<4xf32>) -> tensor<2x2xf32>
  %s = nn.quantize(%t) {scale = dense<0.5> : tensor<f32>} : (tensor<2x2xf32>) -> tensor<2x2xi8>
  func.return %s, %t : tensor<2x2xi8>, tensor<2x2xf32>
}

// CHECK-LABEL: @negative_other_zero_point
func.func @negative_other_zero_point(%q: tensor<4xi8>) -> tensor<4xi8> {
  // CHECK-NEXT: nn.dequantize
  // CHECK-NEXT: nn.quantize
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<4xi8>) -> tensor<4xf32>
  %s = nn.quantize(%r) {scale = dense<0.5> : tensor<f32>, zero_point = dense<1> : tensor<i8>}
      : (tensor<4xf32>) -> tensor<4xi8>
  func.return %s : tensor<4xi8>
}

// A table at computed places: the places stay as they are, scales of columns go along.

// CHECK-LABEL: @take
// CHECK-NEXT: %[[ROWS:.*]] = nn.take(%q, %i) {{.*}} : (tensor<3x2xi8>, tensor<4x1xi64>) -> tensor<4x2xi8>
// CHECK-NEXT: nn.dequantize(%[[ROWS]]) {{.*}}axis = 1 : i64
func.func @take(%q: tensor<3x2xi8>, %i: tensor<4x1xi64>) -> tensor<4x2xf32> {
  %x = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 1 : i64} : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<3x2xf32>, tensor<4x1xi64>) -> tensor<4x2xf32>
  func.return %y : tensor<4x2xf32>
}

// CHECK-LABEL: @take_quantized
// CHECK-NEXT: %[[TABLE:.*]] = nn.quantize(%x)
// CHECK-NEXT: nn.take(%[[TABLE]], %i)
func.func @take_quantized(%x: tensor<3x2xf32>, %i: tensor<4x1xi64>) -> tensor<4x2xi8> {
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<3x2xf32>, tensor<4x1xi64>) -> tensor<4x2xf32>
  %q = nn.quantize(%y) {scale = dense<0.5> : tensor<f32>} : (tensor<4x2xf32>) -> tensor<4x2xi8>
  func.return %q : tensor<4x2xi8>
}

// CHECK-LABEL: @negative_take_of_scales_by_row
// CHECK: nn.dequantize
// CHECK-NEXT: nn.take
func.func @negative_take_of_scales_by_row(%q: tensor<3x2xi8>, %i: tensor<4x1xi64>) -> tensor<4x2xf32> {
  %x = nn.dequantize(%q) {scale = dense<[0.5, 0.25, 2.0]> : tensor<3xf32>, axis = 0 : i64} : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>} : (tensor<3x2xf32>, tensor<4x1xi64>) -> tensor<4x2xf32>
  func.return %y : tensor<4x2xf32>
}
