// RUN: deployopt %s --machine rv64gcv --set isa=rv64gcv_zvqdotq -t c | filecheck %s
// RUN: deployopt %s --machine rv64gcv -t c | filecheck %s --check-prefix PLAIN

// Registers for each number of lanes, if there are such registers: of 128 bits, half of
// one has 2 lanes, and 64 lanes are 16 of them. Without the instruction it is lane by lane.

// CHECK:      DEPLOY_DOTS(2, mf2)
// CHECK-NEXT: DEPLOY_DOTS(4, m1)
// CHECK-NEXT: DEPLOY_DOTS(32, m8)
// CHECK-NEXT: DEPLOY_DOTS_BY_LANE(64)
// CHECK-NOT:  DEPLOY_DOTS

// PLAIN:      DEPLOY_DOTS_BY_LANE(2)
// PLAIN-NEXT: DEPLOY_DOTS_BY_LANE(4)
// PLAIN-NEXT: DEPLOY_DOTS_BY_LANE(32)
// PLAIN-NEXT: DEPLOY_DOTS_BY_LANE(64)

// Bytes are read under a type that may be an alias of theirs.

// CHECK-LABEL: void model_dots(const int8_t *x, int8_t *y) {
// CHECK-NEXT:    const deploy_word *const words = (const deploy_word *)x;
// CHECK-NEXT:    deploy_word *const sums = (deploy_word *)y;
// CHECK-NEXT:    const deploy_i32x4 v = DEPLOY_LOAD(i32x4, words + 4);
// CHECK-NEXT:    const deploy_i32x4 r = DEPLOY_DOT4(i32x4, us, DEPLOY_DOT4_WORD(i32x4, ss, v, v, words[2]), v, v);
// CHECK-NEXT:    DEPLOY_STORE(i32x4, sums, r);
// CHECK-NEXT:    const int32_t g = words[1];
// CHECK-NEXT:    sums[5] = deploy_dot4_uu(words[0], g, g);
func.func @dots(%x: memref<2x16xi8, "ram">, %y: memref<32xi8, "ram">) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %words = deploy.words %x : memref<2x16xi8, "ram"> to memref<2x4xi32, "ram">
  %sums = deploy.words %y : memref<32xi8, "ram"> to memref<8xi32, "ram">
  %v = vector.load %words[%c1, %c0] : memref<2x4xi32, "ram">, vector<4xi32>
  %e = memref.load %words[%c0, %c2] : memref<2x4xi32, "ram">
  %q = deploy.dot4 %v, %v, %e : vector<4xi32>, i32
  %r = deploy.dot4 %q, %v unsigned, %v : vector<4xi32>, vector<4xi32>
  vector.store %r, %sums[%c0] : memref<8xi32, "ram">, vector<4xi32>
  %f = memref.load %words[%c0, %c0] : memref<2x4xi32, "ram">
  %g = memref.load %words[%c0, %c1] : memref<2x4xi32, "ram">
  %s = deploy.dot4 %f, %g unsigned, %g unsigned : i32, i32
  memref.store %s, %sums[%c5] : memref<8xi32, "ram">
  func.return
}

// CHECK-LABEL: void model_widths(
func.func @widths(%a: memref<64xi32>) {
  %c0 = arith.constant 0 : index
  %s = arith.constant 1 : i32
  %two = vector.load %a[%c0] : memref<64xi32>, vector<2xi32>
  %x = deploy.dot4 %two, %two, %s : vector<2xi32>, i32
  vector.store %x, %a[%c0] : memref<64xi32>, vector<2xi32>
  %many = vector.load %a[%c0] : memref<64xi32>, vector<32xi32>
  %y = deploy.dot4 %many, %many, %s : vector<32xi32>, i32
  vector.store %y, %a[%c0] : memref<64xi32>, vector<32xi32>
  %most = vector.load %a[%c0] : memref<64xi32>, vector<64xi32>
  %z = deploy.dot4 %most, %most, %s : vector<64xi32>, i32
  vector.store %z, %a[%c0] : memref<64xi32>, vector<64xi32>
  func.return
}
