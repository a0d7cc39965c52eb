// RUN: deployopt %s -p memory-materialize-arenas --split-input-file --verify-diagnostics | filecheck %s

// CHECK: buffer must have an offset, got none
func.func @buffer() {
  %a = deploy.buffer "a" : memref<8xf32, "ram">
  func.return
}

// -----

// CHECK: constant @weights_0 must have deploy.offset, got none
memref.global "private" constant @weights_0 : memref<4xf32, "flash"> = dense<1.0>

func.func @constant() {
  %w = memref.get_global @weights_0 : memref<4xf32, "flash">
  func.return
}
