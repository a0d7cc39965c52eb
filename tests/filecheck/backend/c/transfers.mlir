// RUN: deployopt %s -t c | filecheck %s

// One piece where both sides are contiguous, else rows. Steps count kernels, starts and
// waits; a level has an arena of its own.

// CHECK:      struct moved_arenas {
// CHECK-NEXT:     uint8_t *near; /* moved_ARENA_NEAR_BYTES */
// CHECK-NEXT:     uint8_t *far; /* moved_ARENA_FAR_BYTES */

// CHECK-LABEL: int moved_run_in(
// CHECK:          int8_t *const tile = (int8_t *)arenas->near;
// CHECK-NEXT:     int16_t *const all = (int16_t *)(arenas->far + 16);
// CHECK-NEXT:     int16_t *const part = (int16_t *)(arenas->near + 32);

// CHECK-NEXT:     /* conv (Conv): 32 bytes, far to near */
// CHECK-NEXT:     DEPLOY_TRANSFER_BEGIN(0);
// CHECK-NEXT:     const deploy_dma_t whole = deploy_dma_start_1d(tile, x, 32);
// CHECK-NEXT:     DEPLOY_TRANSFER_END(0);
// CHECK-NEXT:     DEPLOY_STEP_BEGIN(1);
// CHECK-NEXT:     moved_kernel_0_touch(tile);
// CHECK-NEXT:     DEPLOY_STEP_END(1);
// CHECK-NEXT:     DEPLOY_TRANSFER_BEGIN(2);
// CHECK-NEXT:     deploy_dma_wait(whole);
// CHECK-NEXT:     DEPLOY_TRANSFER_END(2);

// Four rows of three numbers of two bytes: 2 * 6 bytes apart there, 2 * 3 here.
// CHECK-NEXT:     int16_t *const rows = all + 1;
// CHECK-NEXT:     /* 24 bytes, far to near */
// CHECK-NEXT:     DEPLOY_TRANSFER_BEGIN(3);
// CHECK-NEXT:     const deploy_dma_t first = deploy_dma_start_2d(part, rows, 4, 6, 6, 12);
// CHECK-NEXT:     DEPLOY_TRANSFER_END(3);

// A token that a loop carries is a variable.
// CHECK-NEXT:     deploy_dma_t t = first;
// CHECK-NEXT:     for (int32_t i = 0; i < 2; i++) {
// CHECK-NEXT:         DEPLOY_TRANSFER_BEGIN(4);
// CHECK-NEXT:         deploy_dma_wait(t);
// CHECK-NEXT:         DEPLOY_TRANSFER_END(4);
// CHECK-NEXT:         int16_t *const row = all + i * 6;
// CHECK-NEXT:         int16_t *const half = part + (int32_t)((uint32_t)i % (uint32_t)2) * 3;
// CHECK-NEXT:         /* 6 bytes, far to near */
// CHECK-NEXT:         DEPLOY_TRANSFER_BEGIN(5);
// CHECK-NEXT:         const deploy_dma_t next = deploy_dma_start_1d(half, row, 6);
// CHECK-NEXT:         DEPLOY_TRANSFER_END(5);
// CHECK-NEXT:         t = next;
// CHECK-NEXT: {{^    \}$}}
// CHECK-NEXT:     DEPLOY_TRANSFER_BEGIN(6);
// CHECK-NEXT:     deploy_dma_wait(t);
// CHECK-NEXT:     DEPLOY_TRANSFER_END(6);
// CHECK-NEXT:     return 0;

builtin.module @moved attributes {"deploy.nodes" = {"conv" = "Conv"}} {
  func.func @run(%near: memref<64xi8, "near"> {deploy.role = "arena"},
                 %far: memref<64xi8, "far"> {deploy.role = "arena"},
                 %x: memref<2x16xi8, "far"> {deploy.role = "input", deploy.name = "x"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c16 = arith.constant 16 : index
    %c32 = arith.constant 32 : index
    %tile = memref.view %near[%c0][] {deploy.name = "tile"} : memref<64xi8, "near"> to memref<2x16xi8, "near">
    %all = memref.view %far[%c16][] {deploy.name = "all"} : memref<64xi8, "far"> to memref<4x6xi16, "far">
    %part = memref.view %near[%c32][] {deploy.name = "part"} : memref<64xi8, "near"> to memref<4x3xi16, "near">
    %whole = deploy.dma_start %x, %tile : memref<2x16xi8, "far">, memref<2x16xi8, "near"> loc("conv")
    func.call @touch(%tile) : (memref<2x16xi8, "near">) -> ()
    deploy.dma_wait %whole loc("conv")
    %rows = memref.subview %all[0, 1] [4, 3] [1, 1] : memref<4x6xi16, "far"> to memref<4x3xi16, strided<[6, 1], offset: 1>, "far">
    %first = deploy.dma_start %rows, %part : memref<4x3xi16, strided<[6, 1], offset: 1>, "far">, memref<4x3xi16, "near">
    %last = scf.for %i = %c0 to %c2 step %c1 iter_args(%t = %first) -> (!deploy.token) {
      deploy.dma_wait %t
      %parity = arith.remui %i, %c2 : index
      %row = memref.subview %all[%i, 0] [1, 3] [1, 1] : memref<4x6xi16, "far"> to memref<1x3xi16, strided<[6, 1], offset: ?>, "far">
      %half = memref.subview %part[%parity, 0] [1, 3] [1, 1] : memref<4x3xi16, "near"> to memref<1x3xi16, strided<[3, 1], offset: ?>, "near">
      %next = deploy.dma_start %row, %half : memref<1x3xi16, strided<[6, 1], offset: ?>, "far">, memref<1x3xi16, strided<[3, 1], offset: ?>, "near">
      scf.yield %next : !deploy.token
    }
    deploy.dma_wait %last
    func.return
  }
  func.func private @touch(%a: memref<2x16xi8, "near">) attributes {deploy.kernel} {
    %c0 = arith.constant 0 : index
    %e = memref.load %a[%c0, %c0] : memref<2x16xi8, "near">
    memref.store %e, %a[%c0, %c0] : memref<2x16xi8, "near">
    func.return
  }
}
