// REQUIRES: ortools
// RUN: deployopt %s -p memory-assign-offsets --machine rv64gc --no-debuginfo | filecheck %s --check-prefix SEARCH
// RUN: deployopt %s -p 'memory-assign-offsets{planner=cp-sat budget=0}' --machine rv64gc --no-debuginfo | filecheck %s --check-prefix GREEDY
// RUN: deployopt %s -p 'memory-assign-offsets{planner=greedy}' --machine rv64gc --no-debuginfo | filecheck %s --check-prefix GREEDY

#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>

func.func private @copy(%a: memref<3x4xi32, "ram">, %b: memref<3x4xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%a : memref<3x4xi32, "ram">) outs(%b : memref<3x4xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func private @last_row(%a: memref<3x4xi32, "ram">, %b: memref<4xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["reduction", "parallel"]} ins(%a : memref<3x4xi32, "ram">) outs(%b : memref<4xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

func.func private @both(%a: memref<4xi32, "ram">, %b: memref<4xi32, "ram">, %c: memref<2x4xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#row, #row, #all], iterator_types = ["reduction", "parallel"]} ins(%a : memref<4xi32, "ram">) outs(%b, %c : memref<4xi32, "ram">, memref<2x4xi32, "ram">) {
  ^bb0(%p: i32, %o: i32, %q: i32):
    linalg.yield %p, %p : i32, i32
  }
  func.return
}

func.func private @rows(%a: memref<4xi32, "ram">, %b: memref<3x4xi32, "ram">) attributes {deploy.kernel} {
  linalg.generic {indexing_maps = [#row, #all], iterator_types = ["parallel", "parallel"]} ins(%a : memref<4xi32, "ram">) outs(%b : memref<3x4xi32, "ram">) {
  ^bb0(%p: i32, %o: i32):
    linalg.yield %p : i32
  }
  func.return
}

// Live together are 48 + 16, 16 + 32 + 16, 16 + 48 bytes: 64 each time. That needs one row
// at the top, the other one at the bottom, and the wide buffer between them. Greedy
// planners put the second row on top of the first.

// GREEDY-LABEL: @fits_in_64_bytes
// SEARCH-LABEL: @fits_in_64_bytes
func.func @fits_in_64_bytes(%x: memref<3x4xi32, "ram">, %y: memref<3x4xi32, "ram">) {
  // GREEDY: deploy.buffer "first" at 0 :
  // SEARCH: deploy.buffer "first" at 0 :
  %first = deploy.buffer "first" : memref<3x4xi32, "ram">
  func.call @copy(%x, %first) : (memref<3x4xi32, "ram">, memref<3x4xi32, "ram">) -> ()
  // GREEDY: deploy.buffer "row" at 48 :
  // SEARCH: deploy.buffer "row" at 48 :
  %row = deploy.buffer "row" : memref<4xi32, "ram">
  func.call @last_row(%first, %row) : (memref<3x4xi32, "ram">, memref<4xi32, "ram">) -> ()
  // GREEDY: deploy.buffer "next" at 64 :
  // SEARCH: deploy.buffer "next" at 0 :
  %next = deploy.buffer "next" : memref<4xi32, "ram">
  // GREEDY: deploy.buffer "wide" at 0 :
  // SEARCH: deploy.buffer "wide" at 16 :
  %wide = deploy.buffer "wide" : memref<2x4xi32, "ram">
  func.call @both(%row, %next, %wide) : (memref<4xi32, "ram">, memref<4xi32, "ram">, memref<2x4xi32, "ram">) -> ()
  // GREEDY: deploy.buffer "last" at 0 :
  // SEARCH: deploy.buffer "last" at 16 :
  %last = deploy.buffer "last" : memref<3x4xi32, "ram">
  func.call @rows(%next, %last) : (memref<4xi32, "ram">, memref<3x4xi32, "ram">) -> ()
  func.call @copy(%last, %y) : (memref<3x4xi32, "ram">, memref<3x4xi32, "ram">) -> ()
  func.return
}
