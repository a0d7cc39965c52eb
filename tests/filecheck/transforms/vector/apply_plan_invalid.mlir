// RUN: deployopt %s -p vector-apply-plan --verify-diagnostics | filecheck %s

#row = affine_map<(d0, d1) -> (d0, d1)>
#first = affine_map<(d0, d1) -> (d0)>

// CHECK: plan must cut 2 operations of kernel 3cb1e65a8fbd0d27, got 1
builtin.module attributes {deploy.plan = {residents = [], kernels = [], blocks = [{kernel = "3cb1e65a8fbd0d27", nodes = [], operations = [{}]}]}} {
func.func private @too_few(%a: memref<4x6xf32>, %b: memref<4xf32>) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  linalg.generic {indexing_maps = [#row, #first], iterator_types = ["parallel", "reduction"]} ins(%a : memref<4x6xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  func.return
}
}
