// RUN: deployopt %s -p 'deploy-attach-machine{machine=rv65}' --verify-diagnostics | filecheck %s

// CHECK: unknown machine 'rv65', expected one of host, rv32imc
func.func @f() {
  func.return
}
