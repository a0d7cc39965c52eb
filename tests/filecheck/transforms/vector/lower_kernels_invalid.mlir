// RUN: deployopt %s -p vector-lower-kernels --split-input-file --verify-diagnostics | filecheck %s

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

func.func private @broadcast_of_registers(%x: memref<2xf32, "ram">, %y: memref<2x3xf32, "ram">) attributes {deploy.kernel} {
  %a = deploy.registers : memref<2xf32, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<2xf32, "ram">) outs(%a : memref<2xf32, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#row, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : memref<2xf32, "register">) outs(%y : memref<2x3xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: register value must be read once per iteration, got map (d0, d1) -> (d0)

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @never_written(%y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  %a = deploy.registers : memref<2xf32, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : memref<2xf32, "register">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: register value must be written before it is read

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @memory_changes_in_between(%x: memref<2xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %a = deploy.registers : memref<2xf32, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<2xf32, "ram">) outs(%a : memref<2xf32, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.fill ins(%zero : f32) outs(%x : memref<2xf32, "ram">)
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : memref<2xf32, "register">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: memory is written between the making and the use of a register value

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

func.func private @result_visited_twice(%x: memref<2x3xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x3xf32, "ram">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: result must be visited once per parallel loop, got map (d0, d1) -> (d0)

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

func.func private @reduction_without_accumulator(%x: memref<2x3xf32, "ram">, %y: memref<2xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32, "ram">) outs(%y : memref<2xf32, "ram">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: reduction must use the value it accumulates onto

// -----

func.func private @registers_elsewhere() attributes {deploy.kernel} {
  %a = deploy.registers : memref<2xf32, "register">
  %c0 = arith.constant 0 : index
  %e = memref.load %a[%c0] : memref<2xf32, "register">
  func.return
}

// CHECK: only structured operations may use registers

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @part_of_nothing(%x: memref<1xf32, "ram">) attributes {deploy.kernel} {
  %a = deploy.registers : memref<2xf32, "register">
  %p = memref.subview %a[0] [1] [1] : memref<2xf32, "register"> to memref<1xf32, strided<[1]>, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<1xf32, "ram">) outs(%p : memref<1xf32, strided<[1]>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: only a part of a register value can be written once more

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @every_second_one(%x: memref<2xf32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  %a = deploy.registers : memref<4xf32, "register">
  linalg.fill ins(%zero : f32) outs(%a : memref<4xf32, "register">)
  %p = memref.subview %a[0] [2] [2] : memref<4xf32, "register"> to memref<2xf32, strided<[2]>, "register">
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<2xf32, "ram">) outs(%p : memref<2xf32, strided<[2]>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: part of a register value must be one block of known place
