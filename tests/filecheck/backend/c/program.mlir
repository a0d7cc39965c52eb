// RUN: deployopt %s -t c | filecheck %s

// A name that tries to leave its comment, and one that is a macro.

// CHECK:      #include "deploy.h"
// CHECK:      struct evil_weights {
// CHECK-NEXT:     DEPLOY_ALIGN(16) int8_t int_x[3];
// CHECK-NEXT:     /* ^ \x2a/ int x; /\x2a */
// CHECK-NEXT:     DEPLOY_ALIGN(16) float t_NULL[2];
// CHECK:      _Static_assert(offsetof(struct evil_weights, t_NULL) == 16,
// CHECK:      static const struct evil_weights evil_weights = {
// CHECK-NEXT:     .int_x = {
// CHECK-NEXT:         -128, 0, 127,
// CHECK-NEXT:     },
// CHECK-NEXT:     .t_NULL = {
// CHECK-NEXT:         DEPLOY_INFINITY_F32, 0.1F,
// CHECK:      #define evil_ARENA_RAM_BYTES 64
// CHECK:      uint8_t *ram; /* evil_ARENA_RAM_BYTES */
// CHECK:      int evil_run(const uint8_t *for_, float *out);
// CHECK:      int evil_run_in(const struct evil_arenas *arenas, const uint8_t *for_, float *out);
// CHECK:      static DEPLOY_NOINLINE void evil_kernel_0_n_x(
// CHECK-NEXT:     const int8_t *restrict a, const float *restrict w, float *restrict o) {
// CHECK:      int evil_run_in(
// CHECK:          float *const n_x = (float *)(arenas->ram + 16);
// CHECK-NEXT:     for (int32_t i = 0; i < 2; i++) {
// CHECK-NEXT:         /* n/x\x22 (Conv) */
// CHECK-NEXT:         DEPLOY_STEP_BEGIN(0);
// CHECK-NEXT:         evil_kernel_0_n_x((const int8_t *)for_, evil_weights.t_NULL, n_x);
// CHECK-NEXT:         DEPLOY_STEP_END(0);
// CHECK:          DEPLOY_STEP_BEGIN(1);
// CHECK-NEXT:     evil_kernel_0_n_x((const int8_t *)for_, evil_weights.t_NULL, out);
// CHECK:          static DEPLOY_ALIGN(64) uint8_t ram[evil_ARENA_RAM_BYTES];
// CHECK-NEXT:     const struct evil_arenas arenas = {.ram = ram};
// CHECK-NEXT:     return evil_run_in(&arenas, for_, out);

builtin.module @evil attributes {"deploy.nodes" = {"n/x\22" = "Conv"}} {
  "memref.global"() <{sym_name = "w0", sym_visibility = "private", type = memref<3xi8, "flash">, initial_value = dense<[-128, 0, 127]> : tensor<3xi8>, constant, alignment = 16 : i64}> {"deploy.offset" = 0 : index, "deploy.name" = "*/ int x; /*"} : () -> ()
  "memref.global"() <{sym_name = "w1", sym_visibility = "private", type = memref<2xf32, "flash">, initial_value = dense<"0x0000807FCDCCCC3D"> : tensor<2xf32>, constant, alignment = 16 : i64}> {"deploy.offset" = 16 : index, "deploy.name" = "NULL"} : () -> ()
  func.func @run(%ram: memref<64xi8, "ram"> {"deploy.role" = "arena"}, %flash: memref<24xi8, "flash"> {"deploy.role" = "weights"}, %x: memref<2xi8, "ram"> {"deploy.role" = "input", "deploy.name" = "for", "deploy.dtype" = "uint8"}, %y: memref<2xf32, "ram"> {"deploy.role" = "output", "deploy.name" = "out", "deploy.dtype" = "float32"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c16 = arith.constant 16 : index
    %b = memref.view %ram[%c16][] {"deploy.name" = "n/x\22"} : memref<64xi8, "ram"> to memref<2xf32, "ram">
    %w = memref.view %flash[%c16][] {"deploy.name" = "NULL"} : memref<24xi8, "flash"> to memref<2xf32, "flash">
    scf.for %i = %c0 to %c2 step %c1 {
      func.call @kernel_0(%x, %w, %b) : (memref<2xi8, "ram">, memref<2xf32, "flash">, memref<2xf32, "ram">) -> () loc("n/x\22")
    }
    func.call @kernel_0(%x, %w, %y) : (memref<2xi8, "ram">, memref<2xf32, "flash">, memref<2xf32, "ram">) -> ()
    func.return
  }
  func.func private @kernel_0(%a: memref<2xi8, "ram">, %w: memref<2xf32, "flash">, %o: memref<2xf32, "ram">) attributes {deploy.kernel} {
    %c0 = arith.constant 0 : index
    %e = memref.load %a[%c0] : memref<2xi8, "ram">
    %f = arith.uitofp %e : i8 to f32
    %g = memref.load %w[%c0] : memref<2xf32, "flash">
    %h = arith.addf %f, %g : f32
    memref.store %h, %o[%c0] : memref<2xf32, "ram">
    func.return
  }
}
