// RUN: deployopt %s -p linalg-form-kernels --machine scratchpad --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: kernel can pad only where it may touch all memory levels
func.func @levels(%x: tensor<4xf32>) -> tensor<6xf32> {
  %v = arith.constant 2.5 : f32
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
