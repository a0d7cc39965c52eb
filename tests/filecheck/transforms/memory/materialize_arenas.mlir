// RUN: deployopt %s -p memory-materialize-arenas --no-debuginfo | filecheck %s

memref.global "private" constant @weights_0 : memref<4xf32, "flash"> = dense<1.0> {alignment = 16 : i64, deploy.name = "w", deploy.offset = 0 : index}
memref.global "private" constant @weights_1 : memref<3xf32, "flash"> = dense<1.0> {alignment = 16 : i64, deploy.name = "v", deploy.offset = 16 : index}

// The arena ends with its topmost buffer, the weights with the last constant of all.

// CHECK-LABEL: @run
// CHECK-SAME: [[RAM:%.+]]: memref<96xi8, "ram"> {deploy.role = "arena"}, [[FLASH:%.+]]: memref<28xi8, "flash"> {deploy.role = "weights"}, [[X:%.+]]: memref<4xf32, "ram"> {deploy.role = "input"})
func.func @run(%x: memref<4xf32, "ram"> {deploy.role = "input"}) {
  // CHECK-DAG: [[C0:%.+]] = arith.constant 0 : index
  // CHECK-DAG: [[C64:%.+]] = arith.constant 64 : index
  // CHECK: memref.view [[FLASH]][[[C0]]][] {deploy.name = "w"} : memref<28xi8, "flash"> to memref<4xf32, "flash">
  %w = memref.get_global @weights_0 : memref<4xf32, "flash">
  // CHECK-NEXT: [[A:%.+]] = memref.view [[RAM]][[[C64]]][] {deploy.name = "a"} : memref<96xi8, "ram"> to memref<8xf32, "ram">
  %a = deploy.buffer "a" at 64 : memref<8xf32, "ram">
  // CHECK-NEXT: memref.view [[RAM]][[[C0]]][] {deploy.name = "b"} : memref<96xi8, "ram"> to memref<2xi8, "ram">
  %b = deploy.buffer "b" at 0 : memref<2xi8, "ram">
  // CHECK-NEXT: memref.subview [[A]]
  %s = memref.subview %a[2] [4] [1] : memref<8xf32, "ram"> to memref<4xf32, strided<[1], offset: 2>, "ram">
  func.return
}

// CHECK-LABEL: @negative_nothing_used
// CHECK-SAME: ([[X:%.+]]: memref<4xf32, "ram"> {deploy.role = "input"})
func.func @negative_nothing_used(%x: memref<4xf32, "ram"> {deploy.role = "input"}) {
  func.return
}
