// RUN: deployopt %s -p 'linalg-choose-tiles{sizes=4,-1}' --split-input-file --verify-diagnostics | filecheck %s
// RUN: deployopt %s -p 'linalg-choose-tiles{added=-1}' --split-input-file --verify-diagnostics | filecheck %s --check-prefix ADDED

// CHECK: tile sizes must not be negative, got [4, -1]
// ADDED: added must not be negative, got -1
builtin.module {}
