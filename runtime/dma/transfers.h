/*
 * Between the test transfers of this folder: those under way, and what was moved.
 */
#ifndef DEPLOY_TRANSFERS_H
#define DEPLOY_TRANSFERS_H

#include "deploy.h"
#include "monitor.h"

struct deploy_transfer {
    deploy_dma_t number; /* 0: free */
    uint32_t step;
    uint8_t *to;
    const uint8_t *from;
    size_t rows;
    size_t row_bytes;
    size_t to_stride;
    size_t from_stride;
    uint32_t sum;
};

/* Counts a new transfer and remembers it until `deploy_transfer_close`. */
struct deploy_transfer *deploy_transfer_open(void *dst, const void *src, size_t rows,
                                             size_t row_bytes, size_t dst_stride,
                                             size_t src_stride);

/* The one with that number; ends the program when there is none under way. */
struct deploy_transfer *deploy_transfer_find(deploy_dma_t number);

void deploy_transfer_close(struct deploy_transfer *transfer);

/* Whether the bytes go to a level further from the core. */
int deploy_transfer_is_outgoing(const struct deploy_transfer *transfer);

void deploy_transfer_copy(const struct deploy_transfer *transfer);

/* Fills one side of a transfer, whose rows are `stride` apart. */
void deploy_transfer_poison(uint8_t *side, const struct deploy_transfer *transfer,
                            size_t stride);

/* A number that changes when the source does. */
uint32_t deploy_transfer_sum(const struct deploy_transfer *transfer);

#endif
