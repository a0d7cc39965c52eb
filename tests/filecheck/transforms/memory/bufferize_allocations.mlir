// RUN: deployopt %s -p memory-bufferize --machine rv64gc --no-debuginfo | filecheck %s

// Memory of another pipeline: allocations become buffers, and all has a level.

// CHECK: memref.global "private" constant @half : memref<8xf32, "flash">
memref.global "private" constant @half : memref<8xf32> = dense<0.5>

// CHECK-LABEL: @allocates
// CHECK-SAME: %x: memref<8xf32, "ram"> {deploy.role = "input"}, %o: memref<8xf32, "ram"> {deploy.role = "output"}
func.func @allocates(%x: memref<8xf32>, %o: memref<8xf32>) {
  // CHECK-NEXT: %h = memref.get_global @half : memref<8xf32, "flash">
  // CHECK-NEXT: %t = deploy.buffer "t" : memref<8xf32, "ram">
  // CHECK-NEXT: %u = deploy.buffer "t.1" : memref<8xf32, "flash">
  // CHECK-NEXT: %s = memref.subview %t[2] [4] [1] : memref<8xf32, "ram"> to memref<4xf32, strided<[1], offset: 2>, "ram">
  // CHECK-NEXT: deploy.kernel(%x : memref<8xf32, "ram">, %h : memref<8xf32, "flash">) outs(%o : memref<8xf32, "ram">, %t : memref<8xf32, "ram">, %s : memref<4xf32, strided<[1], offset: 2>, "ram">) {
  // CHECK-NEXT: ^bb0(%{{.*}}: memref<8xf32, "ram">, %{{.*}}: memref<8xf32, "flash">, %{{.*}}: memref<8xf32, "ram">, %{{.*}}: memref<8xf32, "ram">, %{{.*}}: memref<4xf32, strided<[1], offset: 2>, "ram">):
  // CHECK-NOT: dealloc
  %h = memref.get_global @half : memref<8xf32>
  %t = memref.alloc() : memref<8xf32>
  %u = memref.alloca() : memref<8xf32, "flash"> loc("t")
  %s = memref.subview %t[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
  deploy.kernel(%x : memref<8xf32>, %h : memref<8xf32>) outs(%o : memref<8xf32>, %t : memref<8xf32>, %s : memref<4xf32, strided<[1], offset: 2>>) {
  ^bb0(%kx: memref<8xf32>, %kh: memref<8xf32>, %ko: memref<8xf32>, %kt: memref<8xf32>, %ks: memref<4xf32, strided<[1], offset: 2>>):
    %c = arith.constant 0.0 : f32
    linalg.fill ins(%c : f32) outs(%ko : memref<8xf32>)
    linalg.fill ins(%c : f32) outs(%kt : memref<8xf32>)
    linalg.fill ins(%c : f32) outs(%ks : memref<4xf32, strided<[1], offset: 2>>)
    deploy.yield
  }
  memref.dealloc %t : memref<8xf32>
  func.return
}
