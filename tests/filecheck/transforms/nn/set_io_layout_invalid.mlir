// RUN: not deployopt %s -p 'nn-set-io-layout{layouts="x=nwc"}' 2>&1 | filecheck %s --check-prefix=RANK
// RUN: not deployopt %s -p 'nn-set-io-layout{layouts=nwc}' 2>&1 | filecheck %s --check-prefix=NONE
// RUN: not deployopt %s -p 'nn-set-io-layout{layouts="z=nhwc"}' 2>&1 | filecheck %s --check-prefix=NAME
// RUN: not deployopt %s -p 'nn-set-io-layout{layouts=nhcw}' 2>&1 | filecheck %s --check-prefix=WORD
// RUN: not deployopt %s -p 'nn-set-io-layout{layouts=nhwc,nchw}' 2>&1 | filecheck %s --check-prefix=BOTH

// RANK: error: x: expected 3 dimensions for layout nwc, got [1, 3, 4, 5]
// NONE: layout nwc: expected an input or output of 3 dimensions, got none
// NAME: expected one of the inputs and outputs x, output_0, got 'z'
// WORD: expected one of ncw, nwc, nchw, nhwc, ncdhw, ndhwc, or one for a tensor as NAME=ndhwc, got 'nhcw'
// BOTH: expected one layout of 4 dimensions, got nhwc and nchw
func.func @f(%x: tensor<1x3x4x5xf32> {deploy.name = "x"}) -> tensor<4xf32> {
  %r = nn.constant dense<0.0> : tensor<4xf32>
  func.return %r : tensor<4xf32>
}
