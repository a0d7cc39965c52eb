// RUN: not deployopt %s -p 'deploy-attach-machine{machine="rv65"}' 2>&1 | filecheck %s

// CHECK: error: {{.*}}rv65
func.func @f() {
  func.return
}
