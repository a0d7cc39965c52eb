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

// -----

func.func @run(%ram: memref<64xi8, "ram"> {"deploy.role" = "arena"}, %x: memref<4xf32, "ram"> {"deploy.role" = "input"}) {
  %at = arith.constant 52 : index
  %b = memref.view %ram[%at][] : memref<64xi8, "ram"> to memref<4xf32, "ram">
  func.call @touch(%x, %b) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()
  func.return
}
func.func private @touch(%a: memref<4xf32, "ram">, %b: memref<4xf32, "ram">) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %v = memref.load %a[%c0] : memref<4xf32, "ram">
  memref.store %v, %b[%c0] : memref<4xf32, "ram">
  func.return
}

// CHECK: buffer must lie within 64 bytes, got 52 to 68

// -----

func.func @run(%ram: memref<64xi8, "ram"> {"deploy.role" = "arena"}, %x: memref<4xf32, "ram"> {"deploy.role" = "input"}) {
  %at = arith.constant 2 : index
  %b = memref.view %ram[%at][] : memref<64xi8, "ram"> to memref<4xf32, "ram">
  func.call @touch(%x, %b) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()
  func.return
}
func.func private @touch(%a: memref<4xf32, "ram">, %b: memref<4xf32, "ram">) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %v = memref.load %a[%c0] : memref<4xf32, "ram">
  memref.store %v, %b[%c0] : memref<4xf32, "ram">
  func.return
}

// CHECK: offset must be a multiple of 4 bytes, got 2

// -----

func.func @run(%ram: memref<64xi8, "ram"> {"deploy.role" = "arena"}, %x: memref<4xf32, "ram"> {"deploy.role" = "input"}) {
  %at = arith.constant 0 : index
  %behind = arith.constant 8 : index
  %b = memref.view %ram[%at][] {"deploy.name" = "b"} : memref<64xi8, "ram"> to memref<4xf32, "ram">
  %c = memref.view %ram[%behind][] {"deploy.name" = "c"} : memref<64xi8, "ram"> to memref<4xf32, "ram">
  func.call @touch(%x, %b) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()
  func.call @touch(%b, %c) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()
  func.return
}
func.func private @touch(%a: memref<4xf32, "ram">, %b: memref<4xf32, "ram">) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %v = memref.load %a[%c0] : memref<4xf32, "ram">
  memref.store %v, %b[%c0] : memref<4xf32, "ram">
  func.return
}

// CHECK: buffers in use at the same time must not share bytes, got offsets 0 and 8

// -----

// Three dimensions that do not join.
func.func @run(%x: memref<4x4x4xi8, "far"> {"deploy.role" = "input"}, %y: memref<2x2x2xi8, "far"> {"deploy.role" = "output"}) {
  %part = memref.subview %x[0, 0, 0] [2, 2, 2] [1, 1, 1] : memref<4x4x4xi8, "far"> to memref<2x2x2xi8, strided<[16, 4, 1]>, "far">
  %t = deploy.dma_start %part, %y : memref<2x2x2xi8, strided<[16, 4, 1]>, "far">, memref<2x2x2xi8, "far">
  deploy.dma_wait %t
  func.return
}

// CHECK: a transfer must be rows of contiguous bytes, got memref<2x2x2xi8, strided<[16, 4, 1]>, "far"> to memref<2x2x2xi8, "far">
