// RUN: deployopt %s | filecheck %s
// RUN: deployopt %s --print-op-generic | deployopt | filecheck %s

// CHECK: memref.global "private" constant @w : memref<2x2xf32, "flash"> = dense<{{\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> {alignment = 16 : i64, deploy.offset = 0 : index} loc("w")
memref.global "private" constant @w : memref<2x2xf32, "flash"> = dense<[[1.0, 2.0], [3.0, 4.0]]> {alignment = 16 : i64, deploy.offset = 0 : index} loc("w")

// CHECK-NEXT: memref.global "public" @same : memref<3xi8> = dense<-1>
memref.global @same : memref<3xi8> = dense<-1>

// CHECK-NEXT: memref.global "private" @later : memref<3xi32> = uninitialized
memref.global "private" @later : memref<3xi32> = uninitialized

// CHECK-NEXT: memref.global "private" constant @generic : memref<1xi1> = dense<true>
"memref.global"() <{sym_name = "generic", sym_visibility = "private", type = memref<1xi1>, initial_value = dense<true> : tensor<1xi1>, constant}> : () -> ()
