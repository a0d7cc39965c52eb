// RUN: deployopt %s --split-input-file -p memory-apply-plan --machine rv64gc --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>

// 32 bytes each. %a and %c are not live at the same time and may share bytes.

builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

// CHECK-LABEL: @offsets
func.func @offsets(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  // CHECK: deploy.buffer "a" at 64 :
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  // CHECK: deploy.buffer "b" at 16 :
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  // CHECK: deploy.buffer "c" at 64 :
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

// Steps say when a buffer is live, not the order in which buffers are made.

#id = affine_map<(d0) -> (d0)>

builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "b", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

// CHECK-LABEL: @made_before
func.func @made_before(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  // CHECK: deploy.buffer "b" at 64 :
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  // CHECK: deploy.buffer "a" at 64 :
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%a, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%x, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%b, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}
