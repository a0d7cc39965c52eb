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

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>

func.func private @loop_named_twice(%x: memref<2x3xf32, "ram">, %y: memref<2x3xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x3xf32, "ram">) outs(%y : memref<2x3xf32, "ram">) attrs = {deploy.blocks = {order = array<i64: 1, 1>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: order must name each of 2 loops once, got (1, 1)

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>

func.func private @size_of_one_loop(%x: memref<2x3xf32, "ram">, %y: memref<2x3xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x3xf32, "ram">) outs(%y : memref<2x3xf32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 2>}} {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  func.return
}

// CHECK: sizes must be 2 positive numbers, got (2,)

// -----

func.func private @size_of_nothing(%y: memref<2x3xi32, "ram">) attributes {deploy.kernel} {
  %v = arith.constant 1 : i32
  linalg.fill {deploy.blocks = {sizes = array<i64: 2, 0>}} ins(%v : i32) outs(%y : memref<2x3xi32, "ram">)
  func.return
}

// CHECK: sizes must be 2 positive numbers, got (2, 0)

// -----

func.func private @lanes_of_no_loop(%y: memref<2x3xi32, "ram">) attributes {deploy.kernel} {
  %v = arith.constant 1 : i32
  linalg.fill {deploy.blocks = {lanes = array<i64: 2, 4>}} ins(%v : i32) outs(%y : memref<2x3xi32, "ram">)
  func.return
}

// CHECK: lanes must be a loop, lanes and the lanes of a register, a power of two, got (2, 4)

// -----

func.func private @register_of_three_lanes(%y: memref<2x3xi32, "ram">) attributes {deploy.kernel} {
  %v = arith.constant 1 : i32
  linalg.fill {deploy.blocks = {lanes = array<i64: 1, 4, 3>}} ins(%v : i32) outs(%y : memref<2x3xi32, "ram">)
  func.return
}

// CHECK: lanes must be a loop, lanes and the lanes of a register, a power of two, got (1, 4, 3)

// -----

func.func private @lanes_without_a_loop(%y: memref<2x3xi32, "ram">) attributes {deploy.kernel} {
  %v = arith.constant 1 : i32
  linalg.fill {deploy.blocks = {lanes = array<i64: 4>}} ins(%v : i32) outs(%y : memref<2x3xi32, "ram">)
  func.return
}

// CHECK: lanes must be a loop, lanes and the lanes of a register, a power of two, got (4,)

// -----

func.func private @no_list(%y: memref<2x3xi32, "ram">) attributes {deploy.kernel} {
  %v = arith.constant 1 : i32
  linalg.fill {deploy.blocks = {sizes = 4 : i64}} ins(%v : i32) outs(%y : memref<2x3xi32, "ram">)
  func.return
}

// CHECK: deploy.blocks must have a list of integers as sizes

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @no_vector_form(%x: memref<8xi32, "ram">, %table: memref<256xi32, "ram">, %y: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : memref<8xi32, "ram">) outs(%y : memref<8xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: i32, %o: i32):
    %at = arith.index_cast %e : i32 to index
    %v = memref.load %table[%at] : memref<256xi32, "ram">
    linalg.yield %v : i32
  }
  func.return
}

// CHECK: this cannot be done on vectors: its loop cannot be lanes

// -----

#id1 = affine_map<(d0) -> (d0)>

func.func private @index_of_lanes(%y: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id1], iterator_types = ["parallel"]} outs(%y : memref<8xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%o: i32):
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i32
    linalg.yield %n : i32
  }
  func.return
}

// CHECK: index of a loop whose rounds are lanes is not one

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

func.func private @lanes_of_a_difference(%x: memref<2x8xi32, "ram">, %y: memref<2xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x8xi32, "ram">) outs(%y : memref<2xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %a: i32):
    %s = arith.subi %a, %e : i32
    linalg.yield %s : i32
  }
  func.return
}

// CHECK: reduction must end with one sum, product, maximum or minimum

// -----

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

func.func private @lanes_inside_of_lanes(%x: memref<8x8xi32, "ram">, %y: memref<8xi32, "ram">) attributes {deploy.kernel} {
  %zero = arith.constant 0 : i32
  %sums = deploy.registers : memref<8xi32, "register">
  linalg.fill ins(%zero : i32) outs(%sums : memref<8xi32, "register">)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<8x8xi32, "ram">) outs(%sums : memref<8xi32, "register">) attrs = {deploy.blocks = {sizes = array<i64: 1, 4>, lanes = array<i64: 1, 4>}} {
  ^bb0(%e: i32, %a: i32):
    %s = arith.addi %a, %e : i32
    linalg.yield %s : i32
  }
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%sums : memref<8xi32, "register">) outs(%y : memref<8xi32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 4>, lanes = array<i64: 0, 4>}} {
  ^bb0(%e: i32, %o: i32):
    linalg.yield %e : i32
  }
  func.return
}

// CHECK: lanes along a reduction cannot be inside of other lanes

// -----

func.func private @three_lanes_of_a_reduction(%x: memref<6xi32, "ram">, %y: memref<i32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : memref<6xi32, "ram">) outs(%y : memref<i32, "ram">) attrs = {deploy.blocks = {sizes = array<i64: 3>, lanes = array<i64: 0, 3>}} {
  ^bb0(%e: i32, %o: i32):
    %s = arith.addi %e, %o : i32
    linalg.yield %s : i32
  }
  func.return
}

// CHECK: lanes along a reduction must be 2**n, got 3

// -----

func.func private @lanes_beyond_what_is_repeated(%x: memref<24xf32, "ram">, %b: memref<8xf32, "flash">, %y: memref<24xf32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0 mod 3)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x, %b : memref<24xf32, "ram">, memref<8xf32, "flash">) outs(%y : memref<24xf32, "ram">) attrs = {deploy.repeated = array<i64: 1>, deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}

// CHECK: lanes must be at most 6, as far as it repeats itself
