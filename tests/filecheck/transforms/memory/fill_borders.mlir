// RUN: deployopt %s -p memory-fill-borders --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-fill-borders --machine scratchpad --no-debuginfo | filecheck %s --check-prefix VECTORS

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Rows of the first axis are whole; those of the second one go as far as what is inside.

// CHECK-LABEL: @transfer
// CHECK: [[ABOVE:%.+]] = memref.subview %o[0, 0] [1, 20] [1, 1]
// CHECK-NEXT: [[ROW:%.+]] = memref.collapse_shape [[ABOVE]] {{.*}} into memref<20xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ROW]] :
// CHECK-NEXT: [[BELOW:%.+]] = memref.subview %o[9, 0] [3, 20] [1, 1]
// CHECK-NEXT: [[ROWS:%.+]] = memref.collapse_shape [[BELOW]] {{.*}} into memref<60xf32, strided<[1], offset: 180>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ROWS]] :
// CHECK-NEXT: [[LEFT:%.+]] = memref.subview %o[1, 0] [8, 2] [1, 1]
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[LEFT]] :
// CHECK-NEXT: [[RIGHT:%.+]] = memref.subview %o[1, 18] [8, 2] [1, 1]
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[RIGHT]] :
// CHECK-NEXT: deploy.yield
// CHECK: deploy.dma_start
// Eight runs of two elements on both sides are more than all of it by vectors.
// VECTORS-LABEL: @transfer
// VECTORS: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<240xf32, strided<[1]>, "L1">
// VECTORS-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @transfer(%x: memref<8x16xf32, "L2">, %y: memref<12x20xf32, "L1">) {
  %a = deploy.buffer "a" : memref<12x20xf32, "L1">
  %in = memref.subview %a[1, 2] [8, 16] [1, 1] : memref<12x20xf32, "L1"> to memref<8x16xf32, strided<[20, 1], offset: 22>, "L1">
  deploy.kernel() outs(%a : memref<12x20xf32, "L1">) {
  ^bb0(%o: memref<12x20xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<12x20xf32, "L1">)
    deploy.yield
  }
  %t = deploy.dma_start %x, %in : memref<8x16xf32, "L2">, memref<8x16xf32, strided<[20, 1], offset: 22>, "L1">
  deploy.dma_wait %t
  deploy.kernel(%a : memref<12x20xf32, "L1">) outs(%y : memref<12x20xf32, "L1">) {
  ^bb0(%p: memref<12x20xf32, "L1">, %o: memref<12x20xf32, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%p : memref<12x20xf32, "L1">) outs(%o : memref<12x20xf32, "L1">) {
    ^bb1(%e: f32, %f: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  func.return
}

// Long runs are less than all of it by vectors, too; where there is no border is no box.

// CHECK-LABEL: @kernel
// CHECK: memref.subview %o[0, 0] [1, 64] [1, 1]
// CHECK: linalg.fill
// CHECK: memref.subview %o[9, 0] [1, 64] [1, 1]
// CHECK: linalg.fill
// CHECK-NOT: linalg.fill
// CHECK: deploy.kernel(%x :
// VECTORS-LABEL: @kernel
// VECTORS: memref.subview %o[0, 0] [1, 64] [1, 1]
// VECTORS: memref.subview %o[9, 0] [1, 64] [1, 1]
func.func @kernel(%x: memref<8x64xf32, "L1">) {
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  %in = memref.subview %a[1, 0] [8, 64] [1, 1] : memref<10x64xf32, "L1"> to memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  deploy.kernel(%x : memref<8x64xf32, "L1">) outs(%in : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
  ^bb0(%p: memref<8x64xf32, "L1">, %o: memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%p : memref<8x64xf32, "L1">) outs(%o : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
    ^bb1(%e: f32, %f: f32):
      linalg.yield %e : f32
    }
    deploy.yield
  }
  func.return
}

// A sum begins with what is there.

// CHECK-LABEL: @negative_accumulates
// CHECK: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<640xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @negative_accumulates(%x: memref<8x64x4xf32, "L1">) {
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  %in = memref.subview %a[1, 0] [8, 64] [1, 1] : memref<10x64xf32, "L1"> to memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  deploy.kernel(%x : memref<8x64x4xf32, "L1">) outs(%in : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
  ^bb0(%p: memref<8x64x4xf32, "L1">, %o: memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">):
    linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%p : memref<8x64x4xf32, "L1">) outs(%o : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
    ^bb1(%e: f32, %f: f32):
      %s = arith.addf %e, %f : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}

// What is written in a loop is another part in each round.

// CHECK-LABEL: @negative_parts
// CHECK: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<640xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @negative_parts(%x: memref<1x64xf32, "L2">) {
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  scf.for %i = %c1 to %c9 step %c1 {
    %in = memref.subview %a[%i, 0] [1, 64] [1, 1] : memref<10x64xf32, "L1"> to memref<1x64xf32, strided<[64, 1], offset: ?>, "L1">
    %t = deploy.dma_start %x, %in : memref<1x64xf32, "L2">, memref<1x64xf32, strided<[64, 1], offset: ?>, "L1">
    deploy.dma_wait %t
  }
  func.return
}

// Every second element is no box.

// CHECK-LABEL: @negative_gaps
// CHECK: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<640xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @negative_gaps(%x: memref<8x32xf32, "L2">) {
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  %in = memref.subview %a[1, 0] [8, 32] [1, 2] : memref<10x64xf32, "L1"> to memref<8x32xf32, strided<[64, 2], offset: 64>, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  %t = deploy.dma_start %x, %in : memref<8x32xf32, "L2">, memref<8x32xf32, strided<[64, 2], offset: 64>, "L1">
  deploy.dma_wait %t
  func.return
}

// What is read next has to be there.

// CHECK-LABEL: @negative_read
// CHECK: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<640xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @negative_read(%y: memref<8x64xf32, "L2">) {
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  %in = memref.subview %a[1, 0] [8, 64] [1, 1] : memref<10x64xf32, "L1"> to memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  %t = deploy.dma_start %in, %y : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">, memref<8x64xf32, "L2">
  deploy.dma_wait %t
  func.return
}

// What is computed in its place is read.

// CHECK-LABEL: @negative_in_place
// CHECK: [[ALL:%.+]] = memref.collapse_shape %o {{.*}} into memref<640xf32, strided<[1]>, "L1">
// CHECK-NEXT: linalg.fill ins(%c : f32) outs([[ALL]] :
func.func @negative_in_place() {
  %a = deploy.buffer "a" : memref<10x64xf32, "L1">
  %in = memref.subview %a[1, 0] [8, 64] [1, 1] : memref<10x64xf32, "L1"> to memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">
  deploy.kernel() outs(%a : memref<10x64xf32, "L1">) {
  ^bb0(%o: memref<10x64xf32, "L1">):
    %c = arith.constant 1.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x64xf32, "L1">)
    deploy.yield
  }
  deploy.kernel() outs(%in : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
  ^bb0(%o: memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%o : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) outs(%o : memref<8x64xf32, strided<[64, 1], offset: 64>, "L1">) {
    ^bb1(%e: f32, %f: f32):
      %s = arith.addf %e, %e : f32
      linalg.yield %s : f32
    }
    deploy.yield
  }
  func.return
}
