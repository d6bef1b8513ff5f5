/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds before and after each case: containers, figures of the system, the witness. */
#include "fixture.h"
#include "../start_segmap.h"

#include <string.h>

#include "children.h"
#include "pager/pager.h"

enum {
    CONTAINERS_MAX = 128,
    MAPPINGS_MAX = 32,
    WITNESS_PAGES = 16,
    WITNESS_SEED = 0x317e55,
    SWAP_LIMIT_MS = 700,
    TABLES_SLACK = 8, /* over the whole run, not for each case */
    PRESSURE_SPARE = 100,
    DEPTH_MAX = 2, /* law 1 of docs/architecture.md */
    TRANSIT_LIMIT_MS = 20 * 1000,
    EVICT_LIMIT_MS = 10 * 1000,
    PARKED_LIMIT_MS = 2000,
};

static handle_t containers[CONTAINERS_MAX];
static unsigned container_count;

static struct {
    void *address;
    size_t bytes;
} mappings[MAPPINGS_MAX];
static unsigned mapping_count;

static struct child witness;
static L4_Word_t witness_address, wired_frames;

/* What no living task accounts for. */
struct rest {
    L4_Word_t promised, containers, tasks;
    L4_Word_t server; /* promised for the task server's own pages */
};
static struct rest before;

/* ---- figures ---- */

struct memory_info memory(void)
{
    struct memory_info info = {0};
    EXPECT_EQ(physmem_memory_info(&info), OK);
    return info;
}

L4_Word_t wired(void)
{
    struct memory_info info = memory();
    return info.frames_wired - info.frames_lent;
}

struct task_memory task_memory(L4_Word_t task)
{
    struct task_memory info = {0};
    enum error e = physmem_task_info(task, &info);
    if (e == ERR_PERMISSION) { /* a server or a driver */
        e = task_debug(PHYSMEM_TASK_INFO, &task, 1, (L4_Word_t *)&info, sizeof info / sizeof(L4_Word_t));
    }
    EXPECT_EQ(e, OK);
    return info;
}

L4_Word_t self_task(void)
{
    return L4_Version(L4_Myself());
}

bool have_swap(void)
{
    return memory().slots_total != 0;
}

L4_Word_t find_task(const char *name)
{
    struct task_info info;
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1) {
        if (strcmp(info.name, name) == 0) {
            return info.task;
        }
    }
    return 0;
}

bool memory_pressure(void)
{
    struct child hog;
    struct memory_info info = memory();
    if (!child_start(&hog, "servant")) {
        return false;
    }
    L4_Word_t room = info.pages_limit - info.pages_promised, pages = 2 * info.frames_total;
    pages = pages < room - PRESSURE_SPARE ? pages : room - PRESSURE_SPARE;
    (void)child_do(&hog, SERVANT_FILL, child_anonymous(&hog, pages), pages, 0xb16);
    child_kill(&hog);
    return !ktap_failing();
}

/* ---- hostile circumstances ---- */

/* Frames on their way come back with the disk's answer. */
static bool is_settled(void)
{
    struct memory_info info = memory();
    return info.frames_transit == 0 && info.containers_left == 0;
}

static void settle(void)
{
    for (uint32_t waited = 0; !is_settled() && waited < TRANSIT_LIMIT_MS; waited += 5) {
        pause_ms(5);
    }
}

static enum error evict(const struct child *child, L4_Word_t flags)
{
    L4_Word_t in[] = {child->task, flags};
    return task_debug(PHYSMEM_DEBUG_EVICT, in, 2, NULL, 0);
}

bool child_evict(const struct child *child, L4_Word_t flags)
{
    enum error e = evict(child, flags);
    for (uint32_t waited = 0; e == ERR_NO_MEMORY && waited < TRANSIT_LIMIT_MS; waited += 5) {
        pause_ms(5); /* no room for more requests to the disk */
        e = evict(child, flags);
    }
    EXPECT_EQ(e, OK);
    settle();
    return e == OK;
}

bool child_evict_until_answer(const struct child *child, L4_Word_t *word)
{
    L4_Word64_t end = L4_SystemClock() + (L4_Word64_t)EVICT_LIMIT_MS * 1000;
    do {
        L4_ThreadId_t from;
        (void)evict(child, 0);
        L4_Yield();
        if (child_collect(&from, word, 0) == OK) {
            return true;
        }
    } while (L4_SystemClock() < end);
    return false;
}

static L4_Word_t hold(L4_Word_t ms)
{
    L4_Word_t was = 0;
    EXPECT_EQ(task_debug(PHYSMEM_DEBUG_HOLD, &ms, 1, &was, 1), OK);
    return was;
}

void disk_hold(void)
{
    (void)hold(HOLD_MS);
}

bool disk_go_on(void)
{
    return hold(0) != 0;
}

bool wait_parked(L4_Word_t count)
{
    for (uint32_t waited = 0; memory().parked != count && waited < PARKED_LIMIT_MS; waited++) {
        pause_ms(1);
    }
    return memory().parked == count;
}

/* ---- containers ---- */

handle_t test_container(uint32_t pages)
{
    handle_t handle = HANDLE_NONE;
    EXPECT(container_count < CONTAINERS_MAX);
    if (container_count < CONTAINERS_MAX) {
        EXPECT_EQ(physmem_create(pages, 0, &handle), OK);
        containers[container_count++] = handle;
    }
    return handle;
}

handle_t test_share(handle_t handle, const struct child *child, uint32_t rights)
{
    handle_t theirs = HANDLE_NONE;
    EXPECT_EQ(physmem_share(handle, child->task, rights, &theirs), OK);
    return theirs;
}

volatile L4_Word_t *test_map(handle_t handle, uint32_t pages, unsigned rights)
{
    void *address = NULL;
    EXPECT(mapping_count < MAPPINGS_MAX);
    if (mapping_count < MAPPINGS_MAX) {
        EXPECT_EQ(pager_map_container(handle, 0, pages << PAGE_SHIFT, rights, &address), OK);
    }
    if (address) {
        mappings[mapping_count].address = address;
        mappings[mapping_count++].bytes = pages << PAGE_SHIFT;
    }
    return (volatile L4_Word_t *)address;
}

static void give_back(void)
{
    while (mapping_count > 0) {
        mapping_count--;
        EXPECT_EQ(pager_unmap(mappings[mapping_count].address, mappings[mapping_count].bytes), OK);
    }
    while (container_count > 0) {
        enum error e = physmem_destroy(containers[--container_count]);
        EXPECT(e == OK || e == ERR_NO_HANDLE || e == ERR_DEAD); /* the case may have done it */
    }
}

/* ---- invariants ---- */

/* Also: no task but the system and the swap driver has a wired page. */
static struct rest take_rest(void)
{
    struct memory_info info = memory();
    struct rest rest = {.server = task_memory(TASK_ID_SYSTEM).promised - info.map_pages};
    rest.promised = info.pages_promised - info.map_pages - rest.server;
    struct task_info task;
    for (L4_Word_t id = 0; task_info(id, &task) == OK; id = task.task + 1) {
        struct task_memory used = task_memory(task.task);
        rest.promised -= used.promised;
        rest.tasks++;
        rest.containers += task.task == self_task() ? used.containers : 0;
        if (task.task != TASK_ID_SYSTEM && strcmp(task.name, "ata") != 0) {
            EXPECT_EQ(used.wired, 0);
            EXPECT_EQ(used.wired_frames, 0); /* counted frame by frame */
        }
    }
    return rest;
}

static void check_whole_state(void)
{
    L4_Word_t out[2] = {~0u, 0}, bad = ~0u;
    EXPECT_EQ(task_debug_kernel(&bad), OK);
    EXPECT_EQ(bad, 0);
    EXPECT_EQ(task_debug(PHYSMEM_CHECK, NULL, 0, out, 2), OK);
    if (out[0] != 0) {
        ktap_diagnostic("physmem: %u violations, the first one in check.c:%u", (unsigned)out[0],
                        (unsigned)out[1]);
    }
    EXPECT_EQ(out[0], 0);
}

/* The disk's header is read while programs start already. */
static void wait_for_swap(void)
{
    for (uint32_t waited = 0; !have_swap() && waited < SWAP_LIMIT_MS; waited += 10) {
        pause_ms(10);
    }
}

/* The task server's tables stay in memory, as far as they were ever used: see fixture_end. */
static L4_Word_t wired_besides_server(void)
{
    return wired() - task_memory(TASK_ID_SYSTEM).wired_frames;
}

bool fixture_init(void)
{
    ktap_begin("fixture");
    wait_for_swap();
    EXPECT_EQ(start_segmap(), OK);
    if (child_start(&witness, "servant")) {
        witness_address =
            child_do(&witness, SERVANT_MAP_ANONYMOUS, WITNESS_PAGES, RIGHT_READ | RIGHT_WRITE, 0);
        (void)child_do(&witness, SERVANT_FILL, witness_address, WITNESS_PAGES, WITNESS_SEED);
        children_forget(&witness);
    }
    wired_frames = wired_besides_server();
    return !ktap_failing();
}

void fixture_begin(void)
{
    before = take_rest();
}

void fixture_end(void)
{
    (void)disk_go_on();
    children_kill_all();
    give_back();
    settle();
    struct memory_info info = memory();
    struct rest after = take_rest();
    EXPECT_EQ(after.promised, before.promised);
    /* Its tables grow with the tasks there are. */
    EXPECT_LE(after.server, before.server + TABLES_SLACK);
    EXPECT_EQ(after.containers, before.containers);
    EXPECT_EQ(after.tasks, before.tasks);
    /* physmem's tables are among them: what lives on may have moved to a new one. */
    EXPECT_LE(wired_besides_server(), wired_frames + TABLES_SLACK);
    EXPECT_LE(info.depth_max, DEPTH_MAX);
    EXPECT_EQ(child_do(&witness, SERVANT_WRONG, witness_address, WITNESS_PAGES, WITNESS_SEED), 0);
    check_whole_state();
}
