// RUN: deployopt %s -p memory-apply-plan --machine rv64gc --split-input-file --verify-diagnostics | filecheck %s

#id = affine_map<(d0) -> (d0)>

// CHECK: plan must place buffer 'c' in level ram
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @missing(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: plan places buffer 'd' in level ram, which has none
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "d", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @unknown(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: plan must place buffer 'c' in level ram
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}, {label = "c", level = "flash", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @elsewhere(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: buffers in the plan must differ in label or level
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 96 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @twice(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: buffer 'b' in the plan must have 32 bytes, got 16
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 16 : i64, offset = 16 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @other_size(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: buffer 'b' in the plan must stand at a multiple of 16, got 24
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 24 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 64 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @odd(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: buffer 'b' in the plan must not share bytes of ram with one in use at the same time, got offset 48
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 48 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 80 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @overlapping(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}

// -----

#id = affine_map<(d0) -> (d0)>

// CHECK: buffer 'c' in the plan must lie in the 33486784 free bytes of ram, got 33486784 to 33486816
builtin.module attributes {deploy.plan = {residents = [], kernels = [], buffers = [{label = "a", level = "ram", size = 32 : i64, offset = 64 : i64}, {label = "b", level = "ram", size = 32 : i64, offset = 16 : i64}, {label = "c", level = "ram", size = 32 : i64, offset = 33486784 : i64}]}} {
func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func @beyond(%x: memref<8xi32, "ram"> {deploy.role = "input"}, %y: memref<8xi32, "ram"> {deploy.role = "output"}) {
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}
}
