/* Transfers that are done when they start, and counted. */
#include "transfers.h"

deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                 size_t row_bytes, size_t dst_stride,
                                 size_t src_stride) {
    struct deploy_transfer *transfer =
        deploy_transfer_open(dst, src, rows, row_bytes, dst_stride, src_stride);
    deploy_transfer_copy(transfer);
    return transfer->number;
}

deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    return deploy_dma_start_2d(dst, src, 1, bytes, bytes, bytes);
}

void deploy_dma_wait(deploy_dma_t number) {
    deploy_transfer_close(deploy_transfer_find(number));
}
