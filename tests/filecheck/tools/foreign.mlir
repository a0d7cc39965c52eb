// REQUIRES: xdsl-opt
// RUN: deployopt %s -p vectorize -t c | filecheck %s
// RUN: xdsl-opt %s -p linalg-generalize-named-ops,deploy-attach-machine{machine=rv64gc},deploy-run-phases -t deploy-c | filecheck %s
// RUN: deployopt %s -p linalg-generalize-named-ops,lower | filecheck %s --check-prefix=LOOP

// Computations on memrefs, in a loop of somebody else's, are kernels as all others.

// CHECK: model_kernel_0_kernel_0(
// CHECK: for (int32_t i = 0; i < 8; i += 4)
// CHECK: model_kernel_1_kernel_1(
// LOOP: scf.for
// LOOP-NEXT: memref.subview
// LOOP: func.call @kernel_1
func.func @layer(%x: memref<8x4xf32>, %w: memref<4x4xf32>, %y: memref<8x4xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x4xf32>)
  scf.for %i = %c0 to %c8 step %c4 {
    %xs = memref.subview %x[%i, 0] [4, 4] [1, 1] : memref<8x4xf32> to memref<4x4xf32, strided<[4, 1], offset: ?>>
    %ys = memref.subview %y[%i, 0] [4, 4] [1, 1] : memref<8x4xf32> to memref<4x4xf32, strided<[4, 1], offset: ?>>
    linalg.matmul ins(%xs, %w : memref<4x4xf32, strided<[4, 1], offset: ?>>, memref<4x4xf32>) outs(%ys : memref<4x4xf32, strided<[4, 1], offset: ?>>)
  }
  func.return
}
