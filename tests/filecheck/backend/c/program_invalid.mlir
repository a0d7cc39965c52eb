// RUN: deployopt %s -t c --split-input-file --verify-diagnostics | filecheck %s

builtin.module attributes {"deploy.phase" = "lower"} {
}

// CHECK: C is printed after phase 'vectorize', got phase 'lower'

// -----

func.func @run(%x: memref<4xf32> {"deploy.role" = "guest"}) {
  func.return
}

// CHECK: argument 0 must have deploy.role, got 'guest'

// -----

func.func @run(%ram: memref<64xi8, "ram"> {"deploy.role" = "arena"}, %at: memref<1xi8, "ram"> {"deploy.role" = "input"}) {
  func.call @elsewhere() : () -> ()
  func.return
}
func.func private @elsewhere() -> ()

// CHECK: there is no kernel called @elsewhere

// -----

builtin.module {
  "memref.global"() <{sym_name = "a", sym_visibility = "private", type = memref<4xi8, "flash">, initial_value = dense<1> : tensor<4xi8>, constant}> {"deploy.offset" = 0 : index} : () -> ()
  "memref.global"() <{sym_name = "b", sym_visibility = "private", type = memref<4xi8, "flash">, initial_value = dense<1> : tensor<4xi8>, constant}> {"deploy.offset" = 2 : index} : () -> ()
}

// CHECK: weights overlap at byte 2
