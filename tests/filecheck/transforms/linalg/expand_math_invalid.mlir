// RUN: deployopt %s -p linalg-expand-math --verify-diagnostics --split-input-file | filecheck %s

// CHECK: math.exp must be on f16 or f32 to be expanded, got f64
func.func @double(%x : f64) -> f64 {
  %y = math.exp %x : f64
  func.return %y : f64
}

// -----

// CHECK: math.sin has no expansion into arithmetic
func.func @unknown(%x : f32) -> f32 {
  %y = math.sin %x : f32
  func.return %y : f32
}
