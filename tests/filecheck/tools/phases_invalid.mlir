// RUN: deployopt %s -p fuse --split-input-file --verify-diagnostics | filecheck %s

// CHECK: should be gone after phase 'fuse'
// CHECK: "tensor.empty"() : () -> tensor<4xf32>
// CHECK-NEXT: ^^^^^^^^^^^^^^
func.func @too_low() {
  %a = tensor.empty() : tensor<4xf32>
  func.return
}

// -----

// CHECK: has lost its location in phase 'fuse'
// CHECK: %sum = "arith.addi"
// CHECK-NEXT: ^^^^^^
builtin.module attributes {deploy.nodes = {"node" = "Add"}} {
  func.func @lost(%a: i32) {
    %sum = arith.addi %a, %a : i32
    func.return
  }
}
