#include "deploy_harness.h"

#include "deploy.h"
#include "deploy_io.h"

enum { MAGIC_BYTES = 8, SHOWN_BYTES = 16 };

/* The second word of inputs.bin's header. */
enum { DO_NOT_RUN = 1 };

static const char magic[MAGIC_BYTES + 1] = "DPLYIN01";

struct session {
    const struct deploy_tensor *inputs;
    const struct deploy_tensor *outputs;
    uint32_t n_inputs;
    uint32_t n_outputs;
    uint32_t n_steps;
    int (*run)(void);
    uint64_t total;
};

#ifdef DEPLOY_PROFILE
#ifndef DEPLOY_MAX_STEPS
#define DEPLOY_MAX_STEPS 4096
#endif

DEPLOY_SECTION(".bss.deploy_harness") static uint64_t step_counts[DEPLOY_MAX_STEPS];
DEPLOY_SECTION(".bss.deploy_harness") static uint64_t step_started;
DEPLOY_SECTION(".bss.deploy_harness") static uint64_t empty_step;

/* The steps of a program that is watched do more, and then call these. */
#ifdef DEPLOY_MONITOR
#define COUNT_BEGIN deploy_count_begin
#define COUNT_END deploy_count_end
void deploy_count_begin(uint32_t step);
void deploy_count_end(uint32_t step);
#else
#define COUNT_BEGIN deploy_step_begin
#define COUNT_END deploy_step_end
#endif

/* Not inlined, so that calibrating measures the calls that a program makes. */
DEPLOY_NOINLINE void COUNT_BEGIN(uint32_t step) {
    (void)step;
    step_started = deploy_io_count();
}

DEPLOY_NOINLINE void COUNT_END(uint32_t step) {
    uint64_t spent = deploy_io_count() - step_started;
    step_counts[step] += spent > empty_step ? spent - empty_step : 0;
}

/* What measuring itself costs: the smallest of a few empty steps. */
static void calibrate(void) {
    empty_step = 0;
    uint64_t smallest = UINT64_MAX;
    for (int trial = 0; trial < 5; trial++) {
        step_counts[0] = 0;
        deploy_step_begin(0);
        deploy_step_end(0);
        if (step_counts[0] < smallest) {
            smallest = step_counts[0];
        }
    }
    empty_step = smallest;
}

static void clear_counts(uint32_t n_steps) {
    for (uint32_t step = 0; step < n_steps; step++) {
        step_counts[step] = 0;
    }
}

static int write_counts(int32_t file, uint32_t n_steps) {
    return deploy_io_write(file, step_counts, n_steps * sizeof step_counts[0]);
}

static int too_many_steps(uint32_t n_steps) {
    return n_steps > DEPLOY_MAX_STEPS;
}
#else
static void calibrate(void) {}

static void clear_counts(uint32_t n_steps) {
    (void)n_steps;
}

static int write_counts(int32_t file, uint32_t n_steps) {
    (void)file;
    (void)n_steps;
    return 0;
}

static int too_many_steps(uint32_t n_steps) {
    (void)n_steps;
    return 0;
}
#endif

#ifdef DEPLOY_MONITOR
static void watch_start(void) {
    deploy_monitor_start();
}

static void watch_end_run(void) {
    deploy_monitor_end_run();
}

static int watch_finish(void) {
    return deploy_monitor_finish();
}
#else
static void watch_start(void) {}

static void watch_end_run(void) {}

static int watch_finish(void) {
    return 0;
}
#endif

static int fail(const char *what) {
    deploy_io_print("harness: ");
    deploy_io_print(what);
    deploy_io_print("\n");
    return 1;
}

static int run_once(struct session *session) {
    clear_counts(session->n_steps);
    uint64_t before = deploy_io_count();
    int status = session->run();
    session->total = deploy_io_count() - before;
    watch_end_run();
    return status;
}

static int read_inputs(const struct session *session, int32_t file) {
    int failed = 0;
    for (uint32_t i = 0; i < session->n_inputs; i++) {
        failed |= deploy_io_read(file, session->inputs[i].data, session->inputs[i].bytes);
    }
    return failed;
}

static int write_results(const struct session *session, int32_t file) {
    int failed = 0;
    for (uint32_t i = 0; i < session->n_outputs; i++) {
        const struct deploy_tensor *output = &session->outputs[i];
        failed |= deploy_io_write(file, output->data, output->bytes);
    }
    failed |= write_counts(file, session->n_steps);
    failed |= deploy_io_write(file, &session->total, sizeof session->total);
    return failed;
}

static int run_all(struct session *session, int32_t inputs, int32_t outputs) {
    char found[MAGIC_BYTES];
    uint32_t runs[2]; /* how many, and how */
    if (deploy_io_read(inputs, found, sizeof found) != 0
        || deploy_io_read(inputs, runs, sizeof runs) != 0) {
        return fail("inputs.bin ends early");
    }
    for (int i = 0; i < MAGIC_BYTES; i++) {
        if (found[i] != magic[i]) {
            return fail("inputs.bin is of another format");
        }
    }
    for (uint32_t i = 0; i < runs[0]; i++) {
        if (read_inputs(session, inputs) != 0) {
            return fail("inputs.bin ends early");
        }
        if (runs[1] != DO_NOT_RUN && run_once(session) != 0) {
            return fail("the program reported a failure");
        }
        if (write_results(session, outputs) != 0) {
            return fail("cannot write outputs.bin");
        }
    }
    return 0;
}

static void print_hex(uint32_t value, int digits) {
    char text[9];
    for (int i = digits; i-- > 0; value >>= 4) {
        text[i] = "0123456789abcdef"[value & 15U];
    }
    text[digits] = '\0';
    deploy_io_print(text);
}

/* FNV-1a: enough to tell whether two runs agree. */
static uint32_t checksum(const uint8_t *bytes, size_t count) {
    uint32_t sum = UINT32_C(2166136261);
    for (size_t i = 0; i < count; i++) {
        sum = (sum ^ bytes[i]) * UINT32_C(16777619);
    }
    return sum;
}

static void show(const struct deploy_tensor *output) {
    const uint8_t *bytes = output->data;
    deploy_io_print(output->name);
    deploy_io_print(": checksum ");
    print_hex(checksum(bytes, output->bytes), 8);
    deploy_io_print(", first bytes");
    for (size_t i = 0; i < output->bytes && i < SHOWN_BYTES; i++) {
        deploy_io_print(" ");
        print_hex(bytes[i], 2);
    }
    deploy_io_print("\n");
}

static int run_on_zeros(struct session *session) {
    for (uint32_t i = 0; i < session->n_inputs; i++) {
        uint8_t *bytes = session->inputs[i].data;
        for (size_t k = 0; k < session->inputs[i].bytes; k++) {
            bytes[k] = 0;
        }
    }
    deploy_io_print("harness: no inputs.bin, running once on zeros\n");
    if (run_once(session) != 0) {
        return fail("the program reported a failure");
    }
    for (uint32_t i = 0; i < session->n_outputs; i++) {
        show(&session->outputs[i]);
    }
    return 0;
}

int deploy_harness(const struct deploy_tensor *inputs, uint32_t n_inputs,
                   const struct deploy_tensor *outputs, uint32_t n_outputs,
                   uint32_t n_steps, int (*run)(void)) {
    struct session session = {inputs, outputs, n_inputs, n_outputs, n_steps, run, 0};
    if (too_many_steps(n_steps)) {
        return fail("more steps than the profile has room for");
    }
    watch_start();
    calibrate();
    int32_t input_file = deploy_io_open("inputs.bin", 0);
    if (input_file < 0) {
        return run_on_zeros(&session);
    }
    int32_t output_file = deploy_io_open("outputs.bin", 1);
    if (output_file < 0) {
        return fail("cannot write outputs.bin");
    }
    int status = run_all(&session, input_file, output_file);
    if (deploy_io_close(output_file) != 0 && status == 0) {
        return fail("cannot write outputs.bin");
    }
    deploy_io_close(input_file);
    if (status == 0 && watch_finish() != 0) {
        return fail("cannot write checks.bin");
    }
    return status;
}
