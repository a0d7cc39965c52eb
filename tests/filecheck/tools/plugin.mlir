// RUN: deployopt %s --plugin %S/plugins/repeated_relu.py -p repeated-relu,drop-abs | filecheck %s
// RUN: deployopt %s --plugin %S/plugins/repeated_relu.py -p fuse | filecheck %s --check-prefix=FUSE
// RUN: deployopt --plugin %S/plugins/repeated_relu.py -p fuse --print-pipeline | filecheck %s --check-prefix=PLACE

// A pattern that names a phase runs in it, as long as what it needs holds.
// PLACE-NOT: nn-generalize-elementwise
// PLACE: repeated-relu
// PLACE-NEXT: nn-fuse-chains
// PLACE-NOT: drop-abs

// What a pattern makes has the location of what it matched.
// CHECK: nn.relu(%x) {{.*}} loc("two")
// CHECK-NEXT: func.return
// FUSE: arith.maximumf
// FUSE-NEXT: math.absf
// FUSE-NEXT: nn.yield
func.func @run(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = nn.relu(%x) : (tensor<4xf32>) -> tensor<4xf32> loc("one")
  %b = nn.relu(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("two")
  %c = nn.abs(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("three")
  func.return %c : tensor<4xf32>
}
