// RUN: deployopt %s -p memory-materialize-arenas --split-input-file --verify-diagnostics | filecheck %s

// CHECK: buffer must have an offset, got none
func.func @buffer() {
  %a = deploy.buffer "a" : memref<8xf32, "ram">
  func.return
}

// -----

// CHECK: constant @weights_0 must have deploy.offset, got none
"memref.global"() <{sym_name = "weights_0", type = memref<4xf32, "flash">, initial_value = dense<1.0> : tensor<4xf32>, sym_visibility = "private", constant}> : () -> ()

func.func @constant() {
  %w = memref.get_global @weights_0 : memref<4xf32, "flash">
  func.return
}
