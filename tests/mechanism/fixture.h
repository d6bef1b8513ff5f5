/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rows are made with: children, containers, the system's figures.  Everything made here is
 * given back when the case ends, whatever happened in it. */
#pragma once

#include "client/physmem.h"
#include "client/task.h"
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "servant.h"

/* ---- rows ---- */

struct test_case {
    const char *name;
    void (*run)(void);
};

struct row {
    const char *name; /* the file's name; the cases' KTAP names begin with it */
    const struct test_case *cases;
    unsigned count;
};

#define ROW(row_name, row_cases)                                                                             \
    {                                                                                                        \
        .name = row_name, .cases = row_cases, .count = sizeof(row_cases) / sizeof *(row_cases)               \
    }

/* ---- children ---- */

struct child {
    L4_Word_t task;
    L4_ThreadId_t thread; /* the first one */
};

struct child_options {
    L4_Word_t quota;      /* pages, 0 = none */
    L4_Word_t free_pages; /* of the designated container, 0 = default */
};

enum { CHILDREN_MAX = 128, COMMAND_LIMIT_MS = 60 * 1000 };

/* program: "servant" (with a pager thread) or "simple" (without).  False: reported as a failure. */
bool child_start(struct child *child, const char *program);
enum error child_try_start(struct child *child, const char *program, const struct child_options *options);

/* A command and its answer: the answer's error.  ERR_IPC: none came (the child has ended, or
 * hangs). trap (may be null) is filled if the answer was SERVANT_TRAPPED. */
struct child_trap {
    bool trapped;
    L4_Word_t address, access, reason, kind, number;
};
enum error child_command(L4_ThreadId_t thread, enum servant_command command, const L4_Word_t *in,
                         unsigned in_count, L4_Word_t *out, unsigned out_count);
struct child_trap child_last_trap(void);

/* The same with up to three words in and one out; a failure of the command fails the test. */
L4_Word_t child_do(const struct child *child, enum servant_command command, L4_Word_t a, L4_Word_t b,
                   L4_Word_t c);

/* Address of zeroed memory of its own, readable and writable. */
L4_Word_t child_anonymous(const struct child *child, L4_Word_t pages);
/* Where its designated container's parts lie: SERVANT_LAYOUT. */
struct child_layout {
    L4_Word_t text, image_end, stack_start, free_start, dc_end, pager;
};
struct child_layout child_layout(const struct child *child);
/* A page of its designated container that nobody uses (the pager takes from both ends). */
L4_Word_t child_spare_page(const struct child *child);

/* Without waiting for the answer, which child_collect takes, of whichever thread is first.
 * limit_ms: how long to wait. */
bool child_post(L4_ThreadId_t thread, enum servant_command command, L4_Word_t a, L4_Word_t b, L4_Word_t c);
enum error child_collect(L4_ThreadId_t *from, L4_Word_t *word, uint32_t limit_ms);

/* Makes it have so many more threads, which take commands too. */
bool child_add_threads(const struct child *child, unsigned count);
L4_ThreadId_t child_thread(const struct child *child, unsigned index);

/* A call of physmem in the child's name. */
enum error child_physmem(const struct child *child, enum physmem_label label, const L4_Word_t *in,
                         unsigned in_count, L4_Word_t *out, unsigned out_count);
/* PHYSMEM_COPY with these five words, until all is copied. */
enum error child_copy(const struct child *child, L4_Word_t *in);

/* Waits for its end and takes the status; false: it lives on. */
bool child_wait_end(struct child *child, struct task_status *status, uint32_t limit_ms);
bool child_lives(const struct child *child);
void child_kill(struct child *child);

/* Lets children that have just answered go back to waiting for a command.  An outswap without
 * OUTSWAP_HOLD would end at once otherwise: the thread's next step faults and wakes the task. */
void children_settle(void);
/* Outswap and wait until it is out; inswap and wait until it is in.  Failing fails the test. */
bool child_outswap(const struct child *child, uint32_t flags);
bool child_inswap(const struct child *child);
bool child_wait_state(const struct child *child, enum task_memory_state state, uint32_t limit_ms);

/* ---- containers ---- */

/* Of the runner; destroyed at the end of the case. */
handle_t test_container(uint32_t pages);
/* HANDLE_NONE fails the test. */
handle_t test_share(handle_t handle, const struct child *child, uint32_t rights);
/* Maps it into the runner, until the case ends. */
volatile L4_Word_t *test_map(handle_t handle, uint32_t pages, unsigned rights);

/* ---- figures ---- */

struct memory_info memory(void);
L4_Word_t wired(void); /* frames, without those that the kernel is lent */
struct task_memory task_memory(L4_Word_t task);
L4_Word_t find_task(const char *name); /* 0 = none */
bool have_swap(void);
#define REQUIRE_SWAP()                                                                                       \
    do {                                                                                                     \
        if (!have_swap()) {                                                                                  \
            ktap_skip_rest("machine: no swap disk");                                                         \
            return;                                                                                          \
        }                                                                                                    \
    } while (0)
L4_Word_t self_task(void);

/* Makes physmem evict: a child of its own writes twice as many pages as the machine has frames, or
 * as many as can be promised. */
bool memory_pressure(void);

/* Sleeps. */
void pause_ms(uint32_t ms);

/* ---- hostile circumstances ---- */

/* Whatever of the child may be taken for its frame is, however young it is; returns when it is on
 * the disk.  flags: enum physmem_evict_flag.  Failing fails the test. */
bool child_evict(const struct child *child, L4_Word_t flags);
/* A thread of the child is at a command.  Until it answers, everything of the child is taken
 * whenever that is possible.  False: no answer within a time that is many times long enough.  *word
 * may be null. */
bool child_evict_until_answer(const struct child *child, L4_Word_t *word);

/* The disk does nothing until disk_go_on, or until HOLD_MS have passed.  disk_go_on: true if it has
 * done nothing until then; otherwise what was seen meanwhile proves nothing. */
enum { HOLD_MS = 20 * 1000, SHIELD_MS = 30 /* longer than a shield lasts */ };
void disk_hold(void);
bool disk_go_on(void);
/* So many faults are parked, within a moment. */
bool wait_parked(L4_Word_t count);

/* ---- for the runner alone ---- */

/* Before the first case: the witness, whose memory must never change. */
bool fixture_init(void);
void fixture_begin(void);
/* Gives back what the case made and checks the invariants of mechanisms.md; failures count as the
 * case's. */
void fixture_end(void);
