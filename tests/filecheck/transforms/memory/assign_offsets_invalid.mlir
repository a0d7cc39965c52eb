// RUN: deployopt %s -p memory-assign-offsets --machine rv64gc --set ram.size=67700 --set flash.size=100 --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// 65536 bytes of stack, 2048 of the runtime, 32 of the caller's buffer: 67616, which
// leaves 84 for two buffers of 64.

// CHECK: memory level 'ram' of 67700 bytes must have 128 free, got 84; a size of 67744 bytes would do
func.func private @copy(%a: memref<16xi32, "ram">, %b: memref<16xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<16xi32, "ram">) outs(%b : memref<16xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @run(%x: memref<8xi32, "ram"> {deploy.role = "input"}) {
  %a = deploy.buffer "a" : memref<16xi32, "ram">
  %b = deploy.buffer "b" : memref<16xi32, "ram">
  func.call @copy(%a, %b) : (memref<16xi32, "ram">, memref<16xi32, "ram">) -> ()
  func.return
}

// -----

// CHECK: memory level 'flash' of 100 bytes must have 116 free, got 100; a size of 116 bytes would do
memref.global "private" constant @weights_0 : memref<5xf32, "flash"> = dense<1.0>
memref.global "private" constant @weights_1 : memref<21xf32, "flash"> = dense<1.0>
