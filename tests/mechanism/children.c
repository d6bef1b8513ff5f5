/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting children, commanding them by IPC (servant.h), and taking them back. */
#include "children.h"

#include <string.h>

#include "client/rpc.h"
#include "loader/load.h"
#include "protocol/startup.h"

enum { POLL_MS = 5, PROGRAMS_MAX = 4, STATE_LIMIT_MS = 60 * 1000 };

/* Where the loader builds; in the designated container. */
static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct child children[CHILDREN_MAX]; /* task == 0: free */
static struct child_trap last_trap;

static struct {
    const char *name;
    handle_t handle;
    L4_Word_t bytes;
} programs[PROGRAMS_MAX];

void pause_ms(uint32_t ms)
{
    L4_Sleep(L4_TimePeriod((L4_Word64_t)ms * 1000));
}

/* The module's handle, kept for later starts. */
static enum error find_program(const char *name, handle_t *handle, L4_Word_t *bytes)
{
    char module[TASK_NAME_BYTES + 1] = "child_";
    strncat(module, name, TASK_NAME_BYTES - strlen(module));
    for (unsigned i = 0; i < PROGRAMS_MAX; i++) {
        if (programs[i].name && strcmp(programs[i].name, name) == 0) {
            *handle = programs[i].handle;
            *bytes = programs[i].bytes;
            return OK;
        }
    }
    enum error e = task_module(module, handle, bytes);
    for (unsigned i = 0; e == OK && i < PROGRAMS_MAX; i++) {
        if (!programs[i].name) {
            programs[i].name = name;
            programs[i].handle = *handle;
            programs[i].bytes = *bytes;
            break;
        }
    }
    return e;
}

enum error child_load(const char *program, const struct child_options *options, struct load_result *result)
{
    handle_t handle;
    L4_Word_t bytes;
    enum error e = find_program(program, &handle, &bytes);
    if (e != OK) {
        return e;
    }
    const char *argv[] = {program};
    struct load_request request = {
        .program = handle,
        .program_bytes = bytes,
        .argc = 1,
        .argv = argv,
        .startup_flags = STARTUP_QUIET,
        .free_pages = options->free_pages,
        .window = (L4_Word_t)window,
    };
    return load_program(&request, result);
}

enum error child_try_start(struct child *child, const char *program, const struct child_options *options)
{
    struct load_result loaded;
    unsigned place = 0;
    *child = (struct child){0};
    while (place < CHILDREN_MAX && children[place].task != 0) {
        place++;
    }
    if (place == CHILDREN_MAX) {
        return ERR_NO_MEMORY;
    }
    enum error e = child_load(program, options, &loaded);
    if (e != OK) {
        return e;
    }
    struct task_request request = {
        .container = loaded.container,
        .ip = loaded.ip,
        .sp = loaded.sp,
        .stack_pages = loaded.stack_pages,
        .quota = options->quota,
        .name = program,
    };
    e = task_create(&request, &child->task, &child->thread);
    if (e != OK) {
        (void)physmem_destroy(loaded.container);
        *child = (struct child){0};
        return e;
    }
    children[place] = *child;
    return OK;
}

bool child_start(struct child *child, const char *program)
{
    struct child_options options = {0};
    enum error e = child_try_start(child, program, &options);
    if (e != OK) {
        ktap_diagnostic("%s does not start: %s", program, error_text(e));
        ktap_failed(__FILE__, __LINE__, "child starts");
    }
    return e == OK;
}

static L4_Time_t limit(uint32_t ms)
{
    return L4_TimePeriod((L4_Word64_t)ms * 1000);
}

/* The answer in the message registers. */
static enum error take_answer(L4_MsgTag_t tag, L4_Word_t *out, unsigned out_count)
{
    last_trap.trapped = L4_IpcSucceeded(tag) && L4_Label(tag) == SERVANT_TRAPPED;
    if (L4_IpcFailed(tag) || (L4_Label(tag) != SERVANT_REPLY && !last_trap.trapped)) {
        return ERR_IPC;
    }
    enum error e = (enum error)L4_StoreMR(1);
    if (last_trap.trapped) {
        last_trap.address = L4_StoreMR(2);
        last_trap.access = L4_StoreMR(3);
        last_trap.reason = L4_StoreMR(4);
        last_trap.kind = L4_StoreMR(5);
        last_trap.number = L4_StoreMR(6);
        return e != OK ? e : ERR_UNKNOWN;
    }
    for (unsigned i = 0; i < out_count; i++) {
        out[i] = i < SERVANT_RESULTS_MAX ? L4_StoreMR(2 + i) : 0;
    }
    return e;
}

enum error child_command(L4_ThreadId_t thread, enum servant_command command, const L4_Word_t *in,
                         unsigned in_count, L4_Word_t *out, unsigned out_count)
{
    for (unsigned i = 0; i < in_count; i++) {
        L4_LoadMR(1 + i, in[i]);
    }
    L4_MsgTag_t tag = L4_Ipc(thread, thread, L4_Timeouts(limit(COMMAND_LIMIT_MS), limit(COMMAND_LIMIT_MS)),
                             L4_MsgTag(command, in_count, 0), 0);
    return take_answer(tag, out, out_count);
}

struct child_trap child_last_trap(void)
{
    return last_trap;
}

L4_Word_t child_do(const struct child *child, enum servant_command command, L4_Word_t a, L4_Word_t b,
                   L4_Word_t c)
{
    L4_Word_t in[] = {a, b, c}, out = ~0u;
    enum error e = child_command(child->thread, command, in, 3, &out, 1);
    if (e != OK) {
        ktap_diagnostic("task %u, command 0x%x(0x%x, 0x%x, 0x%x): %s", (unsigned)child->task,
                        (unsigned)command, (unsigned)a, (unsigned)b, (unsigned)c, error_text(e));
        if (last_trap.trapped) {
            ktap_diagnostic("trapped at 0x%x", (unsigned)last_trap.address);
        }
        ktap_failed(__FILE__, __LINE__, "the child does what it is told");
    }
    return out;
}

L4_Word_t child_anonymous(const struct child *child, L4_Word_t pages)
{
    return child_do(child, SERVANT_MAP_ANONYMOUS, pages, RIGHT_READ | RIGHT_WRITE, 0);
}

struct child_layout child_layout(const struct child *child)
{
    L4_Word_t out[6] = {0};
    EXPECT_EQ(child_command(child->thread, SERVANT_LAYOUT, NULL, 0, out, 6), OK);
    return (struct child_layout){out[0], out[1], out[2], out[3], out[4], out[5]};
}

L4_Word_t child_spare_page(const struct child *child)
{
    struct child_layout at = child_layout(child);
    return (at.free_start + (at.dc_end - at.free_start) / 2) & ~(L4_Word_t)(PAGE_SIZE - 1);
}

bool child_post(L4_ThreadId_t thread, enum servant_command command, L4_Word_t a, L4_Word_t b, L4_Word_t c)
{
    L4_LoadMR(1, a);
    L4_LoadMR(2, b);
    L4_LoadMR(3, c);
    return L4_IpcSucceeded(L4_Send_Timeout(thread, L4_MsgTag(command, 3, 0), limit(COMMAND_LIMIT_MS)));
}

enum error child_collect(L4_ThreadId_t *from, L4_Word_t *word, uint32_t limit_ms)
{
    L4_MsgTag_t tag;
    L4_Word64_t end = L4_SystemClock() + (L4_Word64_t)limit_ms * 1000;
    do {
        tag = L4_Wait_Timeout(limit(limit_ms), from);
        /* A late answer of physmem or of another command's partner is not for us. */
    } while (L4_IpcSucceeded(tag) && L4_Label(tag) != SERVANT_REPLY && L4_Label(tag) != SERVANT_TRAPPED &&
             L4_SystemClock() < end);
    L4_Word_t out = 0;
    enum error e = take_answer(tag, &out, 1);
    if (word) {
        *word = out;
    }
    return e;
}

bool child_add_threads(const struct child *child, unsigned count)
{
    (void)child_do(child, SERVANT_THREADS, count, 0, 0);
    return !ktap_failing();
}

L4_ThreadId_t child_thread(const struct child *child, unsigned index)
{
    return (L4_ThreadId_t){child_do(child, SERVANT_THREAD_ID, index, 0, 0)};
}

enum error child_physmem(const struct child *child, enum physmem_label label, const L4_Word_t *in,
                         unsigned in_count, L4_Word_t *out, unsigned out_count)
{
    L4_Word_t words[3 + 8] = {PHYSMEM_THREAD.raw, PHYSMEM_REPLY, (L4_Word_t)label | in_count << 16};
    for (unsigned i = 0; i < in_count && i < 8; i++) {
        words[3 + i] = in[i];
    }
    return child_command(child->thread, SERVANT_RELAY, words, 3 + in_count, out, out_count);
}

enum error child_copy(const struct child *child, L4_Word_t *in)
{
    enum error e = OK;
    while (e == OK && in[4] > 0) {
        L4_Word_t done = 0;
        e = child_physmem(child, PHYSMEM_COPY, in, 5, &done, 1);
        EXPECT_LT(0, done);
        done = done > 0 && done <= in[4] ? done : in[4];
        in[1] += done;
        in[3] += done;
        in[4] -= done;
    }
    return e;
}

static struct child *entry_of(L4_Word_t task)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (children[i].task == task) {
            return &children[i];
        }
    }
    return NULL;
}

static bool has_ended(L4_Word_t task)
{
    struct task_info info;
    return task_info(task, &info) != OK || info.task != task || info.state == TASK_ENDED;
}

bool child_lives(const struct child *child)
{
    return !has_ended(child->task);
}

bool child_wait_end(struct child *child, struct task_status *status, uint32_t limit_ms)
{
    for (uint32_t waited = 0; !has_ended(child->task); waited += POLL_MS) {
        if (waited >= limit_ms) {
            return false;
        }
        pause_ms(POLL_MS);
    }
    struct child *entry = entry_of(child->task);
    struct task_status ignored;
    enum error e = task_wait(child->task, status ? status : &ignored);
    if (entry) {
        *entry = (struct child){0};
    }
    return e == OK;
}

void child_kill(struct child *child)
{
    (void)task_kill(child->task, 1);
    if (!child_wait_end(child, NULL, STATE_LIMIT_MS)) {
        ktap_diagnostic("task %u does not end", (unsigned)child->task);
        ktap_failed(__FILE__, __LINE__, "a killed task ends");
    }
}

void children_kill_all(void)
{
    for (unsigned i = 0; i < CHILDREN_MAX; i++) {
        if (children[i].task != 0) {
            struct child copy = children[i];
            child_kill(&copy);
            children[i] = (struct child){0};
        }
    }
}

void children_forget(const struct child *child)
{
    struct child *entry = entry_of(child->task);
    if (entry) {
        *entry = (struct child){0};
    }
}

bool child_wait_state(const struct child *child, enum task_memory_state state, uint32_t limit_ms)
{
    for (uint32_t waited = 0; waited <= limit_ms; waited += POLL_MS) {
        if (task_memory(child->task).state == state) {
            return true;
        }
        pause_ms(POLL_MS);
    }
    return false;
}

void children_settle(void)
{
    pause_ms(POLL_MS);
}

bool child_outswap(const struct child *child, uint32_t flags)
{
    children_settle();
    EXPECT_EQ(task_outswap(child->task, flags), OK);
    bool out = child_wait_state(child, TASK_MEMORY_OUT, STATE_LIMIT_MS);
    EXPECT(out);
    return out && !ktap_failing();
}

bool child_inswap(const struct child *child)
{
    EXPECT_EQ(task_inswap(child->task), OK);
    bool in = child_wait_state(child, TASK_MEMORY_IN, STATE_LIMIT_MS);
    EXPECT(in);
    return in && !ktap_failing();
}
