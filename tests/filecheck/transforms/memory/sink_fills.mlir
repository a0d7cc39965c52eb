// RUN: deployopt %s -p memory-sink-fills --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-sink-fills --machine host --no-debuginfo | filecheck %s --check-prefix FLAT

#id = affine_map<(d0, d1) -> (d0, d1)>

// %a is filled when %b has been made: it is written next then.

// CHECK-LABEL: @right_before
// CHECK: [[A:%.+]] = deploy.buffer "a"
// CHECK: [[B:%.+]] = deploy.buffer "b"
// CHECK: deploy.kernel() outs([[B]] :
// CHECK: deploy.kernel(%x : {{.*}}) outs(
// CHECK: deploy.kernel() outs([[A]] :
// CHECK: deploy.kernel([[B]] :
// FLAT-LABEL: @right_before
// FLAT: [[A:%.+]] = deploy.buffer "a"
// FLAT: [[B:%.+]] = deploy.buffer "b"
// FLAT: deploy.kernel() outs([[A]] :
// FLAT: deploy.kernel() outs([[B]] :
func.func @right_before(%x: memref<6x6xf32, "L1">) {
  %a = deploy.buffer "a" : memref<10x10xf32, "L1">
  %b = deploy.buffer "b" : memref<8x8xf32, "L1">
  %in_a = memref.subview %a[1, 1] [8, 8] [1, 1] : memref<10x10xf32, "L1"> to memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">
  %in_b = memref.subview %b[1, 1] [6, 6] [1, 1] : memref<8x8xf32, "L1"> to memref<6x6xf32, strided<[8, 1], offset: 9>, "L1">
  deploy.kernel() outs(%a : memref<10x10xf32, "L1">) {
  ^bb0(%o: memref<10x10xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x10xf32, "L1">)
    deploy.yield
  }
  deploy.kernel() outs(%b : memref<8x8xf32, "L1">) {
  ^bb0(%o: memref<8x8xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<8x8xf32, "L1">)
    deploy.yield
  }
  deploy.kernel(%x : memref<6x6xf32, "L1">) outs(%in_b : memref<6x6xf32, strided<[8, 1], offset: 9>, "L1">) {
  ^bb0(%in: memref<6x6xf32, "L1">, %o: memref<6x6xf32, strided<[8, 1], offset: 9>, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%in : memref<6x6xf32, "L1">) outs(%o : memref<6x6xf32, strided<[8, 1], offset: 9>, "L1">) {
    ^bb0(%p: f32, %q: f32):
      linalg.yield %p : f32
    }
    deploy.yield
  }
  deploy.kernel(%b : memref<8x8xf32, "L1">) outs(%in_a : memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">) {
  ^bb0(%in: memref<8x8xf32, "L1">, %o: memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%in : memref<8x8xf32, "L1">) outs(%o : memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">) {
    ^bb0(%p: f32, %q: f32):
      linalg.yield %p : f32
    }
    deploy.yield
  }
  func.return
}

// A loop that touches the buffer comes behind the fill as a whole.

// CHECK-LABEL: @before_a_loop
// CHECK: [[A:%.+]] = deploy.buffer "a"
// CHECK: deploy.kernel(%x :
// CHECK: deploy.kernel() outs([[A]] :
// CHECK: scf.for
func.func @before_a_loop(%x: memref<8x8xf32, "L1">, %y: memref<8x8xf32, "L1">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = deploy.buffer "a" : memref<10x10xf32, "L1">
  %in_a = memref.subview %a[1, 1] [8, 8] [1, 1] : memref<10x10xf32, "L1"> to memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">
  deploy.kernel() outs(%a : memref<10x10xf32, "L1">) {
  ^bb0(%o: memref<10x10xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x10xf32, "L1">)
    deploy.yield
  }
  deploy.kernel(%x : memref<8x8xf32, "L1">) outs(%y : memref<8x8xf32, "L1">) {
  ^bb0(%in: memref<8x8xf32, "L1">, %o: memref<8x8xf32, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%in : memref<8x8xf32, "L1">) outs(%o : memref<8x8xf32, "L1">) {
    ^bb0(%p: f32, %q: f32):
      linalg.yield %p : f32
    }
    deploy.yield
  }
  scf.for %i = %c0 to %c4 step %c1 {
  deploy.kernel(%y : memref<8x8xf32, "L1">) outs(%in_a : memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">) {
  ^bb0(%in: memref<8x8xf32, "L1">, %o: memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%in : memref<8x8xf32, "L1">) outs(%o : memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">) {
    ^bb0(%p: f32, %q: f32):
      linalg.yield %p : f32
    }
    deploy.yield
  }
  }
  func.return
}

// CHECK-LABEL: @negative_used_next
// CHECK: [[A:%.+]] = deploy.buffer "a"
// CHECK: deploy.kernel() outs([[A]] :
// CHECK: deploy.dma_start
// CHECK: deploy.kernel(
func.func @negative_used_next(%x: memref<8x8xf32, "L2">, %y: memref<8x8xf32, "L1">, %z: memref<8x8xf32, "L1">) {
  %a = deploy.buffer "a" : memref<10x10xf32, "L1">
  %in_a = memref.subview %a[1, 1] [8, 8] [1, 1] : memref<10x10xf32, "L1"> to memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">
  deploy.kernel() outs(%a : memref<10x10xf32, "L1">) {
  ^bb0(%o: memref<10x10xf32, "L1">):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%o : memref<10x10xf32, "L1">)
    deploy.yield
  }
  %t = deploy.dma_start %x, %in_a : memref<8x8xf32, "L2">, memref<8x8xf32, strided<[10, 1], offset: 11>, "L1">
  deploy.dma_wait %t
  deploy.kernel(%y : memref<8x8xf32, "L1">) outs(%z : memref<8x8xf32, "L1">) {
  ^bb0(%in: memref<8x8xf32, "L1">, %o: memref<8x8xf32, "L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%in : memref<8x8xf32, "L1">) outs(%o : memref<8x8xf32, "L1">) {
    ^bb0(%p: f32, %q: f32):
      linalg.yield %p : f32
    }
    deploy.yield
  }
  func.return
}
