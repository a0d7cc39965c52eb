// RUN: deployopt %s | deployopt | filecheck %s

// CHECK-LABEL: @kernel
// CHECK: deploy.kernel(%{{.*}} : tensor<4xf32>) outs(%{{.*}} : tensor<4xf32>) {
// CHECK: deploy.yield %{{.*}} : tensor<4xf32>
func.func @kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  %d = tensor.empty() : tensor<4xf32>
  %r = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
    %c = arith.constant 1.0 : f32
    %s = linalg.fill ins(%c : f32) outs(%o : tensor<4xf32>) -> tensor<4xf32>
    deploy.yield %s : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}

// CHECK-LABEL: @buffers
// CHECK: deploy.buffer "conv1" at 512 : memref<8x8xi32, "ram">
// CHECK: deploy.buffer "conv2" : memref<8x8xi32, "ram">
// CHECK: deploy.registers : memref<1x8xi32, "register">
func.func @buffers() {
  %a = deploy.buffer "conv1" at 512 : memref<8x8xi32, "ram">
  %b = deploy.buffer "conv2" : memref<8x8xi32, "ram">
  %c = deploy.registers : memref<1x8xi32, "register">
  func.return
}
