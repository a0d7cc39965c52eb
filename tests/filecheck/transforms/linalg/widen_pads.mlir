// RUN: deployopt %s -p linalg-widen-pads --machine rv64gcv-vlen256 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-widen-pads --machine host --no-debuginfo | filecheck %s --check-prefix NATIVE

#image = affine_map<(h, w, i, j) -> (h + i, w + j)>
#pairs = affine_map<(h, w, i, j) -> (h + i, w * 2 + j)>
#taps = affine_map<(h, w, i, j) -> (i, j)>
#out = affine_map<(h, w, i, j) -> (h, w)>
#id = affine_map<(d0, d1) -> (d0, d1)>

// Two registers have 16 lanes, a row of results 15.

// CHECK-LABEL: @window
// CHECK: [[P:%.+]] = tensor.pad %x low[1, 1] high[1, 2]
// CHECK: : tensor<15x15xf32> to tensor<17x18xf32>
// CHECK: deploy.kernel([[P]] : tensor<17x18xf32>, %w : tensor<3x3xf32>)
// CHECK-NEXT: (%a: tensor<17x18xf32>,
// CHECK: ins(%a, %b : tensor<17x18xf32>, tensor<3x3xf32>) outs(%o : tensor<15x15xf32>)
// NATIVE-LABEL: @window
// NATIVE: tensor<15x15xf32> to tensor<17x17xf32>
func.func @window(%x: tensor<15x15xf32>, %w: tensor<3x3xf32>, %y: tensor<15x15xf32>) -> tensor<15x15xf32> {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<15x15xf32> to tensor<17x17xf32>
  %r = deploy.kernel(%p : tensor<17x17xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<15x15xf32>) {
  ^bb0(%a: tensor<17x17xf32>, %b: tensor<3x3xf32>, %o: tensor<15x15xf32>):
    %s = linalg.generic {indexing_maps = [#image, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<17x17xf32>, tensor<3x3xf32>) outs(%o : tensor<15x15xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<15x15xf32>
    deploy.yield %s : tensor<15x15xf32>
  }
  func.return %r : tensor<15x15xf32>
}

// Lanes two elements apart lack two for each.

// CHECK-LABEL: @stride
// CHECK: tensor<31x31xf32> to tensor<33x35xf32>
func.func @stride(%x: tensor<31x31xf32>, %w: tensor<3x3xf32>, %y: tensor<31x15xf32>) -> tensor<31x15xf32> {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<31x31xf32> to tensor<33x33xf32>
  %r = deploy.kernel(%p : tensor<33x33xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<31x15xf32>) {
  ^bb0(%a: tensor<33x33xf32>, %b: tensor<3x3xf32>, %o: tensor<31x15xf32>):
    %s = linalg.generic {indexing_maps = [#pairs, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<33x33xf32>, tensor<3x3xf32>) outs(%o : tensor<31x15xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<31x15xf32>
    deploy.yield %s : tensor<31x15xf32>
  }
  func.return %r : tensor<31x15xf32>
}

// Five results are a part of one register, whatever a row is then.

// CHECK-LABEL: @short
// CHECK: tensor<5x5xf32> to tensor<7x10xf32>
func.func @short(%x: tensor<5x5xf32>, %w: tensor<3x3xf32>, %y: tensor<5x5xf32>) -> tensor<5x5xf32> {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<5x5xf32> to tensor<7x7xf32>
  %r = deploy.kernel(%p : tensor<7x7xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<5x5xf32>) {
  ^bb0(%a: tensor<7x7xf32>, %b: tensor<3x3xf32>, %o: tensor<5x5xf32>):
    %s = linalg.generic {indexing_maps = [#image, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<7x7xf32>, tensor<3x3xf32>) outs(%o : tensor<5x5xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<5x5xf32>
    deploy.yield %s : tensor<5x5xf32>
  }
  func.return %r : tensor<5x5xf32>
}

// Nine of sixteen lanes would make a row half as long again.

// CHECK-LABEL: @negative_far
// CHECK: tensor<9x9xf32> to tensor<11x11xf32>
func.func @negative_far(%x: tensor<9x9xf32>, %w: tensor<3x3xf32>, %y: tensor<9x9xf32>) -> tensor<9x9xf32> {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<9x9xf32> to tensor<11x11xf32>
  %r = deploy.kernel(%p : tensor<11x11xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<9x9xf32>) {
  ^bb0(%a: tensor<11x11xf32>, %b: tensor<3x3xf32>, %o: tensor<9x9xf32>):
    %s = linalg.generic {indexing_maps = [#image, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<11x11xf32>, tensor<3x3xf32>) outs(%o : tensor<9x9xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<9x9xf32>
    deploy.yield %s : tensor<9x9xf32>
  }
  func.return %r : tensor<9x9xf32>
}

// What is no window reads rows as long as they are, and who is no kernel may want all of them.

// CHECK-LABEL: @negative_copy
// CHECK: tensor<15x15xf32> to tensor<17x15xf32>
func.func @negative_copy(%x: tensor<15x15xf32>, %y: tensor<17x15xf32>) -> tensor<17x15xf32> {
  %p = tensor.pad %x low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<15x15xf32> to tensor<17x15xf32>
  %r = deploy.kernel(%p : tensor<17x15xf32>) outs(%y : tensor<17x15xf32>) {
  ^bb0(%a: tensor<17x15xf32>, %o: tensor<17x15xf32>):
    %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<17x15xf32>) outs(%o : tensor<17x15xf32>) {
    ^bb1(%e: f32, %f: f32):
      linalg.yield %e : f32
    } -> tensor<17x15xf32>
    deploy.yield %s : tensor<17x15xf32>
  }
  func.return %r : tensor<17x15xf32>
}

// CHECK-LABEL: @negative_returned
// CHECK: tensor<15x15xf32> to tensor<17x17xf32>
func.func @negative_returned(%x: tensor<15x15xf32>, %w: tensor<3x3xf32>, %y: tensor<15x15xf32>) -> (tensor<15x15xf32>, tensor<17x17xf32>) {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<15x15xf32> to tensor<17x17xf32>
  %r = deploy.kernel(%p : tensor<17x17xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<15x15xf32>) {
  ^bb0(%a: tensor<17x17xf32>, %b: tensor<3x3xf32>, %o: tensor<15x15xf32>):
    %s = linalg.generic {indexing_maps = [#image, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<17x17xf32>, tensor<3x3xf32>) outs(%o : tensor<15x15xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<15x15xf32>
    deploy.yield %s : tensor<15x15xf32>
  }
  func.return %r, %p : tensor<15x15xf32>, tensor<17x17xf32>
}

// Who reads all of a row would see that it goes on.

// CHECK-LABEL: @negative_read_whole
// CHECK: tensor<15x15xf32> to tensor<17x17xf32>
func.func @negative_read_whole(%x: tensor<15x15xf32>, %w: tensor<3x3xf32>, %y: tensor<15x15xf32>, %z: tensor<17x17xf32>) -> (tensor<15x15xf32>, tensor<17x17xf32>) {
  %p = tensor.pad %x low[1, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 0.0 : f32
    tensor.yield %c : f32
  } : tensor<15x15xf32> to tensor<17x17xf32>
  %r = deploy.kernel(%p : tensor<17x17xf32>, %w : tensor<3x3xf32>) outs(%y : tensor<15x15xf32>) {
  ^bb0(%a: tensor<17x17xf32>, %b: tensor<3x3xf32>, %o: tensor<15x15xf32>):
    %s = linalg.generic {indexing_maps = [#image, #taps, #out], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %b : tensor<17x17xf32>, tensor<3x3xf32>) outs(%o : tensor<15x15xf32>) {
    ^bb1(%e: f32, %f: f32, %g: f32):
      %m = arith.mulf %e, %f : f32
      %n = arith.addf %g, %m : f32
      linalg.yield %n : f32
    } -> tensor<15x15xf32>
    deploy.yield %s : tensor<15x15xf32>
  }
  %q = deploy.kernel(%p : tensor<17x17xf32>) outs(%z : tensor<17x17xf32>) {
  ^bb0(%a: tensor<17x17xf32>, %o: tensor<17x17xf32>):
    %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<17x17xf32>) outs(%o : tensor<17x17xf32>) {
    ^bb1(%e: f32, %f: f32):
      %n = arith.negf %e : f32
      linalg.yield %n : f32
    } -> tensor<17x17xf32>
    deploy.yield %s : tensor<17x17xf32>
  }
  func.return %r, %q : tensor<15x15xf32>, tensor<17x17xf32>
}
