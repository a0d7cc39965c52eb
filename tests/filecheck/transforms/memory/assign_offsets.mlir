// RUN: deployopt %s -p memory-assign-offsets --machine rv64gc --no-debuginfo | filecheck %s
// RUN: deployopt %s -p 'memory-assign-offsets{planner=stacked}' --machine rv64gc --no-debuginfo | filecheck %s --check-prefix STACKED

#id = affine_map<(d0) -> (d0)>

// Constants stand one behind the other, aligned to the level's 16 bytes.

// CHECK: memref.global "private" constant @weights_0 : memref<5xf32, "flash"> = dense<1.000000e+00> {alignment = 16 : i64, deploy.offset = 0 : index}
memref.global "private" constant @weights_0 : memref<5xf32, "flash"> = dense<1.0>
// CHECK: @weights_1 {{.*}} {alignment = 16 : i64, deploy.offset = 32 : index}
memref.global "private" constant @weights_1 : memref<2xf32, "flash"> = dense<1.0>

func.func private @copy(%a: memref<8xi32, "ram">, %b: memref<8xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "ram">) outs(%b : memref<8xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

// 32 bytes each. %c starts after the last use of %a and takes its place; nobody uses %d.

// CHECK-LABEL: @reuse_after_last_use
// STACKED-LABEL: @reuse_after_last_use
func.func @reuse_after_last_use(%x: memref<8xi32, "ram">, %y: memref<8xi32, "ram">) {
  // CHECK: deploy.buffer "a" at 0
  // STACKED: deploy.buffer "a" at 0
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  // CHECK: deploy.buffer "b" at 32
  // STACKED: deploy.buffer "b" at 32
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  func.call @copy(%a, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  // CHECK: deploy.buffer "c" at 0
  // STACKED: deploy.buffer "c" at 64
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  func.call @copy(%b, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  // CHECK-NOT: "d"
  %d = deploy.buffer "d" : memref<8xi32, "ram">
  func.call @copy(%c, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  func.return
}

// %a is read in every iteration, so it lives as long as the loop runs: %b, which is made
// after that in the body, must not take its place. %c is made anew in each iteration and
// needed nowhere else, so that it dies when %b is made of it: %d, behind, takes its place.

// CHECK-LABEL: @loop_keeps_what_it_reads
func.func @loop_keeps_what_it_reads(%x: memref<8xi32, "ram">, %y: memref<8xi32, "ram">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  // CHECK: deploy.buffer "a" at 0
  %a = deploy.buffer "a" : memref<8xi32, "ram">
  // CHECK: deploy.buffer "b" at 64
  %b = deploy.buffer "b" : memref<8xi32, "ram">
  // CHECK: deploy.buffer "c" at 32
  %c = deploy.buffer "c" : memref<8xi32, "ram">
  // CHECK: deploy.buffer "d" at 32
  %d = deploy.buffer "d" : memref<8xi32, "ram">
  func.call @copy(%x, %a) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  scf.for %i = %c0 to %c4 step %c1 {
    func.call @copy(%a, %c) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
    func.call @copy(%c, %b) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
    func.call @copy(%b, %d) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
    func.call @copy(%d, %y) : (memref<8xi32, "ram">, memref<8xi32, "ram">) -> ()
  }
  func.return
}
