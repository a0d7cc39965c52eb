// RUN: deployopt %s -p deploy-inline-calls --split-input-file --verify-diagnostics | filecheck %s

// CHECK: @first calls itself
func.func @first() {
  func.call @second() : () -> ()
  func.return
}
func.func @second() {
  func.call @first() : () -> ()
  func.return
}

// -----

// CHECK: @jumps must have one block to stand here
func.func @run() {
  func.call @jumps() : () -> ()
  func.return
}
func.func @jumps() {
  cf.br ^bb1
^bb1:
  func.return
}
