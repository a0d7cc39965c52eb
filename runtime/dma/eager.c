/*
 * Transfers that are done as early as may be: when they start. Until the wait neither
 * side may change; the source of an outgoing one is then poison, unless somebody still
 * reads it.
 */
#include "transfers.h"

deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                 size_t row_bytes, size_t dst_stride,
                                 size_t src_stride) {
    struct deploy_transfer *transfer =
        deploy_transfer_open(dst, src, rows, row_bytes, dst_stride, src_stride);
    transfer->sum = deploy_transfer_sum(transfer);
    deploy_transfer_copy(transfer);
    return transfer->number;
}

deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    return deploy_dma_start_2d(dst, src, 1, bytes, bytes, bytes);
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

void deploy_dma_wait(deploy_dma_t number) {
    struct deploy_transfer *transfer = deploy_transfer_find(number);
    if (deploy_transfer_sum(transfer) != transfer->sum) {
        deploy_monitor_fail("source changed", number, transfer->step);
    }
    if (!is_copied(transfer)) {
        deploy_monitor_fail("destination changed", number, transfer->step);
    }
    if (deploy_transfer_is_outgoing(transfer) && deploy_steps[deploy_monitor_step].source_ends) {
        deploy_transfer_poison((uint8_t *)(uintptr_t)transfer->from, transfer, transfer->from_stride);
    }
    deploy_transfer_close(transfer);
}
