// RUN: deployopt %s -p linalg-form-kernels --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: result of a group's member that is not the last must stay inside
func.func @intermediate_is_a_result(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %o: f32):
    %n = math.sqrt %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: padding in a kernel must be a constant of static width
func.func @pads_with_an_argument(%x: tensor<4xf32>, %v: f32) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<6xf32>
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } {deploy.group = array<i64: 0>} : tensor<4xf32> to tensor<6xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%e : tensor<6xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%q: f32, %o: f32):
    %n = arith.negf %q : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  func.return %a : tensor<6xf32>
}
