// RUN: deployopt %s --verify-diagnostics --split-input-file | filecheck %s

// CHECK: body argument types must be (tensor<4xf32>, tensor<4xf32>), got (tensor<4xf32>)
func.func @kernel_arguments(%x: tensor<4xf32>, %d: tensor<4xf32>) -> tensor<4xf32> {
  %r = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
  ^bb0(%o: tensor<4xf32>):
    deploy.yield %o : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}

// -----

// CHECK: yielded types must be (tensor<4xf32>), got ()
func.func @kernel_yield(%d: tensor<4xf32>) -> tensor<4xf32> {
  %r = deploy.kernel() outs(%d : tensor<4xf32>) {
  ^bb0(%o: tensor<4xf32>):
    deploy.yield
  }
  func.return %r : tensor<4xf32>
}

// -----

// CHECK: buffer must name its memory level, got memref<8xi32>
func.func @buffer_without_level() {
  %a = deploy.buffer "a" : memref<8xi32>
  func.return
}

// -----

// CHECK: registers are deploy.registers, not a buffer
func.func @buffer_in_registers() {
  %a = deploy.buffer "a" : memref<8xi32, "register">
  func.return
}

// -----

// CHECK: buffer must have a static shape, got memref<?xi32, "ram">
func.func @buffer_of_unknown_size() {
  %a = deploy.buffer "a" : memref<?xi32, "ram">
  func.return
}

// -----

// CHECK: offset must not be negative, got -4
func.func @negative_offset() {
  %a = deploy.buffer "a" at -4 : memref<8xi32, "ram">
  func.return
}

// -----

// CHECK: memory space must be "register", got memref<8xi32, "ram">
func.func @registers_in_memory() {
  %a = deploy.registers : memref<8xi32, "ram">
  func.return
}

// -----

// CHECK: memref must name its memory level, got memref<8xi8>
func.func @transfer_without_level(%s: memref<8xi8>, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi8>, memref<8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: nothing is moved to or from registers
func.func @transfer_to_registers(%s: memref<8xi8, "register">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi8, "register">, memref<8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: memref must have a static shape, got memref<?xi8, "L2">
func.func @transfer_of_unknown_size(%s: memref<?xi8, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<?xi8, "L2">, memref<8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: source and destination must have the same shape, got memref<4xi8, "L2"> and memref<8xi8, "L1">
func.func @transfer_of_other_shape(%s: memref<4xi8, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<4xi8, "L2">, memref<8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: source and destination must have the same element type
func.func @transfer_of_other_type(%s: memref<8xi16, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi16, "L2">, memref<8xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: token must be used once, by a wait or a loop, got 0 uses
func.func @never_awaited(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  func.return
}

// -----

// CHECK: token must be used once, by a wait or a loop, got 2 uses
func.func @awaited_twice(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  deploy.dma_wait %t
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: token must be awaited in the block that it comes from
func.func @awaited_each_round(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  scf.for %i = %c0 to %c1 step %c1 {
    deploy.dma_wait %t
  }
  func.return
}

// -----

// CHECK: token must be used once, by a wait or a loop, got 0 uses
func.func @carried_but_not_awaited_inside(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  %l = scf.for %i = %c0 to %c1 step %c1 iter_args(%u = %t) -> (!deploy.token) {
    %n = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
    scf.yield %n : !deploy.token
  }
  deploy.dma_wait %l
  func.return
}

// -----

// CHECK: token must be used once, by a wait or a loop, got 0 uses
func.func @carried_out_but_not_awaited(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  %l = scf.for %i = %c0 to %c1 step %c1 iter_args(%u = %t) -> (!deploy.token) {
    scf.yield %u : !deploy.token
  }
  func.return
}

// -----

// CHECK: token must be used by a wait or a loop, got test.op
func.func @token_given_away(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  "test.op"(%t) : (!deploy.token) -> ()
  func.return
}

// -----

// CHECK: token must come from deploy.dma_start or from a loop that carries it
func.func @token_from_nowhere(%t: !deploy.token) {
  deploy.dma_wait %t
  func.return
}

// -----

// CHECK: conversion must be one of extsi, extui, fptosi, fptoui, sitofp, trunci, uitofp, got extf
func.func @unknown_conversion(%x: vector<8xf32>) {
  %y = deploy.vcast extf %x : vector<8xf32> to vector<8xf64>
  func.return
}

// -----

// CHECK: vectors must have the same shape, got vector<8xi8> and vector<4xi32>
func.func @conversion_of_other_lanes(%x: vector<8xi8>) {
  %y = deploy.vcast extsi %x : vector<8xi8> to vector<4xi32>
  func.return
}

// -----

// CHECK: operand must be a vector of integers, got vector<8xf32>
func.func @conversion_from_float(%x: vector<8xf32>) {
  %y = deploy.vcast sitofp %x : vector<8xf32> to vector<8xf64>
  func.return
}

// -----

// CHECK: result must be a vector of floats, got vector<8xi32>
func.func @conversion_to_integer(%x: vector<8xi8>) {
  %y = deploy.vcast uitofp %x : vector<8xi8> to vector<8xi32>
  func.return
}

// -----

// CHECK: result elements must be wider, got i32 to i32
func.func @extension_to_the_same(%x: vector<8xi32>) {
  %y = deploy.vcast extui %x : vector<8xi32> to vector<8xi32>
  func.return
}

// -----

// CHECK: result elements must be narrower, got i8 to i32
func.func @truncation_to_more(%x: vector<8xi8>) {
  %y = deploy.vcast trunci %x : vector<8xi8> to vector<8xi32>
  func.return
}

// -----

// CHECK: predicate must be one of false, oeq,
func.func @integer_predicate(%x: vector<8xf32>) {
  %m = deploy.vcmp slt %x, %x : vector<8xf32>
  func.return
}

// -----

// CHECK: result must be vector<8xi1>, got vector<8xi8>
func.func @comparison_without_mask(%x: vector<8xi8>) {
  %m = "deploy.vcmp"(%x, %x) <{predicate = "eq"}>
      : (vector<8xi8>, vector<8xi8>) -> vector<8xi8>
  func.return
}

// -----

// CHECK: operands must have the same type, got vector<8xi8> and vector<8xi16>
func.func @comparison_of_two_types(%x: vector<8xi8>, %y: vector<8xi16>) {
  %m = "deploy.vcmp"(%x, %y) <{predicate = "eq"}>
      : (vector<8xi8>, vector<8xi16>) -> vector<8xi1>
  func.return
}

// -----

// CHECK: mask must be vector<8xi1>, got vector<4xi1>
func.func @mask_of_other_lanes(%m: vector<4xi1>, %x: vector<8xi8>) {
  %y = deploy.vselect %m, %x, %x : vector<4xi1>, vector<8xi8>
  func.return
}

// -----

// CHECK: second factor must be i32 or vector<4xi32>, got vector<2xi32>
func.func @dot4_lanes(%v: vector<4xi32>, %w: vector<2xi32>) {
  %r = deploy.dot4 %v, %v, %w : vector<4xi32>, vector<2xi32>
  func.return
}

// -----

// CHECK: second factor must be i32, got vector<2xi32>
func.func @dot4_of_scalars(%s: i32, %w: vector<2xi32>) {
  %r = deploy.dot4 %s, %s, %w : i32, vector<2xi32>
  func.return
}

// -----

// CHECK: bytes must be whole words, got memref<4x6xi8, "ram">
func.func @words_of_rows(%x: memref<4x6xi8, "ram">) {
  %w = deploy.words %x : memref<4x6xi8, "ram"> to memref<4x1xi32, "ram">
  func.return
}

// -----

// CHECK: bytes must be whole words, got memref<4x8xi8, strided<[10, 1]>, "ram">
func.func @words_between_rows(%x: memref<4x8xi8, strided<[10, 1]>, "ram">) {
  %w = deploy.words %x : memref<4x8xi8, strided<[10, 1]>, "ram"> to memref<4x2xi32, "ram">
  func.return
}

// -----

// CHECK: bytes must be whole words, got memref<8xi8, strided<[1], offset: 2>, "ram">
func.func @words_from_a_third_byte(%x: memref<8xi8, strided<[1], offset: 2>, "ram">) {
  %w = deploy.words %x : memref<8xi8, strided<[1], offset: 2>, "ram"> to memref<2xi32, "ram">
  func.return
}

// -----

// CHECK: result must be memref<4x2xi32, "ram">, got memref<2x4xi32, "ram">
func.func @words_of_another_shape(%x: memref<4x8xi8, "ram">) {
  %w = deploy.words %x : memref<4x8xi8, "ram"> to memref<2x4xi32, "ram">
  func.return
}
