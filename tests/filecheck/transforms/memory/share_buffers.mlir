// RUN: deployopt %s -p memory-share-buffers --machine scratchpad --no-debuginfo | filecheck %s

// Kernels may touch L1 only. The kernels between the transfers are left out.

// A tile of %b stands where its tile of %a was: one buffer for both.

// CHECK-LABEL: @in_place
// CHECK: [[A:%.+]] = deploy.buffer "a"
// CHECK-NOT: deploy.buffer "b"
// CHECK: scf.for
// CHECK: memref.subview [[A]]
// CHECK: memref.subview [[A]]
// CHECK: deploy.dma_start [[A]], %y
func.func @in_place(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<2x4xf32, "L1">
  %m = deploy.buffer "m" : memref<2x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  scf.for %i = %c0 to %c8 step %c2 {
    %s = memref.subview %a[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %u = deploy.dma_start %s, %n : memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<2x4xf32, "L1">
    deploy.dma_wait %u
    %d = memref.subview %b[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %v = deploy.dma_start %m, %d : memref<2x4xf32, "L1">, memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    deploy.dma_wait %v
  }
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}

// A tile reads one row more, which no tile before it has written.

// CHECK-LABEL: @halo_ahead
// CHECK: deploy.buffer "a"
// CHECK-NOT: deploy.buffer "b"
// CHECK: func.return
func.func @halo_ahead(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %c6 = arith.constant 6 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<3x4xf32, "L1">
  %m = deploy.buffer "m" : memref<2x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  scf.for %i = %c0 to %c6 step %c2 {
    %s = memref.subview %a[%i, 0] [3, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<3x4xf32, strided<[4, 1], offset: ?>, "L2">
    %u = deploy.dma_start %s, %n : memref<3x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<3x4xf32, "L1">
    deploy.dma_wait %u
    %d = memref.subview %b[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %v = deploy.dma_start %m, %d : memref<2x4xf32, "L1">, memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    deploy.dma_wait %v
  }
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}

// A tile reads rows i, i + 1 and i + 2 and writes the last two of them: the next one would
// read what has been written.

// CHECK-LABEL: @negative_halo_behind
// CHECK: deploy.buffer "a"
// CHECK: deploy.buffer "b"
func.func @negative_halo_behind(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %c6 = arith.constant 6 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<3x4xf32, "L1">
  %m = deploy.buffer "m" : memref<2x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  scf.for %i = %c0 to %c6 step %c2 {
    %s = memref.subview %a[%i, 0] [3, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<3x4xf32, strided<[4, 1], offset: ?>, "L2">
    %u = deploy.dma_start %s, %n : memref<3x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<3x4xf32, "L1">
    deploy.dma_wait %u
    %j = arith.addi %i, %c1 : index
    %d = memref.subview %b[%j, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %v = deploy.dma_start %m, %d : memref<2x4xf32, "L1">, memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    deploy.dma_wait %v
  }
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}

// %a is still needed behind the loop.

// CHECK-LABEL: @negative_read_again
// CHECK: deploy.buffer "a"
// CHECK: deploy.buffer "b"
func.func @negative_read_again(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<2x4xf32, "L1">
  %m = deploy.buffer "m" : memref<2x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  scf.for %i = %c0 to %c8 step %c2 {
    %s = memref.subview %a[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %u = deploy.dma_start %s, %n : memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<2x4xf32, "L1">
    deploy.dma_wait %u
    %d = memref.subview %b[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    %v = deploy.dma_start %m, %d : memref<2x4xf32, "L1">, memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
    deploy.dma_wait %v
  }
  %z = deploy.dma_start %a, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %z
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}

// The outer loop comes back to the same tiles of %a.

// CHECK-LABEL: @negative_read_in_each_round
// CHECK: deploy.buffer "a"
// CHECK: deploy.buffer "b"
func.func @negative_read_in_each_round(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<2x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  scf.for %k = %c0 to %c2 step %c1 {
    scf.for %i = %c0 to %c8 step %c2 {
      %s = memref.subview %a[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
      %u = deploy.dma_start %s, %n : memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">, memref<2x4xf32, "L1">
      deploy.dma_wait %u
      %d = memref.subview %b[%i, 0] [2, 4] [1, 1] : memref<8x4xf32, "L2"> to memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
      %v = deploy.dma_start %n, %d : memref<2x4xf32, "L1">, memref<2x4xf32, strided<[4, 1], offset: ?>, "L2">
      deploy.dma_wait %v
    }
  }
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}

// Not needed at the same time: offsets will be the same anyway.

// CHECK-LABEL: @negative_one_after_the_other
// CHECK: deploy.buffer "a"
// CHECK: deploy.buffer "b"
func.func @negative_one_after_the_other(%x: memref<8x4xf32, "L2">, %y: memref<8x4xf32, "L2">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %a = deploy.buffer "a" : memref<8x4xf32, "L2">
  %b = deploy.buffer "b" : memref<8x4xf32, "L2">
  %n = deploy.buffer "n" : memref<8x4xf32, "L1">
  %t = deploy.dma_start %x, %a : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %t
  %u = deploy.dma_start %a, %n : memref<8x4xf32, "L2">, memref<8x4xf32, "L1">
  deploy.dma_wait %u
  %v = deploy.dma_start %n, %b : memref<8x4xf32, "L1">, memref<8x4xf32, "L2">
  deploy.dma_wait %v
  %w = deploy.dma_start %b, %y : memref<8x4xf32, "L2">, memref<8x4xf32, "L2">
  deploy.dma_wait %w
  func.return
}
