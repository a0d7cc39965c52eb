// RUN: deployopt %s -p memory-record-plan --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>

// Known kernels stay, other offsets do not.

builtin.module attributes {deploy.plan = {residents = ["x"], kernels = [{nodes = ["n"]}], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 0 : i64}]}} {
// CHECK: builtin.module attributes {deploy.plan = {residents = ["x"], kernels = [{nodes = ["n"]}], buffers = [
// CHECK-SAME: {label = "a", level = "ram", size = 32 : i64, offset = 64 : i64},
// CHECK-SAME: {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64},
// CHECK-SAME: {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}]}}
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @offsets(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" at 64 : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" at 16 : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" at 64 : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}
