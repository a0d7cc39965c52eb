// RUN: deployopt %s -p memory-pipeline-transfers --machine scratchpad --set L1.size=160 --no-debuginfo | filecheck %s
// RUN: deployopt %s -p 'memory-pipeline-transfers{ahead=2}' --machine scratchpad --set L1.size=160 --no-debuginfo | filecheck %s --check-prefix AHEAD
// RUN: deployopt %s -p memory-pipeline-transfers --machine scratchpad --set L1.size=160 --set L1.dma.asynchronous=false --no-debuginfo | filecheck %s --check-prefix SYNC
// RUN: deployopt %s -p memory-pipeline-transfers --machine scratchpad --no-debuginfo | filecheck %s --check-prefix ROOM

// A tile is 8 numbers, 32 bytes; L1 holds five of them.

!n = memref<8xi32, "L1">
!m = memref<8xi32, "L2">
!far = memref<8xi32, "L3">
!x = memref<32xi32, "L2">
!xi = memref<8xi32, strided<[1], offset: ?>, "L2">
#id = affine_map<(d0) -> (d0)>

// Four rounds: while the kernel works on one half the next tile comes into the other one.
// The last round is by itself, since it starts nothing. On a hop that is not asynchronous
// nothing changes.

// CHECK-LABEL: @incoming
// CHECK-DAG: [[C0:%.+]] = arith.constant 0 : index
// CHECK-DAG: [[C8:%.+]] = arith.constant 8 : index
// CHECK-DAG: [[A:%.+]] = deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK: [[S:%.+]] = memref.subview %x[[[C0]]] [8] [1]
// CHECK: [[H:%.+]] = memref.subview [[A]][[[C0]], 0] [1, 8] [1, 1] : memref<2x8xi32, "L1"> to memref<8xi32, strided<[1], offset: ?>, "L1">
// CHECK: [[T:%.+]] = deploy.dma_start [[S]], [[H]]
// CHECK: [[C24:%.+]] = arith.constant 24 : index
// CHECK: [[L:%.+]] = scf.for [[I:%\w+]] = [[C0]] to [[C24]] step [[C8]] iter_args([[U:%.+]] = [[T]]) -> (!deploy.token) {
// CHECK-NEXT: deploy.dma_wait [[U]]
// CHECK: [[J:%.+]] = arith.addi [[I]], [[C8]]
// CHECK: [[S:%.+]] = memref.subview %x[[[J]]] [8] [1]
// CHECK: [[Q:%.+]] = arith.divui [[I]], [[C8]]
// CHECK: [[P:%.+]] = arith.remui [[Q]], {{%.+}}
// CHECK: [[O:%.+]] = arith.subi {{%.+}}, [[P]]
// CHECK: [[H:%.+]] = memref.subview [[A]][[[O]], 0] [1, 8] [1, 1]
// CHECK: [[N:%.+]] = deploy.dma_start [[S]], [[H]]
// CHECK: [[H:%.+]] = memref.subview [[A]][[[P]], 0] [1, 8] [1, 1]
// CHECK: deploy.kernel([[H]] : memref<8xi32, strided<[1], offset: ?>, "L1">) outs(%sum :
// CHECK: ^bb0({{%.+}}: memref<8xi32, strided<[1], offset: ?>, "L1">, {{%.+}}: memref<8xi32, "L1">):
// CHECK: scf.yield [[N]]
// CHECK: deploy.dma_wait [[L]]
// CHECK: [[H:%.+]] = memref.subview [[A]][{{%.+}}, 0] [1, 8] [1, 1]
// CHECK: deploy.kernel([[H]]
// CHECK-NOT: deploy.dma
// CHECK: func.return
// SYNC-LABEL: @incoming
// SYNC: deploy.buffer "a" : memref<8xi32, "L1">
// SYNC: scf.for
// SYNC: [[T:%.+]] = deploy.dma_start
// SYNC-NEXT: deploy.dma_wait [[T]]
func.func @incoming(%x: !x, %sum: !n) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%sum : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}

// The first round is by itself, since there is no result to wait for yet; then each round
// waits for the one before as soon as its kernel is done.

// CHECK-LABEL: @outgoing
// CHECK: [[B:%.+]] = deploy.buffer "b" : memref<2x8xi32, "L1">
// CHECK: deploy.kernel(%w
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK: [[L:%.+]] = scf.for [[I:%\w+]] = %c8 to %c32 step %c8 iter_args([[U:%.+]] = [[T]]) -> (!deploy.token) {
// CHECK: deploy.kernel(%w
// CHECK: deploy.dma_wait [[U]]
// CHECK: [[N:%.+]] = deploy.dma_start
// CHECK: scf.yield [[N]]
// CHECK: deploy.dma_wait [[L]]
// CHECK-NOT: deploy.kernel
// CHECK: func.return
func.func @outgoing(%w: !n, %y: !x) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %b = deploy.buffer "b" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    deploy.kernel(%w : !n) outs(%b : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    %d = memref.subview %y[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %b, %d : !n, !xi
    deploy.dma_wait %t
  }
  func.return
}

// Both: 4 * 32 bytes and one of the buffer between, 160. That one is each round's own.

// CHECK-LABEL: @both
// CHECK-DAG: deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK-DAG: deploy.buffer "b" : memref<2x8xi32, "L1">
// CHECK-DAG: [[M:%.+]] = deploy.buffer "m" : memref<8xi32, "L1">
// CHECK-DAG: [[M1:%.+]] = deploy.buffer "m.1" : memref<8xi32, "L1">
// CHECK-DAG: [[M2:%.+]] = deploy.buffer "m.2" : memref<8xi32, "L1">
// CHECK: deploy.dma_start
// CHECK: deploy.dma_wait
// CHECK: deploy.dma_start
// CHECK: outs([[M1]]
// CHECK: deploy.dma_start
// CHECK: scf.for {{%.+}} = %c8 to {{%.+}} step %c8 iter_args([[IN:%.+]] = {{%.+}}, [[OUT:%.+]] = {{%.+}}) ->
// CHECK-NEXT: deploy.dma_wait [[IN]]
// CHECK: deploy.dma_start
// CHECK: outs([[M]]
// CHECK: deploy.dma_wait [[OUT]]
// CHECK: deploy.dma_start
// CHECK: deploy.dma_wait
// CHECK: outs([[M2]]
// CHECK: deploy.dma_wait
// CHECK: deploy.dma_start
// CHECK: deploy.dma_wait
// CHECK: func.return
func.func @both(%x: !x, %y: !x) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  %m = deploy.buffer "m" : !n
  %b = deploy.buffer "b" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%m : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    deploy.kernel(%m : !n) outs(%b : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    %d = memref.subview %y[%i] [8] [1] : !x to !xi
    %u = deploy.dma_start %b, %d : !n, !xi
    deploy.dma_wait %u
  }
  func.return
}

// Two more buffers are needed all the time: 3 * 32 bytes are left, for one more half.
// Of the two, which are equal, the first one has it.

// CHECK-LABEL: @room_for_one
// CHECK-DAG: deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK-DAG: deploy.buffer "b" : memref<8xi32, "L1">
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %{{.+}}) -> (!deploy.token) {
// CHECK: [[U:%.+]] = deploy.dma_start %b
// CHECK-NEXT: deploy.dma_wait [[U]]
// CHECK: func.return
// ROOM-LABEL: @room_for_one
// ROOM-DAG: deploy.buffer "a" : memref<2x8xi32, "L1">
// ROOM-DAG: deploy.buffer "b" : memref<2x8xi32, "L1">
func.func @room_for_one(%x: !x, %y: !x) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  %b = deploy.buffer "b" : !n
  %k = deploy.buffer "k" : memref<16xi32, "L1">
  deploy.kernel() outs(%k : memref<16xi32,"L1">) {
  ^bb0(%k1: memref<16xi32,"L1">):
    %k0 = arith.constant 0 : i32
    linalg.fill ins(%k0 : i32) outs(%k1 : memref<16xi32,"L1">)
    deploy.yield
  }
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%b : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    %d = memref.subview %y[%i] [8] [1] : !x to !xi
    %u = deploy.dma_start %b, %d : !n, !xi
    deploy.dma_wait %u
  }
  deploy.kernel(%k : memref<16xi32,"L1">) outs(%k : memref<16xi32,"L1">) {
  ^bb0(%k0: memref<16xi32,"L1">, %k1: memref<16xi32,"L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : memref<16xi32,"L1">) outs(%k1 : memref<16xi32,"L1">) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// From L3 in two steps: the kernel works on round i while i + 1 comes to L1 and i + 2 to
// L2, so that two rounds are by themselves at the end.

// CHECK-LABEL: @two_hops
// CHECK-DAG: [[M:%.+]] = deploy.buffer "m" : memref<2x8xi32, "L2">
// CHECK-DAG: [[A:%.+]] = deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK: [[C16:%.+]] = arith.constant 16 : index
// CHECK: scf.for [[I:%\w+]] = %c0 to [[C16]] step %c8 iter_args([[FAR:%.+]] = {{%.+}}, [[NEAR:%.+]] = {{%.+}}) ->
// CHECK-NEXT: deploy.dma_wait [[NEAR]]
// CHECK-NEXT: deploy.dma_wait [[FAR]]
// CHECK: [[N1:%.+]] = deploy.dma_start {{.*}} : memref<8xi32, strided<[1], offset: ?>, "L2">, memref<8xi32, strided<[1], offset: ?>, "L1">
// CHECK: [[J:%.+]] = arith.addi [[I]], [[C16]]
// CHECK: memref.subview %x[[[J]]] [8] [1]
// CHECK: [[F1:%.+]] = deploy.dma_start {{.*}} : memref<8xi32, strided<[1], offset: ?>, "L3">, memref<8xi32, strided<[1], offset: ?>, "L2">
// CHECK: deploy.kernel
// CHECK: scf.yield [[F1]], [[N1]]
// CHECK: deploy.kernel
// CHECK: deploy.kernel
// CHECK: func.return
func.func @two_hops(%x: memref<32xi32, "L3">, %sum: !n) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %m = deploy.buffer "m" : !m
  %a = deploy.buffer "a" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : memref<32xi32, "L3"> to memref<8xi32, strided<[1], offset: ?>, "L3">
    %t = deploy.dma_start %s, %m : memref<8xi32, strided<[1], offset: ?>, "L3">, !m
    deploy.dma_wait %t
    %u = deploy.dma_start %m, %a : !m, !n
    deploy.dma_wait %u
    deploy.kernel(%a : !n) outs(%sum : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}

// The padding around a tile is filled in the half that the tile comes into.

// CHECK-LABEL: @fill_goes_along
// CHECK: [[P:%.+]] = deploy.buffer "p" : memref<2x10xi32, "L1">
// CHECK: scf.for
// CHECK-NEXT: deploy.dma_wait
// CHECK: [[O:%.+]] = arith.subi
// CHECK: [[H:%.+]] = memref.subview [[P]][[[O]], 0] [1, 10] [1, 1]
// CHECK: deploy.kernel() outs([[H]]
// CHECK: [[T:%.+]] = memref.subview [[H]][1] [8] [1] : memref<10xi32, strided<[1], offset: ?>, "L1"> to memref<8xi32, strided<[1], offset: ?>, "L1">
// CHECK: deploy.dma_start {{%.+}}, [[T]]
// CHECK: deploy.kernel(
// CHECK: scf.yield
func.func @fill_goes_along(%x: !x, %sum: memref<10xi32, "L1">) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %p = deploy.buffer "p" : memref<10xi32, "L1">
  scf.for %i = %c0 to %c32 step %c8 {
    deploy.kernel() outs(%p : memref<10xi32,"L1">) {
    ^bb0(%k1: memref<10xi32,"L1">):
      %k0 = arith.constant 0 : i32
      linalg.fill ins(%k0 : i32) outs(%k1 : memref<10xi32,"L1">)
      deploy.yield
    }
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %d = memref.subview %p[1] [8] [1] : memref<10xi32, "L1"> to memref<8xi32, strided<[1], offset: 1>, "L1">
    %t = deploy.dma_start %s, %d : !xi, memref<8xi32, strided<[1], offset: 1>, "L1">
    deploy.dma_wait %t
    deploy.kernel(%p : memref<10xi32,"L1">) outs(%sum : memref<10xi32,"L1">) {
    ^bb0(%k0: memref<10xi32,"L1">, %k1: memref<10xi32,"L1">):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : memref<10xi32,"L1">) outs(%k1 : memref<10xi32,"L1">) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}

// Another shape of the tile is another shape of both halves.

// CHECK-LABEL: @reshaped
// CHECK: [[A:%.+]] = deploy.buffer "a" : memref<2x2x4xi32, "L1">
// CHECK: [[R:%.+]] = memref.reinterpret_cast [[A]] to offset: [0], sizes: [2, 8], strides: [8, 1] : memref<2x2x4xi32, "L1"> to memref<2x8xi32, "L1">
// CHECK: scf.for
// CHECK: [[H:%.+]] = memref.subview [[R]][{{%.+}}, 0] [1, 8] [1, 1]
// CHECK: deploy.kernel([[H]]
func.func @reshaped(%x: memref<8x4xi32, "L2">, %sum: !n) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : memref<2x4xi32, "L1">
  scf.for %i = %c0 to %c8 step %c2 {
    %s = memref.subview %x[%i, 0] [2, 4] [1, 1] : memref<8x4xi32, "L2"> to memref<2x4xi32, strided<[4, 1], offset: ?>, "L2">
    %t = deploy.dma_start %s, %a : memref<2x4xi32, strided<[4, 1], offset: ?>, "L2">, memref<2x4xi32, "L1">
    deploy.dma_wait %t
    %r = memref.reinterpret_cast %a to offset: [0], sizes: [8], strides: [1] : memref<2x4xi32, "L1"> to memref<8xi32, "L1">
    deploy.kernel(%r : !n) outs(%sum : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}

// Each operand in the innermost loop that it changes in: %v in the inner one, %s in the
// outer one, whose last round then has an inner loop of its own.

// CHECK-LABEL: @nested
// CHECK-DAG: deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK-DAG: deploy.buffer "b" : memref<2x8xi32, "L1">
// CHECK: [[T:%.+]] = deploy.dma_start {{%.+}}, {{%.+}} :
// CHECK: scf.for {{%.+}} = %c0 to {{%.+}} step %c8 iter_args([[U:%.+]] = [[T]])
// CHECK-NEXT: deploy.dma_wait [[U]]
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK: [[V:%.+]] = deploy.dma_start
// CHECK: scf.for {{.*}} iter_args([[W:%.+]] = [[V]])
// CHECK: scf.yield
// CHECK: scf.yield [[T]]
// CHECK: scf.for
// CHECK: func.return
func.func @nested(%x: !x, %w: !x, %sum: !n) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  %b = deploy.buffer "b" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    scf.for %j = %c0 to %c32 step %c8 {
      %v = memref.subview %w[%j] [8] [1] : !x to !xi
      %u = deploy.dma_start %v, %b : !xi, !n
      deploy.dma_wait %u
      deploy.kernel(%a : !n) outs(%sum : !n) {
      ^bb0(%k0: !n, %k1: !n):
        linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
        ^bb0(%e: i32, %old: i32):
          %g = arith.addi %e, %old : i32
          linalg.yield %g : i32
        }
        deploy.yield
      }
      deploy.kernel(%b : !n) outs(%sum : !n) {
      ^bb0(%k0: !n, %k1: !n):
        linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
        ^bb0(%e: i32, %old: i32):
          %g = arith.addi %e, %old : i32
          linalg.yield %g : i32
        }
        deploy.yield
      }
    }
  }
  func.return
}

// A loop of one round is a straight line: its transfer starts before the kernel ahead.

// CHECK-LABEL: @one_round
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.kernel(%w
// CHECK-NOT: scf.for
// CHECK: deploy.dma_wait [[T]]
// CHECK: deploy.kernel(%a
func.func @one_round(%x: !x, %w: !n, %sum: !n) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : !n
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  scf.for %i = %c0 to %c8 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%sum : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}

// In a straight line what comes in starts one kernel earlier, or two; it is awaited where
// it is needed.

// CHECK-LABEL: @earlier
// CHECK: deploy.kernel(%w
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[T]]
// CHECK-NEXT: deploy.kernel(%a
// AHEAD-LABEL: @earlier
// AHEAD: [[T:%.+]] = deploy.dma_start
// AHEAD-NEXT: deploy.kernel(%w
// AHEAD: deploy.kernel(%w
// AHEAD: deploy.dma_wait [[T]]
// AHEAD-NEXT: deploy.kernel(%a
// SYNC-LABEL: @earlier
// SYNC: deploy.kernel(%w
// SYNC: deploy.kernel(%w
// SYNC: [[T:%.+]] = deploy.dma_start
// SYNC-NEXT: deploy.dma_wait [[T]]
func.func @earlier(%x: !m, %w: !n, %sum: !n) {
  %a = deploy.buffer "a" : !n
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  %t = deploy.dma_start %x, %a : !m, !n
  deploy.dma_wait %t
  deploy.kernel(%a : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// What goes out is awaited behind the next kernel.

// CHECK-LABEL: @later
// CHECK: [[T:%.+]] = deploy.dma_start %b
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[T]]
// CHECK-NEXT: deploy.kernel(%w
func.func @later(%w: !n, %y: !m, %sum: !n) {
  %b = deploy.buffer "b" : !n
  deploy.kernel(%w : !n) outs(%b : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  %t = deploy.dma_start %b, %y : !n, !m
  deploy.dma_wait %t
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// Two hops in, two kernels before: each runs beside one of them; two hops out, likewise.

// CHECK-LABEL: @hops_in_a_line
// CHECK: [[FAR:%.+]] = deploy.dma_start %x
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[FAR]]
// CHECK-NEXT: [[NEAR:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[NEAR]]
// CHECK-NEXT: deploy.kernel(%a
// CHECK: [[NEAR:%.+]] = deploy.dma_start %b
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[NEAR]]
// CHECK-NEXT: [[FAR:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.kernel(%w
// CHECK: deploy.dma_wait [[FAR]]
func.func @hops_in_a_line(%x: !far, %y: !far, %w: !n, %sum: !n) {
  %a = deploy.buffer "a" : !n
  %b = deploy.buffer "b" : !n
  %m = deploy.buffer "m" : !m
  %k = deploy.buffer "k" : !m
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  %t = deploy.dma_start %x, %m : !far, !m
  deploy.dma_wait %t
  %u = deploy.dma_start %m, %a : !m, !n
  deploy.dma_wait %u
  deploy.kernel(%a : !n) outs(%b : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  %v = deploy.dma_start %b, %k : !n, !m
  deploy.dma_wait %v
  %z = deploy.dma_start %k, %y : !m, !far
  deploy.dma_wait %z
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  deploy.kernel(%w : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// The kernel before works on what the tile would overwrite; the one before that does not
// matter any more.

// CHECK-LABEL: @negative_write_after_read
// CHECK: deploy.kernel(%a
// CHECK: [[T:%.+]] = deploy.dma_start %x
// CHECK-NEXT: deploy.dma_wait [[T]]
func.func @negative_write_after_read(%x: !m, %w: !n, %sum: !n) {
  %a = deploy.buffer "a" : !n
  deploy.kernel(%w : !n) outs(%a : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  deploy.kernel(%a : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  %t = deploy.dma_start %x, %a : !m, !n
  deploy.dma_wait %t
  deploy.kernel(%a : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// %x[12..20) is still on its way out when %x[5..13) is wanted, which shares a number with
// it; %x[20..28) shares none and starts before the kernel.

// CHECK-LABEL: @negative_read_after_write
// CHECK: [[T:%.+]] = deploy.dma_start %s0, %a0
// CHECK-NEXT: deploy.kernel(%w
// CHECK: [[O:%.+]] = deploy.dma_start %b
// CHECK-NEXT: deploy.dma_wait [[O]]
// CHECK-NEXT: [[U:%.+]] = deploy.dma_start %s1, %a1
// CHECK-NEXT: deploy.dma_wait [[T]]
// CHECK-NEXT: deploy.kernel(%a0
// CHECK: deploy.dma_wait [[U]]
// CHECK-NEXT: deploy.kernel(%a1
func.func @negative_read_after_write(%x: !x, %w: !n, %sum: !n) {
  %b = deploy.buffer "b" : !n
  %a0 = deploy.buffer "a0" : !n
  %a1 = deploy.buffer "a1" : !n
  %d = memref.subview %x[12] [8] [1] : !x to memref<8xi32, strided<[1], offset: 12>, "L2">
  %s0 = memref.subview %x[20] [8] [1] : !x to memref<8xi32, strided<[1], offset: 20>, "L2">
  %s1 = memref.subview %x[5] [8] [1] : !x to memref<8xi32, strided<[1], offset: 5>, "L2">
  deploy.kernel(%w : !n) outs(%b : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  %o = deploy.dma_start %b, %d : !n, memref<8xi32, strided<[1], offset: 12>, "L2">
  deploy.dma_wait %o
  %u = deploy.dma_start %s1, %a1 : memref<8xi32, strided<[1], offset: 5>, "L2">, !n
  deploy.dma_wait %u
  %t = deploy.dma_start %s0, %a0 : memref<8xi32, strided<[1], offset: 20>, "L2">, !n
  deploy.dma_wait %t
  deploy.kernel(%a0 : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  deploy.kernel(%a1 : !n) outs(%sum : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// 64 bytes of %a beside 96 of %k fill L1; while %k lives there is no place for %b.

// CHECK-LABEL: @negative_no_room
// CHECK: deploy.kernel(%k
// CHECK: [[T:%.+]] = deploy.dma_start %x
// CHECK-NEXT: deploy.dma_wait [[T]]
// ROOM-LABEL: @negative_no_room
// ROOM: [[T:%.+]] = deploy.dma_start %x
// ROOM-NEXT: deploy.kernel(%k
// ROOM: deploy.dma_wait [[T]]
func.func @negative_no_room(%x: !m, %sum: memref<24xi32, "L1">, %s8: !n) {
  %k = deploy.buffer "k" : memref<24xi32, "L1">
  %a = deploy.buffer "a" : memref<16xi32, "L1">
  %b = deploy.buffer "b" : !n
  deploy.kernel() outs(%a : memref<16xi32,"L1">) {
  ^bb0(%k1: memref<16xi32,"L1">):
    %k0 = arith.constant 0 : i32
    linalg.fill ins(%k0 : i32) outs(%k1 : memref<16xi32,"L1">)
    deploy.yield
  }
  deploy.kernel() outs(%k : memref<24xi32,"L1">) {
  ^bb0(%k1: memref<24xi32,"L1">):
    %k0 = arith.constant 0 : i32
    linalg.fill ins(%k0 : i32) outs(%k1 : memref<24xi32,"L1">)
    deploy.yield
  }
  deploy.kernel(%k : memref<24xi32,"L1">) outs(%sum : memref<24xi32,"L1">) {
  ^bb0(%k0: memref<24xi32,"L1">, %k1: memref<24xi32,"L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : memref<24xi32,"L1">) outs(%k1 : memref<24xi32,"L1">) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  %t = deploy.dma_start %x, %b : !m, !n
  deploy.dma_wait %t
  deploy.kernel(%b : !n) outs(%s8 : !n) {
  ^bb0(%k0: !n, %k1: !n):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
    ^bb0(%e: i32, %old: i32):
      linalg.yield %e : i32
    }
    deploy.yield
  }
  deploy.kernel(%a : memref<16xi32,"L1">) outs(%a : memref<16xi32,"L1">) {
  ^bb0(%k0: memref<16xi32,"L1">, %k1: memref<16xi32,"L1">):
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : memref<16xi32,"L1">) outs(%k1 : memref<16xi32,"L1">) {
    ^bb0(%e: i32, %old: i32):
      %g = arith.addi %e, %old : i32
      linalg.yield %g : i32
    }
    deploy.yield
  }
  func.return
}

// The same tile in every round, and the same place for every result: no halves.

// CHECK-LABEL: @negative_does_not_change
// CHECK: deploy.buffer "a" : memref<8xi32, "L1">
// CHECK: deploy.buffer "b" : memref<8xi32, "L1">
// CHECK: scf.for {{[^(]*}} {
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.dma_wait [[T]]
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.dma_wait [[T]]
func.func @negative_does_not_change(%x: !m, %y: !m) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  %b = deploy.buffer "b" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %t = deploy.dma_start %x, %a : !m, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%b : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    %u = deploy.dma_start %b, %y : !n, !m
    deploy.dma_wait %u
  }
  func.return
}

// A round reads what the one before has written: 8 numbers from i - 4 on, in place.

// CHECK-LABEL: @negative_rounds_depend
// CHECK: deploy.buffer "a" : memref<8xi32, "L1">
// CHECK: scf.for {{[^(]*}} {
// CHECK: [[T:%.+]] = deploy.dma_start
// CHECK-NEXT: deploy.dma_wait [[T]]
func.func @negative_rounds_depend(%x: !x) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  scf.for %i = %c8 to %c32 step %c8 {
    %j = arith.subi %i, %c4 : index
    %s = memref.subview %x[%j] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%a : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
    %d = memref.subview %x[%i] [8] [1] : !x to !xi
    %u = deploy.dma_start %a, %d : !n, !xi
    deploy.dma_wait %u
  }
  func.return
}

// In place and in step, on the other hand: the tile that comes in is not one that is
// still going out.

// CHECK-LABEL: @in_step
// CHECK: deploy.buffer "a" : memref<2x8xi32, "L1">
// CHECK: scf.for {{.*}} iter_args
func.func @in_step(%x: !x) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %a = deploy.buffer "a" : !n
  %b = deploy.buffer "b" : !n
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %t = deploy.dma_start %s, %a : !xi, !n
    deploy.dma_wait %t
    deploy.kernel(%a : !n) outs(%b : !n) {
    ^bb0(%k0: !n, %k1: !n):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : !n) outs(%k1 : !n) {
      ^bb0(%e: i32, %old: i32):
        linalg.yield %e : i32
      }
      deploy.yield
    }
    %u = deploy.dma_start %b, %s : !n, !xi
    deploy.dma_wait %u
  }
  func.return
}

// The contents of %a come from the round before: two halves would lose them.

// CHECK-LABEL: @negative_kept_between_rounds
// CHECK: deploy.buffer "p" : memref<10xi32, "L1">
// CHECK: scf.for {{[^(]*}} {
func.func @negative_kept_between_rounds(%x: !x, %sum: memref<10xi32, "L1">) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c32 = arith.constant 32 : index
  %p = deploy.buffer "p" : memref<10xi32, "L1">
  deploy.kernel() outs(%p : memref<10xi32,"L1">) {
  ^bb0(%k1: memref<10xi32,"L1">):
    %k0 = arith.constant 0 : i32
    linalg.fill ins(%k0 : i32) outs(%k1 : memref<10xi32,"L1">)
    deploy.yield
  }
  scf.for %i = %c0 to %c32 step %c8 {
    %s = memref.subview %x[%i] [8] [1] : !x to !xi
    %d = memref.subview %p[1] [8] [1] : memref<10xi32, "L1"> to memref<8xi32, strided<[1], offset: 1>, "L1">
    %t = deploy.dma_start %s, %d : !xi, memref<8xi32, strided<[1], offset: 1>, "L1">
    deploy.dma_wait %t
    deploy.kernel(%p : memref<10xi32,"L1">) outs(%sum : memref<10xi32,"L1">) {
    ^bb0(%k0: memref<10xi32,"L1">, %k1: memref<10xi32,"L1">):
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%k0 : memref<10xi32,"L1">) outs(%k1 : memref<10xi32,"L1">) {
      ^bb0(%e: i32, %old: i32):
        %g = arith.addi %e, %old : i32
        linalg.yield %g : i32
      }
      deploy.yield
    }
  }
  func.return
}
