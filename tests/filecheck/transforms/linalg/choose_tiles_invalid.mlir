// RUN: deployopt %s -p 'linalg-choose-tiles{sizes=4,-1}' --split-input-file --verify-diagnostics | filecheck %s

// CHECK: tile sizes must not be negative, got [4, -1]
builtin.module {}
