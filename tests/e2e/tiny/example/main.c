#include "deploy_harness.h"
#include "tiny.h"

static float x[64];
static double wide[64];
static int8_t small[64];
static float saxpy[64];
static float roots[128];
static float rounded[256];
static double wide_roots[128];
static double wide_rounded[256];
static int32_t casts[128];
static int64_t wide_casts[128];
static int8_t scaled[64];
static int64_t sum[1];

static int run(void) {
    return tiny_run(x, wide, small, saxpy, roots, rounded, wide_roots, wide_rounded,
                    casts, wide_casts, scaled, sum);
}

int main(void) {
    const struct deploy_tensor inputs[] = {
        {"x", x, sizeof x},
        {"wide", wide, sizeof wide},
        {"small", small, sizeof small},
    };
    const struct deploy_tensor outputs[] = {
        {"saxpy", saxpy, sizeof saxpy},
        {"roots", roots, sizeof roots},
        {"rounded", rounded, sizeof rounded},
        {"wide_roots", wide_roots, sizeof wide_roots},
        {"wide_rounded", wide_rounded, sizeof wide_rounded},
        {"casts", casts, sizeof casts},
        {"wide_casts", wide_casts, sizeof wide_casts},
        {"scaled", scaled, sizeof scaled},
        {"sum", sum, sizeof sum},
    };
    return deploy_harness(inputs, 3, outputs, 9, 8, run);
}
