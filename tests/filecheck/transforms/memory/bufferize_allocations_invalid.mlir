// RUN: deployopt %s -p memory-bufferize --machine rv64gc --split-input-file --verify-diagnostics | filecheck %s

// CHECK: memory must have a static shape and no layout, got memref<?xf32>
func.func @dynamic(%n: index) {
  %t = memref.alloc(%n) : memref<?xf32>
  func.return
}

// -----

// CHECK: memory that a function allocates must be used by kernels
func.func @touched() {
  %c0 = arith.constant 0 : index
  %t = memref.alloc() : memref<4xf32>
  %v = memref.load %t[%c0] : memref<4xf32>
  func.return
}

// -----

// CHECK: global must be constant and have a value
memref.global "private" @state : memref<4xf32> = dense<0.0>

// -----

// CHECK: function on tensors must have one block, got 2
func.func @jumps(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^bb1
^bb1:
  func.return %x : tensor<4xf32>
}
