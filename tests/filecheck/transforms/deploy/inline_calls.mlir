// RUN: deployopt %s -p deploy-inline-calls | filecheck %s

// What is called stands where it is called, with its own locations or the call's.

// CHECK-NOT: @twice
func.func private @twice(%x: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @public
func.func @public(%x: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %y = linalg.add ins(%x, %x
  // CHECK-NEXT: func.return %y
  %y = func.call @twice(%x, %o) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}

// CHECK-LABEL: @run
func.func @run(%x: tensor<4xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: [[A:%.+]] = linalg.add ins(%x, %x{{.*}} loc("first")
  // CHECK-NEXT: [[B:%.+]] = linalg.add ins([[A]], [[A]]{{.*}} loc("second")
  // CHECK-NEXT: func.return [[B]]
  %a = func.call @public(%x, %o) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("first")
  %b = func.call @twice(%a, %o) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("second")
  func.return %b : tensor<4xf32>
}

// CHECK-LABEL: @negative_uncalled
func.func private @negative_uncalled() {
  func.return
}

// CHECK-LABEL: @negative_kernel
func.func private @negative_kernel(%x: memref<4xf32, "ram">) attributes {deploy.kernel} {
  func.return
}

// CHECK-LABEL: @negative_elsewhere
func.func private @negative_elsewhere(memref<4xf32, "ram">) -> ()

// CHECK-LABEL: @driver
func.func @driver(%x: memref<4xf32, "ram">) {
  // CHECK-NEXT: func.call @negative_kernel(%x)
  // CHECK-NEXT: func.call @negative_elsewhere(%x)
  func.call @negative_kernel(%x) : (memref<4xf32, "ram">) -> ()
  func.call @negative_elsewhere(%x) : (memref<4xf32, "ram">) -> ()
  func.return
}
