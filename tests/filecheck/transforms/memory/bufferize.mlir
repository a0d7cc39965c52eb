// RUN: deployopt %s -p memory-bufferize --no-debuginfo | filecheck %s
// RUN: deployopt %s -p memory-bufferize | filecheck %s --check-prefix LOC

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#back = affine_map<(d0) -> (d0 * -1 + 3)>

// Equal data stands once.

// CHECK: memref.global "private" constant @weights_0 : memref<4xf32, "flash"> = dense<{{.*}}> {deploy.name = "one"}
// CHECK-NOT: memref.global

// The result is computed in the caller's buffer.

// CHECK-LABEL: @into_the_output
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {deploy.role = "input", deploy.name = "x"}, [[Y:%.+]]: memref<4xf32, "ram"> {deploy.role = "output", deploy.name = "y"}) {
func.func @into_the_output(%x: tensor<4xf32> {deploy.name = "x"}) -> (tensor<4xf32> {deploy.name = "y"}) {
  // CHECK-NEXT: [[W:%.+]] = memref.get_global @weights_0 : memref<4xf32, "flash">
  // CHECK-NEXT: deploy.kernel([[X]] : {{.+}}, [[W]] : {{.+}}) outs([[Y]] : memref<4xf32, "ram">) {
  // CHECK-NEXT: ^bb0([[A:%.+]]: memref<4xf32, "ram">, [[B:%.+]]: memref<4xf32, "flash">, [[O:%.+]]: memref<4xf32, "ram">):
  // CHECK-NEXT: [[R:%.+]] = deploy.registers : memref<4xf32, "register">
  // CHECK-NEXT: linalg.generic {{.*}} ins([[A]], [[B]] : {{.*}} outs([[R]] :
  // CHECK: linalg.generic {{.*}} ins([[R]] : {{.*}} outs([[O]] :
  // CHECK: deploy.yield
  // CHECK: func.return
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc("one")
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>, %w : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %kw: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = tensor.empty() : tensor<4xf32>
    %a = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%kx, %kw : tensor<4xf32>, tensor<4xf32>) outs(%r : tensor<4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %s = arith.addf %p, %q : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.negf %p : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %b : tensor<4xf32>
  } loc("one")
  func.return %y : tensor<4xf32>
}

// %a dies where %b is made element by element of it: all three are one buffer, and the
// kernel has one argument for both.

// CHECK-LABEL: @in_place
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<4xf32, "ram"> {deploy.role = "output"}
func.func @in_place(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc("two")
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.kernel([[X]] : {{.*}}) outs([[Y]] :
  %a = deploy.kernel(%x : tensor<4xf32>, %w : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %kw: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]} ins(%kx, %kw : tensor<4xf32>, tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %s = arith.addf %p, %q : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  // CHECK: deploy.kernel() outs([[Y]] : memref<4xf32, "ram">) {
  // CHECK-NEXT: ^bb0([[O:%.+]]: memref<4xf32, "ram">):
  // CHECK-NEXT: linalg.generic {{.*}} ins([[O]] : memref<4xf32, "ram">) outs([[O]] :
  %f = tensor.empty() : tensor<4xf32>
  %b = deploy.kernel(%a : tensor<4xf32>) outs(%f : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.negf %p : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %b : tensor<4xf32>
}

// The last element is read when the first one is written.

// CHECK-LABEL: @negative_in_place_reversed
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<4xf32, "ram"> {deploy.role = "output"}
func.func @negative_in_place_reversed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: [[B:%.+]] = deploy.buffer "reverse" : memref<4xf32, "ram">
  // CHECK-NEXT: deploy.kernel([[X]] : {{.*}}) outs([[B]] :
  %a = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#back, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  } loc("reverse")
  // CHECK: deploy.kernel([[B]] : {{.*}}) outs([[Y]] :
  %b = deploy.kernel(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#back, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  } loc("reverse")
  func.return %b : tensor<4xf32>
}

// Both halves are computed where they end up; nothing is copied.

// CHECK-LABEL: @parts_of_a_whole
// CHECK-SAME: [[X:%.+]]: memref<2x4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<2x8xf32, "ram"> {deploy.role = "output"}
func.func @parts_of_a_whole(%x: tensor<2x4xf32>) -> tensor<2x8xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  // CHECK-NEXT: [[L:%.+]] = memref.subview [[Y]][0, 0] [2, 4] [1, 1] : {{.*}} to memref<2x4xf32, strided<[8, 1]>, "ram">
  // CHECK-NEXT: deploy.kernel([[X]] : {{.*}}) outs([[L]] :
  %a = deploy.kernel(%x : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%kx: tensor<2x4xf32>, %ko: tensor<2x4xf32>):
    %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<2x4xf32>) outs(%ko : tensor<2x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<2x4xf32>
    deploy.yield %r : tensor<2x4xf32>
  }
  // CHECK: [[R:%.+]] = memref.subview [[Y]][0, 4] [2, 4] [1, 1] : {{.*}} to memref<2x4xf32, strided<[8, 1], offset: 4>, "ram">
  // CHECK-NEXT: deploy.kernel([[X]] : {{.*}}) outs([[R]] :
  %b = deploy.kernel(%x : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%kx: tensor<2x4xf32>, %ko: tensor<2x4xf32>):
    %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%kx : tensor<2x4xf32>) outs(%ko : tensor<2x4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.negf %p : f32
      linalg.yield %s : f32
    } -> tensor<2x4xf32>
    deploy.yield %r : tensor<2x4xf32>
  }
  // CHECK-NOT: deploy.kernel
  %d = tensor.empty() : tensor<2x8xf32>
  %c = tensor.insert_slice %a into %d[0, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x8xf32>
  %y = tensor.insert_slice %b into %c[0, 4] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x8xf32>
  func.return %y : tensor<2x8xf32>
}

// Twice the same value, and an argument under another shape: copies, named after what
// made the value or else after the result.

// CHECK-LABEL: @copies
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Z:%.+]]: memref<4xf32, "ram"> {{.*}}, [[F:%.+]]: memref<2x2xf32, "ram">
func.func @copies(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32> {deploy.name = "x again"}) {
  %e = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.kernel([[X]] : {{.*}}) outs([[Y]] :
  %a = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %s = arith.negf %p : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  } loc("minus")
  // CHECK: deploy.kernel([[Y]] : {{.*}}) outs([[Z]] :
  // LOC: deploy.kernel({{.*}}
  // LOC: } loc("minus")
  // LOC: } loc("minus")
  // CHECK: [[R:%.+]] = memref.reinterpret_cast [[X]] to offset: [0], sizes: [2, 2], strides: [2, 1]
  // CHECK-NEXT: deploy.kernel([[R]] : {{.*}}) outs([[F]] :
  // LOC: } loc("square")
  // LOC: } loc("x again")
  %f = tensor.expand_shape %x [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32> loc("square")
  func.return %a, %a, %f, %x : tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>
}

// A tile loop writes its destination in place.

// CHECK-LABEL: @tile_loop
// CHECK-SAME: [[X:%.+]]: memref<8xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<8xf32, "ram">
func.func @tile_loop(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %e = tensor.empty() : tensor<8xf32>
  // CHECK: scf.for [[I:%\w+]] = %c0 to %c8 step %c4 {
  %y = scf.for %i = %c0 to %c8 step %c4 iter_args(%d = %e) -> (tensor<8xf32>) {
    // CHECK-NEXT: [[S:%.+]] = memref.subview [[X]][[[I]]] [4] [1] : {{.*}} to memref<4xf32, strided<[1], offset: ?>, "ram">
    // CHECK-NEXT: [[O:%.+]] = memref.subview [[Y]][[[I]]] [4] [1] : {{.*}} to memref<4xf32, strided<[1], offset: ?>, "ram">
    // CHECK-NEXT: deploy.kernel([[S]] : {{.*}}) outs([[O]] :
    %xi = tensor.extract_slice %x[%i] [4] [1] : tensor<8xf32> to tensor<4xf32>
    %di = tensor.extract_slice %d[%i] [4] [1] : tensor<8xf32> to tensor<4xf32>
    %k = deploy.kernel(%xi : tensor<4xf32>) outs(%di : tensor<4xf32>) {
    ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
      %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
      ^bb0(%p: f32, %o: f32):
        linalg.yield %p : f32
      } -> tensor<4xf32>
      deploy.yield %r : tensor<4xf32>
    }
    // CHECK-NOT: deploy.kernel
    %r = tensor.insert_slice %k into %d[%i] [4] [1] : tensor<4xf32> into tensor<8xf32>
    scf.yield %r : tensor<8xf32>
  }
  // CHECK: func.return
  func.return %y : tensor<8xf32>
}

// The padding is filled ahead; what is inside is computed there.

// CHECK-LABEL: @inside_its_padding
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<6xf32, "ram">
func.func @inside_its_padding(%x: tensor<4xf32>) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<6xf32>
  // CHECK: deploy.kernel() outs([[Y]] : memref<6xf32, "ram">) {
  // CHECK: linalg.fill
  %p = deploy.kernel() outs(%e : tensor<6xf32>) {
  ^bb0(%ko: tensor<6xf32>):
    %c = arith.constant 0.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<6xf32>) -> tensor<6xf32>
    deploy.yield %r : tensor<6xf32>
  }
  // CHECK: [[I:%.+]] = memref.subview [[Y]][1] [4] [1]
  // CHECK-NEXT: deploy.kernel([[X]] : {{.*}}) outs([[I]] :
  %e4 = tensor.empty() : tensor<4xf32>
  %a = deploy.kernel(%x : tensor<4xf32>) outs(%e4 : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%q: f32, %o: f32):
      linalg.yield %q : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  // CHECK-NOT: deploy.kernel
  %y = tensor.insert_slice %a into %p[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  // CHECK: func.return
  func.return %y : tensor<6xf32>
}

// The value before the padding is filled is still needed: the fill would destroy what is
// inside already, so that %a stays outside and is copied.

// CHECK-LABEL: @negative_filled_too_late
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram"> {{.*}}, [[Y:%.+]]: memref<6xf32, "ram">
func.func @negative_filled_too_late(%x: tensor<4xf32>) -> tensor<6xf32> {
  %e4 = tensor.empty() : tensor<4xf32>
  // CHECK: [[A:%.+]] = deploy.buffer
  // CHECK: deploy.kernel([[X]] : {{.*}}) outs([[A]] :
  %a = deploy.kernel(%x : tensor<4xf32>) outs(%e4 : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%q: f32, %o: f32):
      linalg.yield %q : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %e = tensor.empty() : tensor<6xf32>
  // CHECK: deploy.kernel() outs([[Y]] :
  %p = deploy.kernel() outs(%e : tensor<6xf32>) {
  ^bb0(%ko: tensor<6xf32>):
    %c = arith.constant 0.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<6xf32>) -> tensor<6xf32>
    deploy.yield %r : tensor<6xf32>
  }
  // CHECK: [[I:%.+]] = memref.subview [[Y]][1] [4] [1]
  // CHECK-NEXT: deploy.kernel([[A]] : {{.*}}) outs([[I]] :
  %y = tensor.insert_slice %a into %p[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  func.return %y : tensor<6xf32>
}

// Where memory is tight: %b in place of %a, and the padding filled only when it is needed,
// costs a copy and saves a buffer while the big kernel runs.

// CHECK-LABEL: @in_place_before_padding
// CHECK: [[A:%.+]] = deploy.buffer "a" : memref<4xf32, "ram">
// CHECK: deploy.buffer "big" : memref<8xf32, "ram">
// CHECK: outs([[A]] : memref<4xf32, "ram">) {
// CHECK: [[P:%.+]] = deploy.buffer {{.*}} : memref<6xf32, "ram">
// CHECK-NEXT: deploy.kernel() outs([[P]]
// CHECK: [[I:%.+]] = memref.subview [[P]][1] [4] [1]
// CHECK-NEXT: deploy.kernel([[A]] : {{.*}}) outs([[I]] :
func.func @in_place_before_padding(%x: tensor<4xf32>) -> tensor<4xf32> {
  %ea = tensor.empty() : tensor<4xf32>
  %eb = tensor.empty() : tensor<4xf32>
  %ey = tensor.empty() : tensor<4xf32>
  %a = deploy.kernel(%x : tensor<4xf32>) outs(%ea : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%q: f32, %o: f32):
      linalg.yield %q : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  } loc("a")
  %e8 = tensor.empty() : tensor<8xf32>
  %big = deploy.kernel(%a : tensor<4xf32>) outs(%e8 : tensor<8xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<8xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 floordiv 2)>, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<8xf32>) {
    ^bb0(%q: f32, %o: f32):
      linalg.yield %q : f32
    } -> tensor<8xf32>
    deploy.yield %r : tensor<8xf32>
  } loc("big")
  %e6 = tensor.empty() : tensor<6xf32>
  %p = deploy.kernel() outs(%e6 : tensor<6xf32>) {
  ^bb0(%ko: tensor<6xf32>):
    %c = arith.constant 0.0 : f32
    %r = linalg.fill ins(%c : f32) outs(%ko : tensor<6xf32>) -> tensor<6xf32>
    deploy.yield %r : tensor<6xf32>
  }
  %b = deploy.kernel(%a : tensor<4xf32>, %big : tensor<8xf32>) outs(%eb : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %kb: tensor<8xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, affine_map<(d0) -> (d0 * 2 + 1)>, #id1], iterator_types = ["parallel"]} ins(%kx, %kb : tensor<4xf32>, tensor<8xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%q: f32, %s: f32, %o: f32):
      %t = arith.addf %q, %s : f32
      linalg.yield %t : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %i = tensor.insert_slice %b into %p[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  %y = deploy.kernel(%i : tensor<6xf32>) outs(%ey : tensor<4xf32>) {
  ^bb0(%kx: tensor<6xf32>, %ko: tensor<4xf32>):
    %w = tensor.empty() : tensor<3xf32>
    %c = arith.constant 0.0 : f32
    %f = linalg.fill ins(%c : f32) outs(%ko : tensor<4xf32>) -> tensor<4xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%kx, %w : tensor<6xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) {
    ^bb0(%q: f32, %s: f32, %o: f32):
      %t = arith.addf %q, %o : f32
      linalg.yield %t : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}

// A pad in a kernel lives in registers: filled, and in a part of them the source. It is
// read elsewhere than where the result is written, so the result is not in its place.

// CHECK-LABEL: @pad_in_registers
// CHECK-SAME: [[X:%.+]]: memref<4xf32, "ram">{{.*}}, [[Y:%.+]]: memref<4xf32, "ram">
func.func @pad_in_registers(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: [[B:%.+]] = deploy.buffer
  // CHECK: deploy.kernel({{.*}}[[B]] : {{.*}}) outs([[Y]] :
  // CHECK-NEXT: ^bb0([[S:%.+]]: memref<4xf32, "ram">, [[O:%.+]]: memref<4xf32, "ram">):
  // CHECK: [[R:%.+]] = deploy.registers : memref<6xf32, "register">
  // CHECK-NEXT: linalg.fill ins({{.*}} : f32) outs([[R]] :
  // CHECK-NEXT: [[P:%.+]] = memref.subview [[R]][2] [4] [1]
  // CHECK-NEXT: linalg.generic {{.*}} ins([[S]] : {{.*}} outs([[P]] :
  // CHECK: linalg.generic {{.*}} ins([[R]], {{.*}} outs([[O]] :
  %e = tensor.empty() : tensor<4xf32>
  %n = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.negf %a : f32
      linalg.yield %m : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %y = deploy.kernel(%n : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kn: tensor<4xf32>, %ko: tensor<4xf32>):
    %v = arith.constant 2.5 : f32
    %f = linalg.fill ins(%v : f32) outs(%ko : tensor<4xf32>) -> tensor<4xf32>
    %k = tensor.empty() : tensor<3xf32>
    %p = tensor.pad %kn low[2] high[0] {
    ^bb0(%i: index):
      tensor.yield %v : f32
    } : tensor<4xf32> to tensor<6xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%p, %k : tensor<6xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.maximumf %a, %o : f32
      linalg.yield %m : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}
