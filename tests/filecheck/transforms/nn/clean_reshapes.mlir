// RUN: deployopt %s -p nn-clean-reshapes | filecheck %s

// CHECK-LABEL: @there_and_back
func.func @there_and_back(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: func.return %x
  %a = nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<6xf32>
  %b = nn.reshape(%a) : (tensor<6xf32>) -> tensor<2x3xf32>
  func.return %b : tensor<2x3xf32>
}

// CHECK-LABEL: @two_become_one
func.func @two_become_one(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // CHECK-NEXT: nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<3x2xf32>
  // CHECK-NEXT: func.return
  %a = nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<6xf32>
  %b = nn.reshape(%a) : (tensor<6xf32>) -> tensor<3x2xf32>
  func.return %b : tensor<3x2xf32>
}

// CHECK-LABEL: @constant
func.func @constant() -> tensor<2x2xf32> {
  // CHECK-NEXT: nn.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<2x2xf32> loc("weight")
  %w = nn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc("weight")
  %a = nn.reshape(%w) : (tensor<4xf32>) -> tensor<2x2xf32>
  func.return %a : tensor<2x2xf32>
}

// CHECK-LABEL: @movement_of_nothing
func.func @movement_of_nothing(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: func.return %x
  %a = nn.slice(%x) {starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<3xf32>) -> tensor<3xf32>
  %b = nn.pad(%a) {low = array<i64: 0>, high = array<i64: 0>, value = 0.0 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %c = nn.concat(%b) {axis = 0 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  %d = nn.gather(%c) {axis = 0 : i64, indices = array<i64: 0, 1, 2>} : (tensor<3xf32>) -> tensor<3xf32>
  func.return %d : tensor<3xf32>
}

// The bias follows its channels to where they were.

// CHECK-LABEL: @elementwise_reaches_its_producer
func.func @elementwise_reaches_its_producer(%x: tensor<1x2x4x4xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[R:.*]] = nn.reduce(%x)
  // CHECK-NEXT: %[[B:.*]] = nn.constant {{.*}} : tensor<1x2x1x1xf32>
  // CHECK-NEXT: %[[Y:.*]] = nn.add(%[[R]], %[[B]]) : {{.*}} -> tensor<1x2x1x1xf32>
  // CHECK-NEXT: nn.reshape(%[[Y]]) : (tensor<1x2x1x1xf32>) -> tensor<1x2xf32>
  %b = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = nn.reduce(%x) {kind = "sum", axes = array<i64: 2, 3>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  %f = nn.reshape(%r) : (tensor<1x2x1x1xf32>) -> tensor<1x2xf32>
  %y = nn.add(%f, %b) : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  func.return %y : tensor<1x2xf32>
}

// CHECK-LABEL: @operand_of_all_elements
func.func @operand_of_all_elements(%x: tensor<2x3xf32>, %b: tensor<6xf32>) -> tensor<6xf32> {
  // CHECK: [[N:%.+]] = nn.neg(%x)
  // CHECK-NEXT: [[B:%.+]] = nn.reshape(%b) : (tensor<6xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: [[Y:%.+]] = nn.add([[N]], [[B]])
  // CHECK-NEXT: nn.reshape([[Y]])
  %n = nn.neg(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %f = nn.reshape(%n) : (tensor<2x3xf32>) -> tensor<6xf32>
  %y = nn.add(%f, %b) : (tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
  func.return %y : tensor<6xf32>
}

// CHECK-LABEL: @operand_along_one_axis_that_is_split
func.func @operand_along_one_axis_that_is_split(%x: tensor<2x6xf32>, %b: tensor<2x3xf32>) -> tensor<2x2x3xf32> {
  // CHECK: [[N:%.+]] = nn.neg(%x)
  // CHECK-NEXT: [[B:%.+]] = nn.reshape(%b) : (tensor<2x3xf32>) -> tensor<1x6xf32>
  // CHECK-NEXT: nn.add([[N]], [[B]]) : (tensor<2x6xf32>, tensor<1x6xf32>) -> tensor<2x6xf32>
  %n = nn.neg(%x) : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %f = nn.reshape(%n) : (tensor<2x6xf32>) -> tensor<2x2x3xf32>
  %y = nn.add(%f, %b) : (tensor<2x2x3xf32>, tensor<2x3xf32>) -> tensor<2x2x3xf32>
  func.return %y : tensor<2x2x3xf32>
}

// CHECK-LABEL: @negative_broadcast_along_a_part
func.func @negative_broadcast_along_a_part(%x: tensor<6xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: nn.neg(%x)
  // CHECK-NEXT: nn.reshape
  // CHECK-NEXT: nn.add
  %n = nn.neg(%x) : (tensor<6xf32>) -> tensor<6xf32>
  %f = nn.reshape(%n) : (tensor<6xf32>) -> tensor<2x3xf32>
  %y = nn.add(%f, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @negative_reversed
func.func @negative_reversed(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: nn.slice
  // CHECK-NEXT: nn.gather
  %a = nn.slice(%x) {starts = array<i64: 2>, steps = array<i64: -1>} : (tensor<3xf32>) -> tensor<3xf32>
  %d = nn.gather(%a) {axis = 0 : i64, indices = array<i64: 0, 2, 1>} : (tensor<3xf32>) -> tensor<3xf32>
  func.return %d : tensor<3xf32>
}
