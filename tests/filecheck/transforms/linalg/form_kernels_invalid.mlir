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
