// RUN: deployopt %s -p vector-hide-factors --machine rv64gcv --no-debuginfo | filecheck %s
// RUN: deployopt %s -p vector-hide-factors --machine host --no-debuginfo | filecheck %s --check-prefix NEVER

// NEVER-NOT: deploy.opaque

// Each constant is made once. One that only changes a sign stays, and so does one of more than half the width.

// CHECK-LABEL: @products
// CHECK-DAG: [[LEAST:%.+]] = arith.constant -128 : i8
// CHECK-DAG: [[PAD:%.+]] = deploy.opaque [[LEAST]] : i8
// CHECK-DAG: [[SEVEN:%.+]] = arith.constant 7 : i16
// CHECK-DAG: [[OTHER:%.+]] = deploy.opaque [[SEVEN]] : i16
// CHECK: arith.extsi [[PAD]] : i8 to i32
// CHECK: arith.extsi [[PAD]] : i8 to i32
// CHECK: arith.extui [[OTHER]] : i16 to i32
// CHECK: arith.extsi %minus : i8 to i32
// CHECK: arith.extsi %wide : i24 to i32
// CHECK-NOT: deploy.opaque
func.func private @products(%x: memref<8xi8>, %y: memref<8xi16>, %z: memref<8xi32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %least = arith.constant -128 : i8
  %again = arith.constant -128 : i8
  %seven = arith.constant 7 : i16
  %minus = arith.constant -1 : i8
  %wide = arith.constant 9 : i24
  %v = vector.load %x[%c0] : memref<8xi8>, vector<8xi8>
  %w = deploy.vcast extsi %v : vector<8xi8> to vector<8xi32>
  %e = vector.load %y[%c0] : memref<8xi16>, vector<8xi16>
  %f = deploy.vcast extui %e : vector<8xi16> to vector<8xi32>
  %s = vector.load %z[%c0] : memref<8xi32>, vector<8xi32>
  %a = arith.extsi %least : i8 to i32
  %va = vector.broadcast %a : i32 to vector<8xi32>
  %pa = arith.muli %va, %w : vector<8xi32>
  %b = arith.extsi %again : i8 to i32
  %vb = vector.broadcast %b : i32 to vector<8xi32>
  %pb = arith.muli %f, %vb : vector<8xi32>
  %c = arith.extui %seven : i16 to i32
  %vc = vector.broadcast %c : i32 to vector<8xi32>
  %pc = arith.muli %vc, %w : vector<8xi32>
  %d = arith.extsi %minus : i8 to i32
  %vd = vector.broadcast %d : i32 to vector<8xi32>
  %pd = arith.muli %vd, %w : vector<8xi32>
  %g = arith.extsi %wide : i24 to i32
  %vg = vector.broadcast %g : i32 to vector<8xi32>
  %pg = arith.muli %vg, %w : vector<8xi32>
  %ph = arith.muli %va, %s : vector<8xi32>
  %s1 = arith.addi %pa, %pb : vector<8xi32>
  %s2 = arith.addi %pc, %pd : vector<8xi32>
  %s3 = arith.addi %pg, %ph : vector<8xi32>
  %s4 = arith.addi %s1, %s2 : vector<8xi32>
  %s5 = arith.addi %s3, %s4 : vector<8xi32>
  vector.store %s5, %z[%c0] : memref<8xi32>, vector<8xi32>
  func.return
}

// Products of whole numbers are shifts: that is less than a product of the whole width.

// CHECK-LABEL: @whole
// CHECK-NOT: deploy.opaque
func.func private @whole(%z: memref<8xi32>) attributes {deploy.kernel} {
  %c0 = arith.constant 0 : index
  %least = arith.constant -128 : i8
  %s = vector.load %z[%c0] : memref<8xi32>, vector<8xi32>
  %a = arith.extsi %least : i8 to i32
  %va = vector.broadcast %a : i32 to vector<8xi32>
  %p = arith.muli %va, %s : vector<8xi32>
  vector.store %p, %z[%c0] : memref<8xi32>, vector<8xi32>
  func.return
}
