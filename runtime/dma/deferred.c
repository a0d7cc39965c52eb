/*
 * Transfers that are done as late as may be: when they are waited for. Until then the
 * destination is poison; neither side may change.
 */
#include "transfers.h"

void deploy_transfer_started(struct deploy_transfer *t) {
    deploy_transfer_watch(t);
    deploy_transfer_poison(t->to, t, t->to_stride);
}

static int is_poison(const struct deploy_transfer *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const uint8_t *to = t->to + row * t->to_stride;
        for (size_t i = 0; i < t->row_bytes; i++) {
            if (to[i] != DEPLOY_POISON) {
                return 0;
            }
        }
    }
    return 1;
}

void deploy_transfer_awaited(const struct deploy_transfer *t) {
    deploy_transfer_check(t, is_poison(t));
    deploy_transfer_copy(t);
}
