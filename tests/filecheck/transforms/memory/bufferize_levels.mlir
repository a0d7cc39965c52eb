// RUN: deployopt %s -p memory-bufferize --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-bufferize --machine scratchpad | filecheck %s --check-prefix LOC

// Kernels may touch L1 only; the caller and constants are in L3.

#id1 = affine_map<(d0) -> (d0)>
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>

// In by two hops, out by two hops; what each hop makes is a buffer in its level. The sum
// is made in place of what came in.

// CHECK: memref.global "private" constant @weights_0 : memref<4xf32, "L3">

// CHECK-LABEL: @there_and_back
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "L3"> {deploy.role = "input"}, [[Y:%.+]]: memref<4xf32, "L3"> {deploy.role = "output"}
func.func @there_and_back(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: [[X2:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L2">
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[X]], [[X2]] : memref<4xf32, "L3">, memref<4xf32, "L2">
  // CHECK-NEXT: deploy.dma_wait [[T]]
  // LOC: deploy.dma_start {{.*}} loc("add")
  // LOC-NEXT: deploy.dma_wait {{.*}} loc("add")
  %x2 = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"} : tensor<4xf32> loc("add")
  // CHECK-NEXT: [[X1:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L1">
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[X2]], [[X1]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  %x1 = bufferization.alloc_tensor() copy(%x2) {memory_space = "L1"} : tensor<4xf32>
  // CHECK-NEXT: [[W:%.+]] = memref.get_global @weights_0 : memref<4xf32, "L3">
  // CHECK-NEXT: [[W2:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L2">
  // CHECK-NEXT: deploy.dma_start [[W]], [[W2]] :
  // CHECK: [[W1:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L1">
  // CHECK-NEXT: deploy.dma_start [[W2]], [[W1]] :
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %w2 = bufferization.alloc_tensor() copy(%w) {memory_space = "L2"} : tensor<4xf32>
  %w1 = bufferization.alloc_tensor() copy(%w2) {memory_space = "L1"} : tensor<4xf32>
  // CHECK: deploy.kernel([[W1]] : memref<4xf32, "L1">) outs([[X1]] : memref<4xf32, "L1">) {
  %e = tensor.empty() : tensor<4xf32>
  %y1 = deploy.kernel(%x1 : tensor<4xf32>, %w1 : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %kw: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%kx, %kw : tensor<4xf32>, tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %s = arith.addf %p, %q : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  // CHECK: [[Y2:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L2">
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[X1]], [[Y2]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  %y2 = bufferization.alloc_tensor() copy(%y1) {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[Y2]], [[Y]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  // CHECK-NEXT: func.return
  func.return %y2 : tensor<4xf32>
}

// Two of eight rows at a time. A tile has a buffer of its own; its result is written into
// its part of the whole in L2, which the loop carries.

// CHECK-LABEL: @tiles
// CHECK-SAME: [[X:%.+]]: memref<8x4xf32, "L3"> {{.*}}, [[Y:%.+]]: memref<8x4xf32, "L3">
func.func @tiles(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  // CHECK: [[X2:%.+]] = deploy.buffer {{.*}} : memref<8x4xf32, "L2">
  // CHECK-NEXT: deploy.dma_start [[X]], [[X2]] :
  // CHECK-DAG: [[T1:%.+]] = deploy.buffer {{.*}} : memref<2x4xf32, "L1">
  // CHECK-DAG: [[D2:%.+]] = deploy.buffer {{.*}} : memref<8x4xf32, "L2">
  // CHECK: scf.for [[I:%.+]] = %c0 to %c8 step %c2 {
  // CHECK-NEXT: [[S:%.+]] = memref.subview [[X2]][[[I]], 0] [2, 4] [1, 1]
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[S]], [[T1]] : memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<2x4xf32, "L1">
  // CHECK-NEXT: deploy.dma_wait [[T]]
  // CHECK-NEXT: deploy.kernel() outs([[T1]] : memref<2x4xf32, "L1">) {
  // CHECK: [[P:%.+]] = memref.subview [[D2]][[[I]], 0] [2, 4] [1, 1]
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[T1]], [[P]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  // CHECK-NEXT: {{^ *}$}}
  // CHECK-NEXT: deploy.dma_start [[D2]], [[Y]] :
  %x2 = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"} : tensor<8x4xf32>
  %d2 = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<8x4xf32>
  %y2 = scf.for %i = %c0 to %c8 step %c2 iter_args(%d = %d2) -> (tensor<8x4xf32>) {
    %s = tensor.extract_slice %x2[%i, 0] [2, 4] [1, 1] : tensor<8x4xf32> to tensor<2x4xf32>
    %t = bufferization.alloc_tensor() copy(%s) {memory_space = "L1"} : tensor<2x4xf32>
    %e = tensor.empty() : tensor<2x4xf32>
    %k = deploy.kernel(%t : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
    ^bb0(%kx: tensor<2x4xf32>, %ko: tensor<2x4xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<2x4xf32>) outs(%ko : tensor<2x4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %c = arith.negf %a : f32
        linalg.yield %c : f32
      } -> tensor<2x4xf32>
      deploy.yield %r : tensor<2x4xf32>
    }
    %n = tensor.insert_slice %k into %d[%i, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<8x4xf32>
    scf.yield %n : tensor<8x4xf32>
  }
  func.return %y2 : tensor<8x4xf32>
}

// The padding is filled near, the inside comes from L2 to where it stands in it.

// CHECK-LABEL: @into_the_middle
func.func @into_the_middle(%x: tensor<2x4xf32>) -> tensor<4x6xf32> {
  // CHECK: [[X2:%.+]] = deploy.buffer {{.*}} : memref<2x4xf32, "L2">
  %x2 = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"} : tensor<2x4xf32>
  // CHECK: [[P:%.+]] = deploy.buffer {{.*}} : memref<4x6xf32, "L1">
  // CHECK-NEXT: deploy.kernel() outs([[P]] :
  %e = tensor.empty() : tensor<4x6xf32>
  %p = deploy.kernel() outs(%e : tensor<4x6xf32>) {
  ^bb0(%ko: tensor<4x6xf32>):
    %c = arith.constant 0.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<4x6xf32>) -> tensor<4x6xf32>
    deploy.yield %r : tensor<4x6xf32>
  }
  // CHECK: [[I:%.+]] = memref.subview [[P]][1, 1] [2, 4] [1, 1] : {{.*}} to memref<2x4xf32, strided<[6, 1], offset: 7>, "L1">
  // CHECK-NEXT: [[T:%.+]] = deploy.dma_start [[X2]], [[I]] :
  // CHECK-NEXT: deploy.dma_wait [[T]]
  %i = tensor.insert_slice %x2 into %p[1, 1] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<4x6xf32>
  %y2 = bufferization.alloc_tensor() copy(%i) {memory_space = "L2"} : tensor<4x6xf32>
  func.return %y2 : tensor<4x6xf32>
}

// A copy within a level that nobody needs is none; nor is one of nothing.

// CHECK-LABEL: @negative_no_copy
// CHECK-NOT: deploy.kernel
// CHECK-NOT: L1
// CHECK: deploy.dma_start
// CHECK-NOT: deploy.dma_start
func.func @negative_no_copy(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %a = bufferization.alloc_tensor() copy(%e) {memory_space = "L2"} : tensor<4xf32>
  %y3 = bufferization.alloc_tensor() copy(%x) {memory_space = "L3"} : tensor<4xf32>
  func.return %y3 : tensor<4xf32>
}

// The copy is changed while the original is still read: within L1 a kernel makes it.

// CHECK-LABEL: @copied_within_a_level
// CHECK: [[A:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L1">
// CHECK-NEXT: deploy.kernel() outs([[A]] :
// CHECK: [[B:%.+]] = deploy.buffer {{.*}} : memref<4xf32, "L1">
// CHECK-NEXT: deploy.kernel([[A]] : memref<4xf32, "L1">) outs([[B]] : memref<4xf32, "L1">) {
// CHECK: linalg.yield
// CHECK: memref.subview [[B]][0] [1] [1]
func.func @copied_within_a_level() -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %a = deploy.kernel() outs(%e : tensor<4xf32>) {
  ^bb0(%ko: tensor<4xf32>):
    %c = arith.constant 0.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<4xf32>) -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %b = bufferization.alloc_tensor() copy(%a) {memory_space = "L1"} : tensor<4xf32>
  %e1 = tensor.empty() : tensor<1xf32>
  %one = deploy.kernel() outs(%e1 : tensor<1xf32>) {
  ^bb0(%ko: tensor<1xf32>):
    %c = arith.constant 1.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<1xf32>) -> tensor<1xf32>
    deploy.yield %r : tensor<1xf32>
  }
  %n = tensor.insert_slice %one into %b[0] [1] [1] : tensor<1xf32> into tensor<4xf32>
  %a2 = bufferization.alloc_tensor() copy(%a) {memory_space = "L2"} : tensor<4xf32>
  %n2 = bufferization.alloc_tensor() copy(%n) {memory_space = "L2"} : tensor<4xf32>
  func.return %a2, %n2 : tensor<4xf32>, tensor<4xf32>
}
