// RUN: deployopt %s -p 'nn-set-io-layout{layouts="x=nwc"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-RANK
// RUN: deployopt %s -p 'nn-set-io-layout{layouts=nwc}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-NONE
// RUN: deployopt %s -p 'nn-set-io-layout{layouts="z=nhwc"}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-NAME
// RUN: deployopt %s -p 'nn-set-io-layout{layouts=nhcw}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-WORD
// RUN: deployopt %s -p 'nn-set-io-layout{layouts=nhwc,nchw}' --verify-diagnostics | filecheck %s --check-prefix=CHECK-BOTH

// CHECK-RANK: x: expected 3 dimensions for layout nwc, got [1, 3, 4, 5]
// CHECK-NONE: layout nwc: expected an input or output of 3 dimensions, got none
// CHECK-NAME: expected one of the inputs and outputs x, output_0, got 'z'
// CHECK-WORD: expected one of ncw, nwc, nchw, nhwc, ncdhw, ndhwc, or one for a tensor as NAME=ndhwc, got 'nhcw'
// CHECK-BOTH: expected one layout of 4 dimensions, got nhwc and nchw
func.func @f(%x: tensor<1x3x4x5xf32> {deploy.name = "x"}) -> tensor<4xf32> {
  %r = nn.constant dense<0.0> : tensor<4xf32>
  func.return %r : tensor<4xf32>
}
