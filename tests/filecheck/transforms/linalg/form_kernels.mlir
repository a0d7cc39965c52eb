// RUN: deployopt %s -p linalg-form-kernels --no-debuginfo | filecheck %s
// RUN: deployopt %s -p linalg-form-kernels | filecheck %s --check-prefix LOC

#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: @group
func.func @group(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32> loc("sum")
  %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x3xf32>) outs(%f : tensor<2xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %acc: f32):
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<2xf32> loc("sum")
  // CHECK-NEXT: [[E:%.+]] = tensor.empty() : tensor<2xf32>
  // CHECK-NEXT: deploy.kernel(%x : tensor<2x3xf32>) outs([[E]] : tensor<2xf32>) {
  // CHECK-NEXT: ^bb0([[X:%.+]]: tensor<2x3xf32>, [[Y:%.+]]: tensor<2xf32>):
  // CHECK-NEXT: [[R:%.+]] = tensor.empty() : tensor<2xf32>
  // CHECK-NEXT: [[C:%.+]] = arith.constant 0.0
  // CHECK-NEXT: [[F:%.+]] = linalg.fill ins([[C]] : f32) outs([[R]] : tensor<2xf32>)
  // CHECK-NEXT: [[A:%.+]] = linalg.generic {{.*}} ins([[X]] : {{.*}} outs([[F]] : tensor<2xf32>) {
  // CHECK: [[B:%.+]] = linalg.generic {{.*}} ins([[A]] : {{.*}} outs([[Y]] : tensor<2xf32>) {
  // CHECK: deploy.yield [[B]]
  // LOC: deploy.yield
  // LOC-NEXT: } loc(fused["sum", "relu"])
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<2xf32>) outs(%e : tensor<2xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<2xf32> loc("relu")
  func.return %y : tensor<2xf32>
}

// The result's fill comes first: it is memory, and what is in registers is used at once.

// CHECK-LABEL: @root_accumulates
func.func @root_accumulates(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x3xf32>
  %n = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x3xf32>) outs(%e2 : tensor<2x3xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %o: f32):
    %m = arith.negf %p : f32
    linalg.yield %m : f32
  } -> tensor<2x3xf32>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  // CHECK: ^bb0([[X:%.+]]: tensor<2x3xf32>, [[Y:%.+]]: tensor<2xf32>):
  // CHECK: [[F:%.+]] = linalg.fill {{.*}} outs([[Y]] : tensor<2xf32>)
  // CHECK: [[N:%.+]] = linalg.generic {{.*}} ins([[X]]
  // CHECK: linalg.generic {{.*}} ins([[N]] : {{.*}} outs([[F]] : tensor<2xf32>)
  %a = linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]} ins(%n : tensor<2x3xf32>) outs(%f : tensor<2xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%p: f32, %acc: f32):
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  func.return %a : tensor<2xf32>
}

// A table that a body looks up is an operand, a scalar constant is cloned.

// CHECK-LABEL: @captured
func.func @captured(%x: tensor<4xi8>) -> tensor<4xi8> {
  %t = arith.constant dense<[3, 1, 2]> : tensor<3xi8>
  %one = arith.constant 1 : i8
  %e = tensor.empty() : tensor<4xi8>
  // CHECK: deploy.kernel(%x : tensor<4xi8>, %t : tensor<3xi8>) outs({{.*}} : tensor<4xi8>) {
  // CHECK-NEXT: ^bb0({{%.+}}: tensor<4xi8>, [[T:%.+]]: tensor<3xi8>, {{%.+}}: tensor<4xi8>):
  // CHECK-NEXT: [[ONE:%.+]] = arith.constant 1
  // CHECK: arith.addi {{%.+}}, [[ONE]]
  // CHECK: tensor.extract [[T]]
  %y = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%x : tensor<4xi8>) outs(%e : tensor<4xi8>) {
  ^bb0(%p: i8, %o: i8):
    %n = arith.addi %p, %one : i8
    %i = arith.index_cast %n : i8 to index
    %v = tensor.extract %t[%i] : tensor<3xi8>
    linalg.yield %v : i8
  } -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}

// A window that only gives a shape stays inside; two kernels never share a destination.

// CHECK-LABEL: @shape_only
func.func @shape_only(%x: tensor<6xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %w = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  // CHECK: [[E1:%.+]] = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.kernel(%x : tensor<6xf32>) outs([[E1]]
  // CHECK: tensor.empty() : tensor<3xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%x, %w : tensor<6xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) {
  ^bb0(%p: f32, %q: f32, %acc: f32):
    %s = arith.maximumf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  // CHECK: [[E2:%.+]] = tensor.empty() : tensor<4xf32>
  // CHECK: deploy.kernel({{.*}}) outs([[E2]]
  %b = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %n = arith.negf %p : f32
    linalg.yield %n : f32
  } -> tensor<4xf32>
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// Each of the two kernels that read %p gets a pad of its own, behind the filling of its
// destination; which weights are finite is written down, since they become arguments.

// CHECK-LABEL: @pad
func.func @pad(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<6xf32>) {
  // CHECK: [[W:%.+]] = arith.constant dense<
  // CHECK-NOT: tensor.pad
  // CHECK: deploy.kernel(%x : tensor<4xf32>, [[W]] : tensor<3xf32>) outs(
  // CHECK-NEXT: ^bb0([[X:%.+]]: tensor<4xf32>, [[K:%.+]]: tensor<3xf32>, [[Y:%.+]]: tensor<4xf32>):
  // CHECK-NEXT: arith.constant 0.0
  // CHECK-NEXT: [[F:%.+]] = linalg.fill {{.*}} outs([[Y]]
  // CHECK-NEXT: [[V:%.+]] = arith.constant 2.5
  // CHECK-NEXT: [[P:%.+]] = tensor.pad [[X]] low[1] high[1] {
  // CHECK: tensor.yield [[V]] : f32
  // CHECK: linalg.generic {{.*}} ins([[P]], [[K]] : {{.*}} outs([[F]] : tensor<4xf32>) attrs = {deploy.finite = array<i64: 1>} {
  // CHECK: deploy.kernel(%x : tensor<4xf32>) outs(
  // CHECK: tensor.pad
  // CHECK: linalg.generic
  // CHECK-NOT: deploy.finite
  // LOC: deploy.yield
  // LOC: } loc(fused["conv", "pad"])
  // LOC: deploy.yield
  // LOC: } loc(fused["neg", "pad"])
  %v = arith.constant 2.5 : f32
  %c0 = arith.constant 0.0 : f32
  %w = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %e = tensor.empty() : tensor<4xf32>
  %g = tensor.empty() : tensor<6xf32>
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } {deploy.group = array<i64: 0, 1>} : tensor<4xf32> to tensor<6xf32> loc("pad")
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d1)>, #row], iterator_types = ["parallel", "reduction"]} ins(%p, %w : tensor<6xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%a: f32, %b: f32, %acc: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<4xf32> loc("conv")
  %z = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%g : tensor<6xf32>) attrs = {deploy.group = 1 : i64} {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<6xf32> loc("neg")
  func.return %y, %z : tensor<4xf32>, tensor<6xf32>
}

// A pad whose group does not read it, or without a group, stays where it is.

// CHECK-LABEL: @negative_pad_of_another_group
func.func @negative_pad_of_another_group(%x: tensor<4xf32>) -> tensor<6xf32> {
  // CHECK: tensor.pad
  // CHECK-NOT: deploy.group
  // CHECK: deploy.kernel
  %v = arith.constant 2.5 : f32
  %g = tensor.empty() : tensor<6xf32>
  %p = tensor.pad %x low[1] high[1] {
  ^bb0(%i: index):
    tensor.yield %v : f32
  } {deploy.group = array<i64: 1>} : tensor<4xf32> to tensor<6xf32>
  %z = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]} ins(%p : tensor<6xf32>) outs(%g : tensor<6xf32>) attrs = {deploy.group = 0 : i64} {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  func.return %z : tensor<6xf32>
}
