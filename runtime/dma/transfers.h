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

/*
 * In which the test transfers differ: what is done to a transfer when it
 * starts, and when it is waited for.
 */
void deploy_transfer_started(struct deploy_transfer *transfer);
void deploy_transfer_awaited(const struct deploy_transfer *transfer);

/* Whether the bytes go to a level further from the core. */
int deploy_transfer_is_outgoing(const struct deploy_transfer *transfer);

void deploy_transfer_copy(const struct deploy_transfer *transfer);

/* Fills one side of a transfer, whose rows are `stride` apart. */
void deploy_transfer_poison(uint8_t *side, const struct deploy_transfer *transfer,
                            size_t stride);

/* From here on the source must not change. */
void deploy_transfer_watch(struct deploy_transfer *transfer);

/* Ends the program when it has, or when the destination is not as it should be. */
void deploy_transfer_check(const struct deploy_transfer *transfer, int is_intact);

#endif
