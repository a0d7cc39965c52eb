// RUN: deployopt %s -p fuse --split-input-file --verify-diagnostics | filecheck %s

// CHECK: should be gone after phase 'fuse'
// CHECK: "tensor.empty"() : () -> tensor<4xf32>
// CHECK-NEXT: ^^^^^^^^^^^^^^
builtin.module attributes {deploy.nodes = {}} {
  func.func @too_low() -> tensor<4xf32> {
    %a = tensor.empty() : tensor<4xf32>
    func.return %a : tensor<4xf32>
  }
}

// -----

// CHECK: has lost its location in phase 'fuse'
// CHECK: %sum = "arith.addi"
// CHECK-NEXT: ^^^^^^
builtin.module attributes {deploy.nodes = {"node" = "Add"}} {
  func.func @lost(%a: i32) -> i32 {
    %sum = arith.addi %a, %a : i32
    func.return %sum : i32
  }
}
