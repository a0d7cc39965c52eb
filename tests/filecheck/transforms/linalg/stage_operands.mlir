// RUN: deployopt %s -p linalg-stage-operands --machine scratchpad --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-stage-operands --machine rv64gc --no-debuginfo | filecheck %s --check-prefix FLAT

// Kernels may touch L1 only; the caller's tensors and constants are in L3, next to L2.

// FLAT-NOT: copy(

#id = affine_map<(d0) -> (d0)>

// CHECK-LABEL: @operand_and_result
func.func @operand_and_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: [[D:%.+]] = bufferization.alloc_tensor() {memory_space = "L2"}
  // CHECK-NEXT: [[X2:%.+]] = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"}
  // CHECK-NEXT: [[X1:%.+]] = bufferization.alloc_tensor() copy([[X2]]) {memory_space = "L1"}
  // CHECK-NEXT: [[E:%.+]] = tensor.empty()
  // CHECK-NEXT: [[Y1:%.+]] = deploy.kernel([[X1]] : tensor<4xf32>) outs([[E]] : tensor<4xf32>) {
  // CHECK: [[Y2:%.+]] = bufferization.alloc_tensor() copy([[Y1]]) {memory_space = "L2"}
  // CHECK-NEXT: func.return [[Y2]]
  %d = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}

// The table is brought before the loop, a tile of x in it; the result's tile goes to its
// place in L3 through L2.

// CHECK-LABEL: @loop
func.func @loop(%x: tensor<8xf32>, %d: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: [[C3:%.+]] = arith.constant dense
  // CHECK: [[C2:%.+]] = bufferization.alloc_tensor() copy([[C3]]) {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: [[C1:%.+]] = bufferization.alloc_tensor() copy([[C2]]) {memory_space = "L1"} : tensor<4xf32>
  // CHECK-NEXT: scf.for
  // CHECK: [[X3:%.+]] = tensor.extract_slice %x
  // CHECK: [[X2:%.+]] = bufferization.alloc_tensor() copy([[X3]]) {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: [[X1:%.+]] = bufferization.alloc_tensor() copy([[X2]]) {memory_space = "L1"} : tensor<4xf32>
  // CHECK-NEXT: [[E:%.+]] = tensor.empty()
  // CHECK-NEXT: [[Y1:%.+]] = deploy.kernel([[X1]] : tensor<4xf32>, [[C1]] : tensor<4xf32>) outs([[E]] : tensor<4xf32>) {
  // CHECK: [[Y2:%.+]] = bufferization.alloc_tensor() copy([[Y1]]) {memory_space = "L2"} : tensor<4xf32>
  // CHECK-NEXT: tensor.insert_slice [[Y2]] into
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %y = scf.for %i = %c0 to %c8 step %c4 iter_args(%a = %d) -> (tensor<8xf32>) {
    %s = tensor.extract_slice %x[%i] [4] [1] : tensor<8xf32> to tensor<4xf32>
    %o = tensor.extract_slice %a[%i] [4] [1] : tensor<8xf32> to tensor<4xf32>
    %t = deploy.kernel(%s : tensor<4xf32>, %w : tensor<4xf32>) outs(%o : tensor<4xf32>) {
    ^bb0(%kx: tensor<4xf32>, %kw: tensor<4xf32>, %ko: tensor<4xf32>):
      %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%kx, %kw : tensor<4xf32>, tensor<4xf32>) outs(%ko : tensor<4xf32>) {
      ^bb0(%p: f32, %q: f32, %old: f32):
        %m = arith.mulf %p, %q : f32
        linalg.yield %m : f32
      } -> tensor<4xf32>
      deploy.yield %r : tensor<4xf32>
    }
    %n = tensor.insert_slice %t into %a[%i] [4] [1] : tensor<4xf32> into tensor<8xf32>
    scf.yield %n : tensor<8xf32>
  }
  func.return %y : tensor<8xf32>
}

// What a kernel adds to is brought as well.

// CHECK-LABEL: @accumulates
func.func @accumulates(%d: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: [[D2:%.+]] = bufferization.alloc_tensor() copy(%d) {memory_space = "L2"}
  // CHECK-NEXT: [[D1:%.+]] = bufferization.alloc_tensor() copy([[D2]]) {memory_space = "L1"}
  // CHECK-NEXT: deploy.kernel() outs([[D1]] : tensor<4xf32>) {
  %y = deploy.kernel() outs(%d : tensor<4xf32>) {
  ^bb0(%ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%ko : tensor<4xf32>) {
    ^bb0(%o: f32):
      %s = arith.addf %o, %o : f32
      linalg.yield %s : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y : tensor<4xf32>
}

// Brought once for both readers.

// CHECK-LABEL: @resident
// CHECK-SAME: (%x: tensor<4xf32>)
func.func @resident(%x: tensor<4xf32> {deploy.resident}) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: [[X2:%.+]] = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"}
  // CHECK-NEXT: [[X1:%.+]] = bufferization.alloc_tensor() copy([[X2]]) {memory_space = "L1"}
  // CHECK-NEXT: deploy.kernel([[X1]] : tensor<4xf32>)
  // CHECK: deploy.kernel([[X1]] : tensor<4xf32>)
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %z = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %y, %z : tensor<4xf32>, tensor<4xf32>
}

// What one kernel makes near and another one reads stays where it is.

// CHECK-LABEL: @negative_near
func.func @negative_near() -> tensor<4xf32> {
  // CHECK-NEXT: [[E:%.+]] = tensor.empty()
  // CHECK-NEXT: [[A:%.+]] = deploy.kernel() outs([[E]] : tensor<4xf32>) {
  // CHECK: [[B:%.+]] = deploy.kernel([[A]] : tensor<4xf32>) outs([[E]] : tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %a = deploy.kernel() outs(%e : tensor<4xf32>) {
  ^bb0(%ko: tensor<4xf32>):
    %k = arith.constant 1.0 : f32
    %r = linalg.fill ins(%k : f32) outs(%ko : tensor<4xf32>) -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  %b = deploy.kernel(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%kx: tensor<4xf32>, %ko: tensor<4xf32>):
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%kx : tensor<4xf32>) outs(%ko : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      linalg.yield %p : f32
    } -> tensor<4xf32>
    deploy.yield %r : tensor<4xf32>
  }
  func.return %b : tensor<4xf32>
}
