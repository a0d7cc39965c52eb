// RUN: deployopt %s -p linalg-generalize --no-debuginfo | filecheck %s

// CHECK-LABEL: @contraction
func.func @contraction(%a: tensor<4x8xf32>, %b: tensor<8x2xf32>, %c: tensor<4x2xf32>) -> tensor<4x2xf32> {
  // CHECK-NEXT: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>) outs(%c : tensor<4x2xf32>) {
  // CHECK-NEXT: ^bb0([[A:%.+]]: f32, [[B:%.+]]: f32, [[C:%.+]]: f32):
  // CHECK-NEXT:   [[P:%.+]] = arith.mulf [[A]], [[B]] : f32
  // CHECK-NEXT:   [[S:%.+]] = arith.addf [[P]], [[C]] : f32
  // CHECK-NEXT:   linalg.yield [[S]] : f32
  // CHECK-NEXT: } -> tensor<4x2xf32>
  %r = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>) outs(%c : tensor<4x2xf32>) -> tensor<4x2xf32>
  func.return %r : tensor<4x2xf32>
}

// The strides of a window are in the map.
// CHECK-LABEL: @convolution
func.func @convolution(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>, %y: tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK-NEXT: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d4, ((d2 * 2) + d5), ((d3 * 2) + d6))>
  // CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]
  %r = linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<2> : tensor<2xi64>} ins(%x, %w : tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) outs(%y : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  func.return %r : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: @in_memory
func.func @in_memory(%a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK-NEXT: linalg.generic {{.*}} ins(%a, %a : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>) {
  // CHECK-NOT: } ->
  // CHECK: func.return
  linalg.add ins(%a, %a : memref<4xf32>, memref<4xf32>) outs(%b : memref<4xf32>)
  func.return
}

// CHECK-LABEL: @transpose
func.func @transpose(%a: tensor<2x3x4xf32>, %e: tensor<4x2x3xf32>) -> tensor<4x2x3xf32> {
  // CHECK-NEXT: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]}
  %r = linalg.transpose ins(%a : tensor<2x3x4xf32>) outs(%e : tensor<4x2x3xf32>) permutation = [2, 0, 1]
  func.return %r : tensor<4x2x3xf32>
}

// CHECK-LABEL: @broadcast
func.func @broadcast(%a: tensor<3xf32>, %e: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]}
  // CHECK-NEXT: ^bb0([[A:%.+]]: f32, {{%.+}}: f32):
  // CHECK-NEXT:   linalg.yield [[A]] : f32
  %r = linalg.broadcast ins(%a : tensor<3xf32>) outs(%e : tensor<2x3x4xf32>) dimensions = [0, 2]
  func.return %r : tensor<2x3x4xf32>
}

// CHECK-LABEL: @reduce
func.func @reduce(%a: tensor<2x3x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>], iterator_types = ["parallel", "reduction", "parallel"]}
  // CHECK-NEXT: ^bb0([[A:%.+]]: f32, [[C:%.+]]: f32):
  // CHECK-NEXT:   arith.maximumf [[C]], [[A]] : f32
  %r = linalg.reduce ins(%a : tensor<2x3x4xf32>) outs(%c : tensor<2x4xf32>) dimensions = [1]
  (%in: f32, %acc: f32) {
    %m = arith.maximumf %acc, %in : f32
    linalg.yield %m : f32
  }
  func.return %r : tensor<2x4xf32>
}

// A scalar is the same in every iteration.
// CHECK-LABEL: @scalar
func.func @scalar(%s: f32, %x: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: linalg.generic {{{.*}}} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  // CHECK-NEXT: ^bb0([[X:%.+]]: f32, {{%.+}}: f32):
  // CHECK-NEXT:   arith.mulf %s, [[X]] : f32
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> ()>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%s, %x : f32, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<4xf32>
  func.return %r : tensor<4xf32>
}

// CHECK-LABEL: @negative_fill
func.func @negative_fill(%s: f32, %e: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: linalg.fill ins(%s : f32)
  %r = linalg.fill ins(%s : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  func.return %r : tensor<4xf32>
}
