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

// 64 bytes where the program starts leave 36.

// CHECK: memory level 'flash' of 100 bytes must have 116 free, got 36; a size of 180 bytes would do
memref.global "private" constant @weights_0 : memref<5xf32, "flash"> = dense<1.0>
memref.global "private" constant @weights_1 : memref<21xf32, "flash"> = dense<1.0>

// -----

// The machine's flash is written only when the program is loaded.

// CHECK: buffer must be in a level with access rw, got flash
func.func private @fill(%a: memref<4xi32, "flash">) attributes {deploy.kernel} {
  %c = arith.constant 0 : i32
  linalg.fill ins(%c : i32) outs(%a : memref<4xi32, "flash">)
  func.return
}

func.func @run() {
  %a = deploy.buffer "a" : memref<4xi32, "flash">
  func.call @fill(%a) : (memref<4xi32, "flash">) -> ()
  func.return
}

// -----

// 67584 bytes of stack and runtime leave 116 for the caller's 128.

// CHECK: memory level 'ram' of 67700 bytes must have 128 free, got 116; a size of 67712 bytes would do
func.func @run(%x: memref<32xi32, "ram"> {deploy.role = "input"}) {
  func.return
}
