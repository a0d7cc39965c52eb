// RUN: deployopt %s -p linalg-expand-pads --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: @of_an_argument
func.func @of_an_argument(%x: tensor<4xf32>) -> tensor<7xf32> {
  // CHECK: [[C:%.+]] = arith.constant 5.000000e-01
  // CHECK-NEXT: [[E:%.+]] = tensor.empty() : tensor<7xf32>
  // CHECK-NEXT: [[F:%.+]] = linalg.fill ins([[C]] : f32) outs([[E]] : tensor<7xf32>)
  // CHECK-NEXT: tensor.insert_slice %x into [[F]][1] [4] [1] : tensor<4xf32> into tensor<7xf32>
  %y = tensor.pad %x low[1] high[2] {
  ^bb0(%i: index):
    %c = arith.constant 0.5 : f32
    tensor.yield %c : f32
  } : tensor<4xf32> to tensor<7xf32>
  func.return %y : tensor<7xf32>
}

// The fill stands before what it surrounds is made, a reshape in between or not.

// CHECK-LABEL: @before_the_maker
func.func @before_the_maker(%x: tensor<4xf32>) -> tensor<1x7xf32> {
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: linalg.fill {{.*}} tensor<1x7xf32>
  // CHECK: linalg.generic
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  // CHECK: tensor.expand_shape
  %z = tensor.expand_shape %y [[0, 1]] output_shape [1, 4] : tensor<4xf32> into tensor<1x4xf32>
  // CHECK-NEXT: tensor.insert_slice
  %p = tensor.pad %z low[0, 2] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c : f32
  } : tensor<1x4xf32> to tensor<1x7xf32>
  func.return %p : tensor<1x7xf32>
}

// A pad inside a kernel is the kernel's.

// CHECK-LABEL: @negative_in_a_kernel
func.func @negative_in_a_kernel(%x: tensor<4xf32>) -> tensor<6xf32> {
  // CHECK: deploy.kernel
  // CHECK: tensor.pad
  // CHECK-NOT: tensor.insert_slice
  %e = tensor.empty() : tensor<6xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<6xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ky: tensor<6xf32>):
    %c = arith.constant 0.0 : f32
    %p = tensor.pad %kx low[1] high[1] {
    ^bb0(%i: index):
      tensor.yield %c : f32
    } : tensor<4xf32> to tensor<6xf32>
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%ky : tensor<6xf32>) {
    ^bb0(%a: f32, %o: f32):
      %n = arith.negf %a : f32
      linalg.yield %n : f32
    } -> tensor<6xf32>
    deploy.yield %r : tensor<6xf32>
  }
  func.return %y : tensor<6xf32>
}

// What is made tile by tile: the fill stands before the tensor that tiles go to.

// CHECK-LABEL: @before_the_tiles
func.func @before_the_tiles(%x: tensor<2xf32>) -> tensor<6xf32> {
  %zero = arith.constant 0 : index
  %two = arith.constant 2 : index
  %four = arith.constant 4 : index
  // CHECK: linalg.fill {{.*}} tensor<6xf32>
  // CHECK-NEXT: tensor.empty() : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: scf.for
  %y = scf.for %i = %zero to %four step %two iter_args(%t = %e) -> (tensor<4xf32>) {
    %p = tensor.insert_slice %x into %t[%i] [2] [1] : tensor<2xf32> into tensor<4xf32>
    scf.yield %p : tensor<4xf32>
  }
  %z = tensor.insert_slice %x into %y[1] [2] [1] : tensor<2xf32> into tensor<4xf32>
  %p = tensor.pad %z low[1] high[1] {
  ^bb0(%i: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<4xf32> to tensor<6xf32>
  func.return %p : tensor<6xf32>
}

// What is made outside of the loop is padded in each of its rounds.

// CHECK-LABEL: @in_a_loop
func.func @in_a_loop(%x: tensor<4xf32>, %e: tensor<6xf32>) -> tensor<6xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  // CHECK: tensor.expand_shape
  %s = tensor.expand_shape %x [[0, 1]] output_shape [1, 4] : tensor<4xf32> into tensor<1x4xf32>
  %f = tensor.collapse_shape %s [[0, 1]] : tensor<1x4xf32> into tensor<4xf32>
  // CHECK: scf.for
  // CHECK: linalg.fill
  %y = scf.for %i = %zero to %two step %one iter_args(%t = %e) -> (tensor<6xf32>) {
    %p = tensor.pad %f low[1] high[1] {
    ^bb0(%j: index):
      %c = arith.constant 0.0 : f32
      tensor.yield %c : f32
    } : tensor<4xf32> to tensor<6xf32>
    scf.yield %p : tensor<6xf32>
  }
  func.return %y : tensor<6xf32>
}
