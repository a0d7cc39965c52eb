// RUN: deployopt %s -p 'linalg-choose-tiles{near_bytes=20000}' --machine scratchpad --no-debuginfo | filecheck %s --check-prefix MOST
// RUN: deployopt %s -p 'linalg-choose-tiles{near_bytes=12000}' --machine scratchpad --no-debuginfo | filecheck %s --check-prefix LESS
// RUN: deployopt %s -p 'linalg-choose-tiles{near_bytes=6000}' --machine scratchpad --no-debuginfo | filecheck %s --check-prefix LEAST

// Vectors of 128 bits have four lanes of f32. Of tiles that move the same bytes, those
// are chosen whose kernels take the fewest instructions; and where they would take many
// more than uncut, some bytes are given for them.

#rows = affine_map<(d0, d1, d2) -> (d0, d2)>
#columns = affine_map<(d0, d1, d2) -> (d2, d1)>
#sums = affine_map<(d0, d1, d2) -> (d0, d1)>

// In 20,000 bytes, seven rows or seven columns have room at a time, and all else stays:
// each byte moves once. Seven columns are two vectors, one of them with a lane to spare;
// rows need none.

// In 12,000 bytes, both are cut. Eight rows of eight vectors make larger blocks than 32
// rows of two.

// In 6,000 bytes, parts of the reduction would move 16,384 bytes less. But sums would be
// put away between them, and whole rows and columns take fewer instructions.

// MOST-LABEL: @matmul
// MOST: deploy.cost = {bytes = {"L1->L2" = 16384 : i64, "L2->L1" = 32768 : i64
// MOST: deploy.tile = array<i64: 7, 0, 0>
// LESS-LABEL: @matmul
// LESS: deploy.cost = {bytes = {"L1->L2" = 16384 : i64, "L2->L1" = 49152 : i64
// LESS: deploy.tile = array<i64: 8, 32, 0>, deploy.order = array<i64: 1, 0>
// LEAST-LABEL: @matmul
// LEAST: deploy.cost = {bytes = {"L1->L2" = 16384 : i64, "L2->L1" = 81920 : i64
// LEAST: deploy.tile = array<i64: 5, 16, 0>, deploy.order = array<i64: 1, 0>
func.func @matmul(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %e = tensor.empty() : tensor<64x64xf32>
  %c = deploy.kernel(%a : tensor<64x64xf32>, %b : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
  ^bb0(%ka: tensor<64x64xf32>, %kb: tensor<64x64xf32>, %ko: tensor<64x64xf32>):
    %zero = arith.constant 0.0 : f32
    %f = linalg.fill ins(%zero : f32) outs(%ko : tensor<64x64xf32>) -> tensor<64x64xf32>
    %r = linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]} ins(%ka, %kb : tensor<64x64xf32>, tensor<64x64xf32>) outs(%f : tensor<64x64xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %m = arith.mulf %p, %q : f32
      %s = arith.addf %m, %o : f32
      linalg.yield %s : f32
    } -> tensor<64x64xf32>
    deploy.yield %r : tensor<64x64xf32>
  }
  func.return %c : tensor<64x64xf32>
}
