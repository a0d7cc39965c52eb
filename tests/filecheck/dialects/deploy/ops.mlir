// RUN: deployopt %s | deployopt | filecheck %s

// CHECK-LABEL: @kernel
// CHECK: deploy.kernel(%{{.*}} : tensor<4xf32>) outs(%{{.*}} : tensor<4xf32>) {
// CHECK: deploy.yield %{{.*}} : tensor<4xf32>
func.func @kernel(%x: tensor<4xf32>) -> tensor<4xf32> {
  %d = tensor.empty() : tensor<4xf32>
  %r = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
    %c = arith.constant 1.0 : f32
    %s = linalg.fill ins(%c : f32) outs(%o : tensor<4xf32>) -> tensor<4xf32>
    deploy.yield %s : tensor<4xf32>
  }
  func.return %r : tensor<4xf32>
}

// CHECK-LABEL: @buffers
// CHECK: deploy.buffer "conv1" at 512 : memref<8x8xi32, "ram">
// CHECK: deploy.buffer "conv2" : memref<8x8xi32, "ram">
// CHECK: deploy.registers : memref<1x8xi32, "register">
func.func @buffers() {
  %a = deploy.buffer "conv1" at 512 : memref<8x8xi32, "ram">
  %b = deploy.buffer "conv2" : memref<8x8xi32, "ram">
  %c = deploy.registers : memref<1x8xi32, "register">
  func.return
}

// CHECK-LABEL: @transfer
// CHECK: %[[t:.*]] = deploy.dma_start %{{.*}}, %{{.*}} : memref<8x16xi8, strided<[64, 1], offset: ?>, "L2">, memref<8x16xi8, "L1">
// CHECK: deploy.dma_wait %[[t]]
func.func @transfer(
    %s: memref<8x16xi8, strided<[64, 1], offset: ?>, "L2">,
    %d: memref<8x16xi8, "L1">) {
  %t = deploy.dma_start %s, %d
      : memref<8x16xi8, strided<[64, 1], offset: ?>, "L2">, memref<8x16xi8, "L1">
  deploy.dma_wait %t
  func.return
}

// A loop hands the transfer of one round on to the next one.
// CHECK-LABEL: @transfers_carried
// CHECK: scf.for {{.*}} -> (!deploy.token) {
func.func @transfers_carried(%s: memref<8xi8, "L2">, %d: memref<8xi8, "L1">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %first = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
  %last = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %first) -> (!deploy.token) {
    deploy.dma_wait %t
    %next = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
    scf.yield %next : !deploy.token
  }
  deploy.dma_wait %last
  func.return
}

// CHECK-LABEL: @lanes
// CHECK: %[[wide:.*]] = deploy.vcast extsi %{{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: %[[mask:.*]] = deploy.vcmp slt %[[wide]], %{{.*}} : vector<8xi32>
// CHECK: deploy.vselect %[[mask]], %[[wide]], %{{.*}} : vector<8xi1>, vector<8xi32>
// CHECK: deploy.vcast uitofp %[[mask]] {note} : vector<8xi1> to vector<8xf32>
func.func @lanes(%x: vector<8xi8>, %y: vector<8xi32>) {
  %w = deploy.vcast extsi %x : vector<8xi8> to vector<8xi32>
  %m = deploy.vcmp slt %w, %y : vector<8xi32>
  %s = deploy.vselect %m, %w, %y : vector<8xi1>, vector<8xi32>
  %f = deploy.vcast uitofp %m {note} : vector<8xi1> to vector<8xf32>
  func.return
}

// CHECK-LABEL: @in_order
// CHECK: %[[x:.*]], %{{.*}} = deploy.together %{{.*}}, %{{.*}} : i32, i64
// CHECK: deploy.together %[[x]], %[[x]] {note} : i32, i32
// CHECK: deploy.loads_after %[[x]] {note} : i32
func.func @in_order(%w: i32, %s: i64) {
  %x, %t = deploy.together %w, %s : i32, i64
  %y, %u = deploy.together %x, %x {note} : i32, i32
  %z = deploy.loads_after %x {note} : i32
  func.return
}

// CHECK-LABEL: @opaque
// CHECK: deploy.opaque %{{.*}} {note} : i8
func.func @opaque(%x: i8) {
  %y = deploy.opaque %x {note} : i8
  func.return
}

// CHECK-LABEL: @anew
// CHECK: deploy.anew %{{.*}} {note} : memref<4x8xf32, "ram">
func.func @anew(%x: memref<4x8xf32, "ram">) {
  %y = deploy.anew %x {note} : memref<4x8xf32, "ram">
  func.return
}

// CHECK-LABEL: @four_bytes
// CHECK: %[[w:.*]] = deploy.words %{{.*}} : memref<8x16xi8, strided<[64, 1], offset: ?>, "ram"> to memref<8x4xi32, strided<[16, 1], offset: ?>, "ram">
// CHECK: deploy.dot4 %{{.*}}, %{{.*}}, %{{.*}} unsigned : vector<4xi32>, i32
// CHECK: deploy.dot4 %{{.*}}, %{{.*}} unsigned, %{{.*}} unsigned {note} : vector<4xi32>, vector<4xi32>
// CHECK: deploy.dot4 %{{.*}}, %{{.*}} unsigned, %{{.*}} : i32, i32
func.func @four_bytes(
    %x: memref<8x16xi8, strided<[64, 1], offset: ?>, "ram">,
    %v: vector<4xi32>, %s: i32) {
  %w = deploy.words %x
      : memref<8x16xi8, strided<[64, 1], offset: ?>, "ram">
      to memref<8x4xi32, strided<[16, 1], offset: ?>, "ram">
  %a = deploy.dot4 %v, %v, %s unsigned : vector<4xi32>, i32
  %b = deploy.dot4 %a, %v unsigned, %v unsigned {note} : vector<4xi32>, vector<4xi32>
  %c = deploy.dot4 %s, %s unsigned, %s : i32, i32
  func.return
}
