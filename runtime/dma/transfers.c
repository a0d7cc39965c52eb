/* What all test transfers have in common. */
#include "transfers.h"

enum { MAX_STEPS = DEPLOY_MAX_STEPS, MAX_UNDER_WAY = 256 };

DEPLOY_MONITOR_STATE static struct deploy_transfer under_way[MAX_UNDER_WAY];
DEPLOY_MONITOR_STATE static deploy_dma_t last_number;
DEPLOY_MONITOR_STATE static uint64_t pair_bytes[DEPLOY_MAX_LEVELS * DEPLOY_MAX_LEVELS];
DEPLOY_MONITOR_STATE static uint64_t step_bytes[MAX_STEPS];

void deploy_transfers_start(void) {
    last_number = 0;
    for (size_t i = 0; i < MAX_UNDER_WAY; i++) {
        under_way[i].number = 0;
    }
    for (size_t i = 0; i < sizeof pair_bytes / sizeof pair_bytes[0]; i++) {
        pair_bytes[i] = 0;
    }
    for (size_t i = 0; i < MAX_STEPS; i++) {
        step_bytes[i] = 0;
    }
}

void deploy_transfers_end_run(void) {
    for (size_t i = 0; i < MAX_UNDER_WAY; i++) {
        if (under_way[i].number != 0) {
            deploy_monitor_step = under_way[i].step;
            deploy_monitor_fail("never awaited", under_way[i].number, 0);
        }
    }
}

const uint64_t *deploy_transfers_bytes(void) {
    return pair_bytes;
}

const uint64_t *deploy_transfers_step_bytes(void) {
    return step_bytes;
}

static int holds(struct deploy_range whole, struct deploy_range part) {
    return whole.start <= part.start && part.end <= whole.end;
}

/* The level that holds all of it: by address, or as planned where addresses are free. */
static uint8_t level_of(struct deploy_range part, uint8_t planned) {
    if (deploy_n_ranges == 0) {
        return planned;
    }
    for (uint32_t i = 0; i < deploy_n_ranges; i++) {
        if (holds(deploy_levels[i], part)) {
            return (uint8_t)i;
        }
    }
    return DEPLOY_NO_LEVEL;
}

static struct deploy_range touched(const struct deploy_transfer *t, const void *side,
                                   size_t stride) {
    uintptr_t start = (uintptr_t)side;
    uintptr_t end = t->rows == 0 ? start : start + (t->rows - 1) * stride + t->row_bytes;
    struct deploy_range range = {start, end};
    return range;
}

static uint8_t level_to(const struct deploy_transfer *t) {
    return level_of(touched(t, t->to, t->to_stride), deploy_steps[t->step].to);
}

static uint8_t level_from(const struct deploy_transfer *t) {
    return level_of(touched(t, t->from, t->from_stride), deploy_steps[t->step].from);
}

/* Ends the program when a side of a transfer is not inside the buffer of its step. */
static void check_side(struct deploy_range buffer, struct deploy_range side,
                       const char *what) {
    if (buffer.end != 0 && !holds(buffer, side)) {
        deploy_monitor_fail(what, side.start, side.end);
    }
}

static void check_sides(const struct deploy_transfer *t) {
    const struct deploy_step *step = &deploy_steps[t->step];
    check_side(step->source, touched(t, t->from, t->from_stride), "source outside");
    check_side(step->destination, touched(t, t->to, t->to_stride),
               "destination outside");
}

static void count(const struct deploy_transfer *t) {
    uint8_t from = level_from(t);
    uint8_t to = level_to(t);
    if (from >= deploy_n_levels) {
        deploy_monitor_fail("source outside of every level", (uintptr_t)t->from, 0);
    }
    if (to >= deploy_n_levels) {
        deploy_monitor_fail("destination outside of every level", (uintptr_t)t->to, 0);
    }
    uint64_t bytes = (uint64_t)t->rows * t->row_bytes;
    pair_bytes[from * deploy_n_levels + to] += bytes;
    step_bytes[t->step] += bytes;
}

/* Counts a new transfer and remembers it until it is waited for. */
static struct deploy_transfer *opened(void *dst, const void *src, size_t rows,
                                      size_t row_bytes, size_t dst_stride,
                                      size_t src_stride) {
    if (deploy_monitor_step >= deploy_n_steps) {
        deploy_monitor_fail("started outside of every step", deploy_monitor_step, 0);
    }
    for (size_t i = 0; i < MAX_UNDER_WAY; i++) {
        struct deploy_transfer *t = &under_way[i];
        if (t->number == 0) {
            struct deploy_transfer fresh = {++last_number, deploy_monitor_step,
                                            dst,           src,
                                            rows,          row_bytes,
                                            dst_stride,    src_stride,
                                            0};
            *t = fresh;
            count(t);
            check_sides(t);
            return t;
        }
    }
    deploy_monitor_fail("too many under way", MAX_UNDER_WAY, 0);
}

/* The one with that number; ends the program when there is none under way. */
static struct deploy_transfer *under_number(deploy_dma_t number) {
    for (size_t i = 0; i < MAX_UNDER_WAY; i++) {
        if (number != 0 && under_way[i].number == number) {
            return &under_way[i];
        }
    }
    const char *what = number == 0 || number > last_number ? "never started"
                                                           : "awaited again";
    deploy_monitor_fail(what, number, 0);
}

deploy_dma_t deploy_dma_start_2d(void *dst, const void *src, size_t rows,
                                 size_t row_bytes, size_t dst_stride,
                                 size_t src_stride) {
    struct deploy_transfer *t =
        opened(dst, src, rows, row_bytes, dst_stride, src_stride);
    deploy_transfer_started(t);
    return t->number;
}

deploy_dma_t deploy_dma_start_1d(void *dst, const void *src, size_t bytes) {
    return deploy_dma_start_2d(dst, src, 1, bytes, bytes, bytes);
}

void deploy_dma_wait(deploy_dma_t number) {
    struct deploy_transfer *t = under_number(number);
    deploy_transfer_awaited(t);
    t->number = 0;
}

int deploy_transfer_is_outgoing(const struct deploy_transfer *transfer) {
    return level_to(transfer) > level_from(transfer);
}

void deploy_transfer_copy(const struct deploy_transfer *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const uint8_t *from = t->from + row * t->from_stride;
        __builtin_memcpy(t->to + row * t->to_stride, from, t->row_bytes);
    }
}

void deploy_transfer_poison(uint8_t *side, const struct deploy_transfer *t,
                            size_t stride) {
    for (size_t row = 0; row < t->rows; row++) {
        __builtin_memset(side + row * stride, DEPLOY_POISON, t->row_bytes);
    }
}

/* FNV-1a. */
static uint32_t sum_of(const struct deploy_transfer *t) {
    uint32_t sum = UINT32_C(2166136261);
    for (size_t row = 0; row < t->rows; row++) {
        const uint8_t *from = t->from + row * t->from_stride;
        for (size_t i = 0; i < t->row_bytes; i++) {
            sum = (sum ^ from[i]) * UINT32_C(16777619);
        }
    }
    return sum;
}

void deploy_transfer_watch(struct deploy_transfer *t) {
    t->sum = sum_of(t);
}

void deploy_transfer_check(const struct deploy_transfer *t, int is_intact) {
    if (sum_of(t) != t->sum) {
        deploy_monitor_fail("source changed", t->number, t->step);
    }
    if (!is_intact) {
        deploy_monitor_fail("destination changed", t->number, t->step);
    }
}
