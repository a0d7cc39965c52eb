// RUN: deployopt %s -p 'nn-set-io-layout,nn-sink-dequantize,nn-set-io-type' | filecheck %s

// What the module asks for is done once.

// CHECK: builtin.module {
builtin.module attributes {deploy.interface = {layouts = ["nhwc"], types = ["x=int8"]}} {
  // CHECK-NEXT: func.func @asked(%{{.*}}: tensor<1x4x5x3xi8> {deploy.name = "x"
  func.func @asked(%x: tensor<1x3x4x5xf32> {deploy.name = "x"}) -> tensor<1x3x4x5xi8> {
    %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>} : (tensor<1x3x4x5xf32>) -> tensor<1x3x4x5xi8>
    func.return %q : tensor<1x3x4x5xi8>
  }
}
