// RUN: deployopt %s -p memory-apply-plan --machine rv64gc --no-debuginfo | filecheck %s

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
