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
