// RUN: deployopt %s -p memory-assign-offsets,memory-materialize-arenas --machine scratchpad --no-debuginfo | filecheck %s

#id = affine_map<(d0) -> (d0)>

func.func private @copy(%a: memref<8xi32, "L1">, %b: memref<8xi32, "L1">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%a : memref<8xi32, "L1">) outs(%b : memref<8xi32, "L1">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

// Every level is planned for itself, 32 bytes each. Steps: start 0, wait 1, copy 2, start 3,
// copy 4, wait 5, start 6, wait 7.
//
// L1: %a is live in 0..2 and %b in 2..5, because the transfer that reads it is under way
// until then. %c, in 4, takes the place of %a; %b stands beside both.
// L2: %p is live in 3..7; its arena has 32 bytes.

// CHECK-LABEL: @run
// CHECK-SAME: [[L1:%.+]]: memref<64xi8, "L1"> {deploy.role = "arena"}, [[L2:%.+]]: memref<32xi8, "L2"> {deploy.role = "arena"}, %x: memref<8xi32, "L2">
func.func @run(%x: memref<8xi32, "L2">, %y: memref<8xi32, "L2">, %z: memref<8xi32, "L2">) {
  // CHECK-DAG: [[C0:%.+]] = arith.constant 0 : index
  // CHECK-DAG: [[C32:%.+]] = arith.constant 32 : index
  // CHECK: memref.view [[L1]][[[A:%.+]]][] {deploy.name = "a"}
  %a = deploy.buffer "a" : memref<8xi32, "L1">
  // CHECK: memref.view [[L1]][[[B:%.+]]][] {deploy.name = "b"}
  %b = deploy.buffer "b" : memref<8xi32, "L1">
  // CHECK: memref.view [[L1]][[[A]]][] {deploy.name = "c"}
  %c = deploy.buffer "c" : memref<8xi32, "L1">
  // CHECK: memref.view [[L2]][[[C0]]][] {deploy.name = "p"}
  %p = deploy.buffer "p" : memref<8xi32, "L2">
  %t = deploy.dma_start %x, %a : memref<8xi32, "L2">, memref<8xi32, "L1">
  deploy.dma_wait %t
  func.call @copy(%a, %b) : (memref<8xi32, "L1">, memref<8xi32, "L1">) -> ()
  %u = deploy.dma_start %b, %p : memref<8xi32, "L1">, memref<8xi32, "L2">
  func.call @copy(%c, %c) : (memref<8xi32, "L1">, memref<8xi32, "L1">) -> ()
  deploy.dma_wait %u
  %v = deploy.dma_start %p, %y : memref<8xi32, "L2">, memref<8xi32, "L2">
  deploy.dma_wait %v
  func.return
}
