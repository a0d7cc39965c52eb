// RUN: deployopt %s -t c --split-input-file --verify-diagnostics | filecheck %s

func.func @unknown_operation(%x: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %d = memref.dim %x, %c0 : memref<4xf32>
  func.return
}

// CHECK: the C backend cannot emit this operation

// -----

func.func @unknown_type(%x: memref<4xf16>) {
  func.return
}

// CHECK: the C backend has no type for f16

// -----

func.func @unknown_strides(%x: memref<4x4xf32, strided<[?, 1]>>) {
  %c0 = arith.constant 0 : index
  %e = memref.load %x[%c0, %c0] : memref<4x4xf32, strided<[?, 1]>>
  memref.store %e, %x[%c0, %c0] : memref<4x4xf32, strided<[?, 1]>>
  func.return
}

// CHECK: strides must be known, got memref<4x4xf32, strided<[?, 1]>>

// -----

func.func @returns_a_value() -> f32 {
  %zero = arith.constant 0.0 : f32
  func.return %zero : f32
}

// CHECK: a function must not return values

// -----

func.func @lower_half(%x: memref<2xi32>) {
  %c0 = arith.constant 0 : index
  %a = memref.load %x[%c0] : memref<2xi32>
  %low, %high = arith.mulsi_extended %a, %a : i32
  memref.store %low, %x[%c0] : memref<2xi32>
  func.return
}

// CHECK: only the upper half of a product of up to 32 bits is there in C
