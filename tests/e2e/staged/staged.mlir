// A lowered program for machine scratchpad: what goes from L3 to L1 and back takes two
// hops, and `sum` works while the result of `scale` is on its way.
//
//   L1:  x1 at 0 (128 bytes) | nothing | w1, then z1 at 256 (128) | y1 at 384 (128)
//   L2:  x2 at 0 | w2 at 128 | y2 at 256 | z2 at 384
//
// The last number of z is x[31] + x[31]: `sum` reads 32 numbers of x.

builtin.module @staged attributes {deploy.phase = "vectorize", deploy.nodes = {"scale" = "Mul", "sum" = "Add"}} {
  memref.global "private" constant @w : memref<32xi32, "L3"> = dense<3> {alignment = 16 : i64, deploy.offset = 0 : index, deploy.name = "factor"}
  func.func @run(%l1: memref<512xi8, "L1"> {deploy.role = "arena"}, %l2: memref<512xi8, "L2"> {deploy.role = "arena"}, %l3: memref<128xi8, "L3"> {deploy.role = "weights"}, %x: memref<32xi32, "L3"> {deploy.role = "input", deploy.name = "x", deploy.dtype = "int32"}, %y: memref<32xi32, "L3"> {deploy.role = "output", deploy.name = "y", deploy.dtype = "int32"}, %z: memref<32xi32, "L3"> {deploy.role = "output", deploy.name = "z", deploy.dtype = "int32"}) {
    %c0 = arith.constant 0 : index
    %c128 = arith.constant 128 : index
    %c256 = arith.constant 256 : index
    %c384 = arith.constant 384 : index
    %w = memref.view %l3[%c0][] {deploy.name = "factor"} : memref<128xi8, "L3"> to memref<32xi32, "L3">
    %x2 = memref.view %l2[%c0][] {deploy.name = "x2"} : memref<512xi8, "L2"> to memref<32xi32, "L2">
    %w2 = memref.view %l2[%c128][] {deploy.name = "w2"} : memref<512xi8, "L2"> to memref<32xi32, "L2">
    %y2 = memref.view %l2[%c256][] {deploy.name = "y2"} : memref<512xi8, "L2"> to memref<32xi32, "L2">
    %z2 = memref.view %l2[%c384][] {deploy.name = "z2"} : memref<512xi8, "L2"> to memref<32xi32, "L2">
    %x1 = memref.view %l1[%c0][] {deploy.name = "x1"} : memref<512xi8, "L1"> to memref<32xi32, "L1">
    %w1 = memref.view %l1[%c256][] {deploy.name = "w1"} : memref<512xi8, "L1"> to memref<32xi32, "L1">
    %z1 = memref.view %l1[%c256][] {deploy.name = "z1"} : memref<512xi8, "L1"> to memref<32xi32, "L1">
    %y1 = memref.view %l1[%c384][] {deploy.name = "y1"} : memref<512xi8, "L1"> to memref<32xi32, "L1">
    %t0 = deploy.dma_start %x, %x2 : memref<32xi32, "L3">, memref<32xi32, "L2"> loc("scale")
    deploy.dma_wait %t0 loc("scale")
    %t1 = deploy.dma_start %w, %w2 : memref<32xi32, "L3">, memref<32xi32, "L2"> loc("scale")
    %t2 = deploy.dma_start %x2, %x1 : memref<32xi32, "L2">, memref<32xi32, "L1"> loc("scale")
    deploy.dma_wait %t1 loc("scale")
    %t3 = deploy.dma_start %w2, %w1 : memref<32xi32, "L2">, memref<32xi32, "L1"> loc("scale")
    deploy.dma_wait %t2 loc("scale")
    deploy.dma_wait %t3 loc("scale")
    func.call @scale(%x1, %w1, %y1) : (memref<32xi32, "L1">, memref<32xi32, "L1">, memref<32xi32, "L1">) -> () loc("scale")
    %t4 = deploy.dma_start %y1, %y2 : memref<32xi32, "L1">, memref<32xi32, "L2"> loc("scale")
    func.call @sum(%x1, %z1) : (memref<32xi32, "L1">, memref<32xi32, "L1">) -> () loc("sum")
    deploy.dma_wait %t4 loc("scale")
    %t5 = deploy.dma_start %y2, %y : memref<32xi32, "L2">, memref<32xi32, "L3"> loc("scale")
    %t6 = deploy.dma_start %z1, %z2 : memref<32xi32, "L1">, memref<32xi32, "L2"> loc("sum")
    deploy.dma_wait %t5 loc("scale")
    deploy.dma_wait %t6 loc("sum")
    %t7 = deploy.dma_start %z2, %z : memref<32xi32, "L2">, memref<32xi32, "L3"> loc("sum")
    deploy.dma_wait %t7 loc("sum")
    func.return
  }
  func.func private @scale(%a: memref<32xi32, "L1">, %b: memref<32xi32, "L1">, %o: memref<32xi32, "L1">) attributes {deploy.kernel, deploy.access = ["read", "read", "write"]} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    scf.for %i = %c0 to %c32 step %c1 {
      %p = memref.load %a[%i] : memref<32xi32, "L1">
      %q = memref.load %b[%i] : memref<32xi32, "L1">
      %r = arith.muli %p, %q : i32
      memref.store %r, %o[%i] : memref<32xi32, "L1">
    }
    func.return
  } loc("scale")
  func.func private @sum(%a: memref<32xi32, "L1">, %o: memref<32xi32, "L1">) attributes {deploy.kernel, deploy.access = ["read", "write"]} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c31 = arith.constant 31 : index
    scf.for %i = %c0 to %c31 step %c1 {
      %j = arith.addi %i, %c1 : index
      %p = memref.load %a[%i] : memref<32xi32, "L1">
      %q = memref.load %a[%j] : memref<32xi32, "L1">
      %r = arith.addi %p, %q : i32
      memref.store %r, %o[%i] : memref<32xi32, "L1">
    }
    %p = memref.load %a[%c31] : memref<32xi32, "L1">
    %r = arith.addi %p, %p : i32
    memref.store %r, %o[%c31] : memref<32xi32, "L1">
    func.return
  } loc("sum")
}
