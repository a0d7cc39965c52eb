/*
 * Transfers that are done as early as may be: when they start. Until the wait neither
 * side may change; the source of an outgoing one is then poison, unless somebody still
 * reads it.
 */
#include "transfers.h"

void deploy_transfer_started(struct deploy_transfer *t) {
    deploy_transfer_watch(t);
    deploy_transfer_copy(t);
}

static int is_copied(const struct deploy_transfer *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const uint8_t *to = t->to + row * t->to_stride;
        const uint8_t *from = t->from + row * t->from_stride;
        for (size_t i = 0; i < t->row_bytes; i++) {
            if (to[i] != from[i]) {
                return 0;
            }
        }
    }
    return 1;
}

void deploy_transfer_awaited(const struct deploy_transfer *t) {
    deploy_transfer_check(t, is_copied(t));
    const int ends = deploy_steps[deploy_monitor_step].source_ends;
    if (ends && deploy_transfer_is_outgoing(t)) {
        deploy_transfer_poison((uint8_t *)(uintptr_t)t->from, t, t->from_stride);
    }
}
