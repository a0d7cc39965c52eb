!near = memref<2x16xi8, "L1">
!far = memref<4x16xi8, "L2">
!far_row = memref<1x16xi8, strided<[16, 1], offset: ?>, "L2">
!near_row = memref<1x16xi8, strided<[16, 1], offset: ?>, "L1">
!row = memref<16xi8, strided<[1], offset: ?>, "L1">
!done = memref<16xi8, "L1">

// y = weights beside -x, as it is after `lower`: rows of x come into the two halves of
// one buffer while the row before them is done.
builtin.module @doubled {
  memref.global "private" constant @weights_0 : memref<4x8xi8, "L3"> = dense<3> {alignment = 16 : i64, deploy.offset = 0 : index, deploy.name = "w"}
  func.func @run(%L1: memref<48xi8, "L1"> {deploy.role = "arena"},
                 %L2: memref<128xi8, "L2"> {deploy.role = "arena"},
                 %flash: memref<32xi8, "L3"> {deploy.role = "weights"},
                 %x: memref<4x16xi8, "L3"> {deploy.role = "input", deploy.name = "x", deploy.dtype = "int8"},
                 %y: memref<4x16xi8, "L3"> {deploy.role = "output", deploy.name = "y", deploy.dtype = "int8"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    %far = memref.view %L2[%c0][] {deploy.name = "far"} : memref<128xi8, "L2"> to !far
    %near = memref.view %L1[%c0][] {deploy.name = "near"} : memref<48xi8, "L1"> to !near
    %done = memref.view %L1[%c32][] {deploy.name = "done"} : memref<48xi8, "L1"> to !done
    %back = memref.view %L2[%c64][] {deploy.name = "back"} : memref<128xi8, "L2"> to !far
    %t0 = deploy.dma_start %x, %far : memref<4x16xi8, "L3">, !far loc("x")
    deploy.dma_wait %t0 loc("x")
    %f0 = memref.subview %far[0, 0] [1, 16] [1, 1] : !far to memref<1x16xi8, strided<[16, 1]>, "L2">
    %n0 = memref.subview %near[0, 0] [1, 16] [1, 1] : !near to memref<1x16xi8, strided<[16, 1]>, "L1">
    %first = deploy.dma_start %f0, %n0 : memref<1x16xi8, strided<[16, 1]>, "L2">, memref<1x16xi8, strided<[16, 1]>, "L1"> loc("neg")
    %c3 = arith.constant 3 : index
    %last = scf.for %i = %c0 to %c3 step %c1 iter_args(%token = %first) -> (!deploy.token) {
      deploy.dma_wait %token loc("neg")
      %next = arith.addi %i, %c1 : index
      %parity = arith.remui %i, %c2 : index
      %other = arith.remui %next, %c2 : index
      %fi = memref.subview %far[%next, 0] [1, 16] [1, 1] : !far to !far_row
      %ni = memref.subview %near[%other, 0] [1, 16] [1, 1] : !near to !near_row
      %t = deploy.dma_start %fi, %ni : !far_row, !near_row loc("neg")
      %now = memref.subview %near[%parity, 0] [1, 16] [1, 1] : !near to !row
      func.call @kernel_0(%now, %done) : (!row, !done) -> () loc("neg")
      %bi = memref.subview %back[%i, 0] [1, 16] [1, 1] : !far to memref<16xi8, strided<[1], offset: ?>, "L2">
      %u = deploy.dma_start %done, %bi : !done, memref<16xi8, strided<[1], offset: ?>, "L2"> loc("neg")
      deploy.dma_wait %u loc("neg")
      scf.yield %t : !deploy.token
    }
    deploy.dma_wait %last loc("neg")
    %lr = memref.subview %near[%c1, 0] [1, 16] [1, 1] : !near to !row
    func.call @kernel_0(%lr, %done) : (!row, !done) -> () loc("neg")
    %b3 = memref.subview %back[3, 0] [1, 16] [1, 1] : !far to memref<16xi8, strided<[1], offset: 48>, "L2">
    %u3 = deploy.dma_start %done, %b3 : !done, memref<16xi8, strided<[1], offset: 48>, "L2"> loc("neg")
    deploy.dma_wait %u3 loc("neg")
    %left = memref.subview %back[0, 0] [4, 8] [1, 1] : !far to memref<4x8xi8, strided<[16, 1]>, "L2">
    %yl = memref.subview %y[0, 8] [4, 8] [1, 1] : memref<4x16xi8, "L3"> to memref<4x8xi8, strided<[16, 1], offset: 8>, "L3">
    %v0 = deploy.dma_start %left, %yl : memref<4x8xi8, strided<[16, 1]>, "L2">, memref<4x8xi8, strided<[16, 1], offset: 8>, "L3"> loc("y")
    %w = memref.view %flash[%c0][] {deploy.name = "w"} : memref<32xi8, "L3"> to memref<4x8xi8, "L3">
    deploy.dma_wait %v0 loc("y")
    %w2 = memref.view %L2[%c0][] {deploy.name = "w2"} : memref<128xi8, "L2"> to memref<4x8xi8, "L2">
    %v1 = deploy.dma_start %w, %w2 : memref<4x8xi8, "L3">, memref<4x8xi8, "L2"> loc("w")
    deploy.dma_wait %v1 loc("w")
    %yr = memref.subview %y[0, 0] [4, 8] [1, 1] : memref<4x16xi8, "L3"> to memref<4x8xi8, strided<[16, 1]>, "L3">
    %v2 = deploy.dma_start %w2, %yr : memref<4x8xi8, "L2">, memref<4x8xi8, strided<[16, 1]>, "L3"> loc("y")
    deploy.dma_wait %v2 loc("y")
    func.return
  }

  func.func private @kernel_0(%a: !row, %o: !done) attributes {deploy.kernel} {
    %z = arith.constant 0 : i8
    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
        ins(%a : !row) outs(%o : !done) {
    ^bb0(%e: i8, %old: i8):
      %r = arith.subi %z, %e : i8
      linalg.yield %r : i8
    }
    func.return
  }
}
