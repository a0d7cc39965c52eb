// RUN: deployopt %s -p linalg-expand-math | filecheck %s

// CHECK-LABEL: @exp
func.func @exp(%x : f32) -> f32 {
  // CHECK-NOT: math.
  // CHECK: arith.bitcast {{.*}} : f32 to i32
  // CHECK: [[BITS:%.+]] = arith.shli
  // CHECK: [[F:%.+]] = arith.bitcast [[BITS]] : i32 to f32
  // CHECK: [[ONCE:%.+]] = arith.mulf {{.*}}, [[F]]
  // CHECK-NEXT: arith.mulf [[ONCE]], [[F]]
  // CHECK-NEXT: func.return
  %y = math.exp %x : f32
  func.return %y : f32
}

// Inside the body of a structured operation as anywhere else.
// CHECK-LABEL: @in_a_body
func.func @in_a_body(%x : tensor<4xf32>, %o : tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: ^bb0(%a: f32, %b: f32):
  // CHECK-NEXT: arith.constant 1.000000e+00 : f32
  // CHECK-NEXT: math.sqrt %a : f32
  // CHECK-NEXT: arith.divf
  // CHECK-NEXT: linalg.yield
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%o : tensor<4xf32>) {
  ^bb0(%a : f32, %b : f32):
    %v = math.rsqrt %a : f32
    linalg.yield %v : f32
  } -> tensor<4xf32>
  func.return %r : tensor<4xf32>
}

// CHECK-LABEL: @half
func.func @half(%x : f16) -> f16 {
  // CHECK-NEXT: arith.extf %{{.*}} : f16 to f32
  // CHECK-NOT: math.
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  %y = math.tanh %x : f16
  func.return %y : f16
}

// CHECK-LABEL: @square
func.func @square(%x : f32) -> f32 {
  // CHECK: arith.mulf %x, %x : f32
  // CHECK-NEXT: func.return
  %two = arith.constant 2.0 : f32
  %y = math.powf %x, %two : f32
  func.return %y : f32
}

// Powers are computed in f64, whose fraction is long enough for the product.
// CHECK-LABEL: @power
func.func @power(%x : f32, %y : f32) -> f32 {
  // CHECK: arith.extf %{{.*}} : f32 to f64
  // CHECK: arith.bitcast %{{.*}} : f64 to i64
  // CHECK: arith.truncf %{{.*}} : f64 to f32
  %z = math.powf %x, %y : f32
  func.return %z : f32
}

// Adding and subtracting 2**52 leaves an integer.
// CHECK-LABEL: @round_double
func.func @round_double(%x : f64) -> f64 {
  // CHECK: math.absf %x : f64
  // CHECK-NEXT: arith.constant 0x4330000000000000 : f64
  // CHECK-NEXT: arith.addf
  // CHECK: arith.subf
  // CHECK-NOT: math.
  %y = math.roundeven %x : f64
  func.return %y : f64
}

// The node's name stays on everything that replaces it.
// CHECK-LABEL: @location
func.func @location(%x : f32) -> f32 {
  // CHECK: arith.select {{.*}} loc("floor1")
  %y = math.floor %x : f32 loc("floor1")
  func.return %y : f32
}

// CHECK-LABEL: @negative_kept
func.func @negative_kept(%x : f32, %i : i32) -> (f32, i32) {
  // CHECK-NEXT: math.sqrt
  // CHECK-NEXT: math.absf
  // CHECK-NEXT: math.fma
  // CHECK-NEXT: math.absi
  %a = math.sqrt %x : f32
  %b = math.absf %a : f32
  %c = math.fma %a, %b, %x : f32
  %d = math.absi %i : i32
  func.return %c, %d : f32, i32
}
