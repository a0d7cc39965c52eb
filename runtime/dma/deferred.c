/*
 * Transfers that are done as late as may be: when they are waited for. Until then the
 * destination is poison; neither side may change.
 */
#include "transfers.h"

deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                 size_t row_bytes, size_t dst_stride,
                                 size_t src_stride) {
    struct deploy_transfer *transfer =
        deploy_transfer_open(dst, src, rows, row_bytes, dst_stride, src_stride);
    transfer->sum = deploy_transfer_sum(transfer);
    deploy_transfer_poison(transfer->to, transfer, transfer->to_stride);
    return transfer->number;
}

deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    return deploy_dma_start_2d(dst, src, 1, bytes, bytes, bytes);
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

void deploy_dma_wait(deploy_dma_t number) {
    struct deploy_transfer *transfer = deploy_transfer_find(number);
    if (deploy_transfer_sum(transfer) != transfer->sum) {
        deploy_monitor_fail("source changed", number, transfer->step);
    }
    if (!is_poison(transfer)) {
        deploy_monitor_fail("destination changed", number, transfer->step);
    }
    deploy_transfer_copy(transfer);
    deploy_transfer_close(transfer);
}
