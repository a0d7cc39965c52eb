// RUN: deployopt %s -p tile --print-pipeline -o %t.alone 2>&1 | filecheck %s --check-prefix=ALONE --allow-empty
// RUN: deployopt %s -p cse 2>&1 | filecheck %s

// No operation here is the network's, so that a phase brings no other with it.

// CHECK-NOT: remark
// CHECK-LABEL: @located
func.func @located(%a: i32) -> i32 {
  // CHECK: arith.addi %a, %a : i32 loc("node")
  %b = arith.addi %a, %a : i32 loc("node")
  // CHECK: func.return %{{.*}} : i32{{$}}
  func.return %b : i32
}

// ALONE-NOT: remark
