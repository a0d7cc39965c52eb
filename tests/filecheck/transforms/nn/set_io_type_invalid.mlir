// RUN: deployopt %s -p 'nn-set-io-type{types="a=int8"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-OTHER
// RUN: deployopt %s -p 'nn-set-io-type{types="b=int8"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-READ
// RUN: deployopt %s -p 'nn-set-io-type{types="c=int8"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-TWO
// RUN: deployopt %s -p 'nn-set-io-type{types="d=int8"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-CHANNELS
// RUN: deployopt %s -p 'nn-set-io-type{types="e=float32"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-SCALE
// RUN: deployopt %s -p 'nn-set-io-type{types="f=int8"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-NAME
// RUN: deployopt %s -p 'nn-set-io-type{types="a=int7"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-WORD
// RUN: deployopt %s -p 'nn-set-io-type{types=int8,float32}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-BOTH

// The model has another type for it.

// CHECK-OTHER: a: expected float32 or uint8, got int8
func.func @other_type(%x: tensor<4xf32> {deploy.name = "a"}) -> tensor<4xui8> {
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xui8>
  func.return %q : tensor<4xui8>
}

// Something reads the reals themselves.

// CHECK-READ: b: expected float32, since no one scale quantises it, got int8
func.func @read_as_it_is(%x: tensor<4xf32> {deploy.name = "b"}) -> (tensor<4xi8>, tensor<4xf32>) {
  %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xi8>
  %r = nn.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %q, %r : tensor<4xi8>, tensor<4xf32>
}

// CHECK-TWO: c: expected float32, since no one scale quantises it, got int8
func.func @two_maps(%x: tensor<4xf32> {deploy.name = "c"}) -> (tensor<4xi8>, tensor<4xi8>) {
  %p = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xi8>
  %q = nn.quantize(%x) {scale = dense<0.25> : tensor<f32>} : (tensor<4xf32>) -> tensor<4xi8>
  func.return %p, %q : tensor<4xi8>, tensor<4xi8>
}

// CHECK-CHANNELS: d: expected float32, since no one scale quantises it, got int8
func.func @one_scale_per_channel(%x: tensor<2xf32> {deploy.name = "d"}) -> tensor<2xi8> {
  %p = nn.quantize(%x) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xi8>
  func.return %p : tensor<2xi8>
}

// Nobody says what these integers mean.

// CHECK-SCALE: e: expected int8, since no one scale quantises it, got float32
func.func @integers(%x: tensor<2xi8> {deploy.name = "e"}) -> tensor<2xi8> {
  func.return %x : tensor<2xi8>
}

// CHECK-NAME: expected one of the inputs and outputs a, output_0, b, output_0, output_1, c,
// CHECK-WORD: expected one of float32, int8, uint8, int16, uint16, or one for a tensor as NAME=uint16, got 'a=int7'
// CHECK-BOTH: expected one type, got int8 and float32
