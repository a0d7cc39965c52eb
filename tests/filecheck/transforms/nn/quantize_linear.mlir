// RUN: deployopt %s -p nn-quantize-linear,dce | filecheck %s

// 0.5 * 0.25 and 0.5 * 1.0, one an output channel.

// CHECK-LABEL: @conv_per_channel
func.func @conv_per_channel(%q: tensor<1x1x4xui8>) -> tensor<1x2x3xf32> {
  // CHECK-NEXT: %[[K:.*]] = nn.constant dense<{{.*}}> : tensor<2x1x2xi8>
  // CHECK-NEXT: %[[A:.*]] = nn.conv(%q, %[[K]]) {{.*}}input_zero_point = 3 : i64} : (tensor<1x1x4xui8>, tensor<2x1x2xi8>) -> tensor<1x2x3xi32>
  // CHECK-NEXT: nn.dequantize(%[[A]]) {scale = dense<[1.250000e-01, 5.000000e-01]> : tensor<2xf32>, axis = 1 : i64}
  %k = nn.constant dense<[[[1, 2]], [[3, 4]]]> : tensor<2x1x2xi8>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<ui8>}
      : (tensor<1x1x4xui8>) -> tensor<1x1x4xf32>
  %w = nn.dequantize(%k) {scale = dense<[0.25, 1.0]> : tensor<2xf32>, axis = 0 : i64}
      : (tensor<2x1x2xi8>) -> tensor<2x1x2xf32>
  %y = nn.conv(%x, %w) {strides = array<i64: 1>, pads = array<i64: 0, 0>,
      dilations = array<i64: 1>, groups = 1 : i64}
      : (tensor<1x1x4xf32>, tensor<2x1x2xf32>) -> tensor<1x2x3xf32>
  func.return %y : tensor<1x2x3xf32>
}

// Unsigned weights around 128 are signed ones around 0.

// CHECK-LABEL: @unsigned_weights
func.func @unsigned_weights(%q: tensor<1x2xi8>) -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[K:.*]] = nn.constant dense<{{\[\[}}-128, 0], [1, 127]]> : tensor<2x2xi8>
  // CHECK-NEXT: nn.matmul(%q, %[[K]]) :
  // CHECK-NEXT: nn.dequantize(%{{.*}}) {scale = dense<1.250000e-01> : tensor<f32>}
  %k = nn.constant dense<[[0, 128], [129, 255]]> : tensor<2x2xui8>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<1x2xi8>) -> tensor<1x2xf32>
  %w = nn.dequantize(%k) {scale = dense<0.25> : tensor<f32>, zero_point = dense<128> : tensor<ui8>}
      : (tensor<2x2xui8>) -> tensor<2x2xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  func.return %y : tensor<1x2xf32>
}

// -100 - 100 does not fit eight bits.

// CHECK-LABEL: @wide_weights
func.func @wide_weights(%q: tensor<1x2xi8>) -> tensor<1x1xf32> {
  // CHECK-NEXT: nn.constant dense<{{\[\[}}-200], [0]]> : tensor<2x1xi16>
  %k = nn.constant dense<[[-100], [100]]> : tensor<2x1xi8>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<1x2xi8>) -> tensor<1x2xf32>
  %w = nn.dequantize(%k) {scale = dense<0.25> : tensor<f32>, zero_point = dense<100> : tensor<i8>}
      : (tensor<2x1xi8>) -> tensor<2x1xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// CHECK-LABEL: @two_activations
func.func @two_activations(%p: tensor<1x2xi8>, %q: tensor<2x1xui8>) -> tensor<1x1xf32> {
  // CHECK-NEXT: nn.matmul(%p, %q) {lhs_zero_point = -4 : i64, rhs_zero_point = 9 : i64}
  %x = nn.dequantize(%p) {scale = dense<0.5> : tensor<f32>, zero_point = dense<-4> : tensor<i8>}
      : (tensor<1x2xi8>) -> tensor<1x2xf32>
  %w = nn.dequantize(%q) {scale = dense<0.25> : tensor<f32>, zero_point = dense<9> : tensor<ui8>}
      : (tensor<2x1xui8>) -> tensor<2x1xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// CHECK-LABEL: @sum_keeps_the_scale
func.func @sum_keeps_the_scale(%q: tensor<2x4xi8>) -> tensor<2x1xf32> {
  // CHECK-NEXT: nn.reduce(%q) {{.*}}input_zero_point = 3 : i64} : (tensor<2x4xi8>) -> tensor<2x1xi32>
  // CHECK-NEXT: nn.dequantize(%{{.*}}) {scale = dense<5.000000e-01> : tensor<f32>} : (tensor<2x1xi32>)
  %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>, zero_point = dense<3> : tensor<i8>}
      : (tensor<2x4xi8>) -> tensor<2x4xf32>
  %m = nn.reduce(%r) {kind = "sum", axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  func.return %m : tensor<2x1xf32>
}

// CHECK-LABEL: @negative_scale_along_the_sum
func.func @negative_scale_along_the_sum(%q: tensor<1x2xi8>) -> tensor<1x1xf32> {
  // CHECK: nn.matmul({{.*}} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %k = nn.constant dense<[[1], [2]]> : tensor<2x1xi8>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<1x2xi8>) -> tensor<1x2xf32>
  %w = nn.dequantize(%k) {scale = dense<[0.25, 0.5]> : tensor<2xf32>, axis = 0 : i64}
      : (tensor<2x1xi8>) -> tensor<2x1xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// 66000 * 32768 is beyond 2 ** 31 - 1.

// CHECK-LABEL: @negative_accumulator_overflows
func.func @negative_accumulator_overflows(%q: tensor<1x66000xi16>) -> tensor<1x1xf32> {
  // CHECK: nn.matmul({{.*}} -> tensor<1x1xf32>
  %k = nn.constant dense<1> : tensor<66000x1xi8>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<1x66000xi16>) -> tensor<1x66000xf32>
  %w = nn.dequantize(%k) {scale = dense<0.25> : tensor<f32>} : (tensor<66000x1xi8>) -> tensor<66000x1xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x66000xf32>, tensor<66000x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}

// CHECK-LABEL: @negative_real_weights
func.func @negative_real_weights(%q: tensor<1x2xi8>) -> tensor<1x1xf32> {
  // CHECK: nn.matmul({{.*}} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %w = nn.constant dense<[[1.5], [2.0]]> : tensor<2x1xf32>
  %x = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : (tensor<1x2xi8>) -> tensor<1x2xf32>
  %y = nn.matmul(%x, %w) : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  func.return %y : tensor<1x1xf32>
}
