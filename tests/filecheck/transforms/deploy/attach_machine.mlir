// RUN: deployopt %s -p deploy-attach-machine{machine=rv64gc} | filecheck %s
// RUN: deployopt %s -p deploy-attach-machine{machine=rv64gc},deploy-attach-machine{machine=rv32imc} | filecheck %s
// RUN: deployopt %s -p deploy-attach-machine | filecheck %s --check-prefix=HOST

// What has a machine keeps it.

// CHECK: dlti.target_system_spec = #dlti.target_system_spec<"rv64gc" = #dlti.target_device_spec<{{.*}}"isa" = "rv64gc"
// HOST: dlti.target_system_spec = #dlti.target_system_spec<"host"
func.func @f() {
  func.return
}
