/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine around physmem on the host (physmem_sim.h). */
#include "physmem_sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xorshift.h"
#include "boot/boot.h"
#include "calls/check.h"
#include "calls/dispatch.h"
#include "serving/event.h"
#include "l4/kernel_memory.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"

static uint8_t memory[SIM_FRAMES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t access_bits[SIM_FRAMES];
static uint32_t sim_clock, random_state = 1;
struct sim_faults sim_faults;
struct message sim_reply;

void sim_fail(const char *file, int line, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "not ok - %s:%d: %s\n", file, line, what);
    abort();
}

uint32_t sim_random(uint32_t bound)
{
    return xorshift(&random_state) % bound;
}

void sim_seed(uint32_t seed)
{
    random_state = seed * 2654435761u + 1;
}

bool sim_happens(uint32_t once_in)
{
    return once_in != 0 && sim_random(once_in) == 0;
}

/* ---- spaces ---- */

struct mapping {
    struct mapping *next;
    L4_Word_t address, rights;
    frame_t frame;
};

enum { BUCKETS = 256 };
static struct mapping *spaces[SIM_TASKS][BUCKETS];
static uint32_t mapped_count[SIM_FRAMES];
static uint32_t derived[SIM_FRAMES]; /* mappings that tasks have made of those */

static struct mapping **find_mapping(L4_Word_t task, L4_Word_t address)
{
    struct mapping **m = &spaces[task][(address >> PAGE_SHIFT) % BUCKETS];
    while (*m && (*m)->address != address) {
        m = &(*m)->next;
    }
    return m;
}

static void remove_mapping(L4_Word_t task, struct mapping **m)
{
    struct mapping *dead = *m;
    *m = dead->next;
    mapped_count[dead->frame]--;
    sim_kernel_count(task, dead->address, false);
    free(dead);
}

static void install(L4_Word_t task, L4_Word_t address, frame_t frame, L4_Word_t rights)
{
    struct mapping **m = find_mapping(task, address);
    if (*m && (*m)->frame == frame) {
        (*m)->rights |= rights;
        return;
    }
    if (*m) {
        remove_mapping(task, m);
    }
    struct mapping *new = malloc(sizeof *new);
    m = find_mapping(task, address);
    *new = (struct mapping){*m, address, rights, frame};
    *m = new;
    mapped_count[frame]++;
    sim_kernel_count(task, address, true);
}

L4_Word_t sim_mapping(L4_Word_t task, L4_Word_t address, frame_t *frame)
{
    struct mapping *m = *find_mapping(task, address);
    if (!m) {
        return 0;
    }
    *frame = m->frame;
    return m->rights;
}

void sim_space_each(L4_Word_t task, void (*visit)(L4_Word_t address, frame_t frame, L4_Word_t rights))
{
    for (int b = 0; b < BUCKETS; b++) {
        for (struct mapping *m = spaces[task][b]; m; m = m->next) {
            visit(m->address, m->frame, m->rights);
        }
    }
}

void sim_space_clear(L4_Word_t task)
{
    for (int b = 0; b < BUCKETS; b++) {
        while (spaces[task][b]) {
            remove_mapping(task, &spaces[task][b]);
        }
    }
}

uint32_t sim_space_count(L4_Word_t task)
{
    uint32_t count = 0;
    for (int b = 0; b < BUCKETS; b++) {
        for (struct mapping *m = spaces[task][b]; m; m = m->next) {
            count++;
        }
    }
    return count;
}

void sim_touch(frame_t frame, bool write)
{
    access_bits[frame] |= write ? 7 : 5;
}

bool sim_frame_is_mapped(frame_t frame)
{
    return mapped_count[frame] > 0 || derived[frame] > 0;
}

/* ---- the platform ---- */

void *platform_memory(uint32_t physical)
{
    SIM_CHECK(physical < sizeof memory);
    return memory + physical;
}

static void revoke(frame_t frame, L4_Word_t rights)
{
    for (int t = 0; t < SIM_TASKS && mapped_count[frame] > 0; t++) {
        for (int b = 0; b < BUCKETS; b++) {
            for (struct mapping **m = &spaces[t][b]; *m;) {
                (*m)->rights &= (*m)->frame == frame ? ~rights : ~(L4_Word_t)0;
                if (((*m)->rights & 7) == 0) {
                    remove_mapping((L4_Word_t)t, m);
                } else {
                    m = &(*m)->next;
                }
            }
        }
    }
}

uint32_t sim_unmaps_max, sim_unmaps;
static uint32_t unmaps; /* in the present event */

static void count_event(void)
{
    sim_unmaps_max = unmaps > sim_unmaps_max ? unmaps : sim_unmaps_max;
    unmaps = 0;
}

void sim_spread(frame_t frame, uint32_t addresses)
{
    SIM_CHECK(mapped_count[frame] > 0);
    derived[frame] += addresses;
}

uint32_t sim_spread_left(frame_t frame)
{
    return derived[frame];
}

/* Visits what has been derived from a frame's mappings, and takes it away if that is wanted, as far
 * as `left` goes.  Who does not take it away finds it there again. */
static void visit_derived(frame_t frame, L4_Word_t rights, uint32_t *left)
{
    uint32_t visited = derived[frame] < *left ? derived[frame] : *left;
    *left -= visited;
    unmaps += visited;
    if (rights == L4_FullyAccessible) {
        derived[frame] -= visited;
    }
}

uint32_t platform_unmap(const frame_t *frames, uint32_t count, L4_Word_t rights, uint32_t steps,
                        L4_Word_t *status)
{
    uint32_t most = steps == UNMAP_STEPS_ALL ? ~0u : steps * SIM_STEP, left = most;
    SIM_CHECK(count >= 1 && count <= UNMAP_BATCH_MAX);
    sim_unmaps += count;
    for (uint32_t i = 0; i < count; i++) {
        frame_t f = frames[i];
        SIM_CHECK(f > 0 && f < SIM_FRAMES);
        status[i] = UNMAP_MORE;
        if (left == 0) {
            continue;
        }
        bool too_many = derived[f] >= left;
        visit_derived(f, rights, &left);
        status[i] = access_bits[f] | (too_many ? (L4_Word_t)UNMAP_MORE : 0);
        access_bits[f] = 0;
        if (too_many) {
            continue;
        }
        unmaps += mapped_count[f] > 1 ? mapped_count[f] : 1;
        if (rights && mapped_count[f] > 0) {
            revoke(f, rights);
        }
    }
    return (most - left) / SIM_STEP;
}

bool (*sim_may_map)(L4_Word_t task, L4_Word_t address);

L4_ThreadId_t sim_stripped;

void platform_strip(L4_ThreadId_t thread)
{
    SIM_CHECK(sim_space_count(L4_Version(thread)) == 0);
    sim_stripped = thread;
}

uint32_t platform_stack_left(void)
{
    return PAGE_SIZE;
}

uint32_t platform_clock(void)
{
    return sim_clock;
}

void platform_print(const char *line)
{
    if (getenv("SIM_LOG")) {
        printf("# %s", line);
    }
}

void platform_halt(void)
{
    SIM_CHECK(!"physmem halts");
    abort();
}

void assertion_failed(const char *file, int line, const char *what)
{
    sim_fail(file, line, what);
    abort();
}

/* ---- threads ---- */

static struct sim_thread threads[SIM_THREADS];

struct sim_thread *sim_thread(L4_ThreadId_t id)
{
    for (int i = 0; i < SIM_THREADS; i++) {
        if (L4_IsNilThread(threads[i].id)) {
            threads[i].id = id;
        }
        if (L4_IsThreadEqual(threads[i].id, id)) {
            return &threads[i];
        }
    }
    sim_fail(__FILE__, __LINE__, "too many threads");
    return NULL;
}

static void take_map_items(struct sim_thread *t, const struct message *m)
{
    for (uint32_t i = 0; i < m->typed_words; i += 2) {
        L4_Word_t base = m->mr[m->words + 1 + i], item = m->mr[m->words + 2 + i];
        SIM_CHECK((base & 0x3ff) == (L4_ITEM_MAP | KERNEL_MAP_STEP) && (item >> 4 & 0x3f) == PAGE_SHIFT &&
                  (item & 7) != 0);
        t->map_address = base & ~0xfffu;
        t->map_frame = item >> PAGE_SHIFT;
        t->map_rights = item & 7;
        install(L4_Version(t->id), t->map_address, t->map_frame, t->map_rights);
    }
}

enum reply_result platform_reply(L4_ThreadId_t to, const struct message *m)
{
    struct sim_thread *t = sim_thread(to);
    /* No stray answers, even if nobody waits for them. */
    SIM_CHECK(m->label != PHYSMEM_ANSWER || t->faulted);
    if (!t->waits) {
        return REPLY_GONE;
    }
    SIM_CHECK(m->words + m->typed_words <= MESSAGE_WORDS_MAX);
    if (m->label == PHYSMEM_ANSWER && m->typed_words > 0 &&
        (sim_happens(sim_faults.map_memory) || (sim_may_map && !sim_may_map(L4_Version(t->id), m->mr[1])) ||
         !sim_kernel_can_map(L4_Version(t->id), m->mr[1] & ~0xfffu))) {
        return REPLY_NO_MEMORY;
    }
    t->waits = false;
    if (m->typed_words > 0 && t->closed) {
        t->faulted = false; /* it gets the message without the item */
        return REPLY_REFUSED;
    }
    if (m->label == PHYSMEM_ANSWER) {
        t->answered = true;
        t->faulted = false;
        t->mapped = m->typed_words > 0;
        take_map_items(t, m);
    } else {
        t->pulled = true;
        t->message = *m;
        take_map_items(t, m);
    }
    if (m->label == SWAP_REQUEST) {
        sim_disk_request(m);
    }
    return REPLY_DONE;
}

/* ---- messages ---- */

/* No other message comes before physmem has done all that it left for want of budget. */
static void go_on(void)
{
    for (int events = 0; event_wants_more(); events++) {
        SIM_CHECK(events < 100000);
        dispatch_tick();
        count_event();
    }
}

void platform_reply_last(L4_ThreadId_t to, const struct message *m)
{
    (void)platform_reply(to, m);
}

void sim_message(const struct message *m)
{
    static struct message reply;
    struct sim_thread *t = sim_thread(m->from);
    memset(&reply, 0xee, sizeof reply);
    t->waits = true;
    t->faulted = (m->label & 0xfff0) == L4_LABEL_PAGE_FAULT || m->label == PHYSMEM_FORWARD;
    t->answered = t->mapped = t->pulled = false;
    bool answer = dispatch(m, &reply);
    if (answer && reply.typed_words > 0) {
        enum reply_result r = platform_reply(m->from, &reply);
        if (r != REPLY_DONE) {
            dispatch_failure(&reply, r);
        }
    } else if (answer) {
        SIM_CHECK(t->waits && reply.label == PHYSMEM_REPLY && reply.words >= 1 && reply.mr[1] < ERROR_COUNT);
        t->waits = false;
        t->message = reply;
        t->pulled = true;
    }
    count_event();
    go_on();
}

static void fill(struct message *m, L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, va_list args)
{
    memset(m, 0, sizeof *m);
    m->from = m->actual = from;
    m->label = label;
    m->words = words;
    for (L4_Word_t i = 1; i <= words; i++) {
        m->mr[i] = va_arg(args, L4_Word_t);
    }
}

static bool goes_over_range(L4_Word_t label)
{
    return label == PHYSMEM_COPY || label == PHYSMEM_ZERO || label == PHYSMEM_PUNCH;
}

/* It waits for a frame: the disk goes on, but for one without a driver. */
static void wait_for_frame(L4_ThreadId_t id)
{
    struct message m = {.from = id, .actual = id, .label = PHYSMEM_FORGET_RANGE, .words = 2};
    for (int i = 0; i < 200 && !sim_thread(id)->pulled && sim_driver_is_alive(); i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    if (!sim_thread(id)->pulled) {
        sim_message(&m); /* it has given up */
        sim_thread(id)->message.mr[1] = ERR_NO_MEMORY;
    }
}

static enum error call_once(const struct message *m)
{
    sim_message(m);
    if (!sim_thread(m->from)->pulled) {
        wait_for_frame(m->from);
    }
    SIM_CHECK(sim_thread(m->from)->pulled);
    sim_reply = sim_thread(m->from)->message;
    return (enum error)sim_reply.mr[1];
}

/* For calls that are cut: as lib/client/physmem.c does. */
static bool goes_on(struct message *m, enum error e)
{
    L4_Word_t done = sim_reply.mr[2], count = m->label == PHYSMEM_COPY ? 5 : 3;
    switch (m->label) {
    case PHYSMEM_DESTROY:
    case PHYSMEM_CLOSE:
    case PHYSMEM_TASK_NEW:
    case PHYSMEM_TASK_DELETE:
        return e == ERR_BUSY;
    case PHYSMEM_COPY:
        m->mr[4] += done;
        break;
    case PHYSMEM_ZERO:
    case PHYSMEM_PUNCH:
        break;
    default:
        return false;
    }
    if (e != OK) {
        return false;
    }
    SIM_CHECK(done <= m->mr[count]);
    m->mr[2] += done;
    m->mr[count] -= done;
    return m->mr[count] > 0 && done > 0;
}

enum error sim_call(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, ...)
{
    struct message m;
    va_list args;
    va_start(args, words);
    fill(&m, from, label, words, args);
    va_end(args);
    L4_Word_t sum[3] = {0};
    enum error e;
    bool more;
    do {
        e = call_once(&m);
        more = goes_on(&m, e);
        for (int i = 0; i < 3; i++) {
            sum[i] += sim_reply.mr[2 + i];
        }
    } while (more);
    if (label == PHYSMEM_TASK_DELETE) {
        memcpy(&sim_reply.mr[2], sum, sizeof sum);
    } else if (goes_over_range(label)) {
        sim_reply.mr[2] = sum[0];
    }
    return e;
}

void sim_send(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, ...)
{
    struct message m;
    va_list args;
    va_start(args, words);
    fill(&m, from, label, words, args);
    va_end(args);
    sim_message(&m);
}

void sim_fault(L4_ThreadId_t from, L4_Word_t address, bool write)
{
    sim_send(from, L4_LABEL_PAGE_FAULT | (write ? 2u : 5u), 2, address, 0x1234u);
}

void sim_forward(L4_ThreadId_t pager, L4_ThreadId_t thread, L4_Word_t address, L4_Word_t handle,
                 L4_Word_t page, bool write, L4_Word_t rights)
{
    struct message m = {
        .from = thread, .actual = pager, .propagated = true, .label = PHYSMEM_FORWARD, .words = 4};
    m.mr[1] = address;
    m.mr[2] = handle;
    m.mr[3] = page;
    m.mr[4] = (write ? 2u : 5u) | rights << 4;
    sim_message(&m);
}

void sim_advance(uint32_t ticks)
{
    sim_clock += ticks;
    if (event_wants_tick()) {
        dispatch_tick();
        count_event();
        go_on();
    }
}

void sim_check(void)
{
    struct check_result r = check_everything();
    if (r.violations) {
        fprintf(stderr, "check.c:%u and %u more\n", r.line, r.violations - 1);
        sim_fail(__FILE__, __LINE__, "whole-state check");
    }
}

/* ---- boot ---- */

static L4_Word_t kip_words[1024];

static void add_memory(struct kip *kip, L4_Word_t start, L4_Word_t end, L4_Word_t type)
{
    struct kip_memdesc *d =
        (struct kip_memdesc *)((char *)kip + (kip->memory_info >> 16)) + (kip->memory_info & 0xffff);
    d->low = start | type;
    d->high = (end - 1) & ~0x3ffu;
    kip->memory_info++;
}

static void write_bootinfo(void)
{
    struct bootinfo *info = (struct bootinfo *)(memory + 0x9000);
    *info = (struct bootinfo){
        .magic = BOOTINFO_MAGIC, .version = 1, .size = 4096, .first = sizeof *info, .count = 3};
    struct bootrec_simple_exec *exec = (struct bootrec_simple_exec *)(info + 1);
    for (int i = 0; i < 2; i++) {
        exec[i] = (struct bootrec_simple_exec){.head = {BOOTREC_SIMPLE_EXEC, 1, sizeof *exec}};
    }
    struct bootrec_module *module = (struct bootrec_module *)(exec + 2);
    *module =
        (struct bootrec_module){{BOOTREC_MODULE, 1, 0}, SIM_MODULE_START, SIM_MODULE_BYTES, sizeof *module};
    strcpy((char *)(module + 1), "manifest one two");
}

static void forget_world(void)
{
    for (L4_Word_t t = 0; t < SIM_TASKS; t++) {
        sim_space_clear(t);
    }
    memset(threads, 0, sizeof threads);
    memset(access_bits, 0, sizeof access_bits);
    memset(derived, 0, sizeof derived);
    platform_unpoison(memory, sizeof memory);
    memset(memory, 0x77, sizeof memory);
    sim_disk_forget();
}

void sim_boot(uint32_t frames)
{
    L4_Word_t low_end = 0x9fc00, end = SIM_ROOT_START + 0x20000 + frames * PAGE_SIZE;
    end = end < sizeof memory ? end : sizeof memory;
    struct kip *kip = (struct kip *)kip_words;
    forget_world();
    memset(kip, 0, sizeof kip_words);
    kip->memory_info = 0x200 << 16;
    add_memory(kip, 0, low_end, MEMDESC_CONVENTIONAL);
    add_memory(kip, 0x30000, 0xa0000, MEMDESC_RESERVED);
    add_memory(kip, 0x100000, end, MEMDESC_CONVENTIONAL);
    add_memory(kip, 0x100000, 0x1f0000, MEMDESC_RESERVED);
    add_memory(kip, SIM_MODULE_START, SIM_MODULE_START + SIM_MODULE_BYTES, MEMDESC_MODULE);
    kip->sigma0 = (struct kip_server){.low = 0x20000, .high = 0x30000};
    kip->root =
        (struct kip_server){.low = SIM_ROOT_START, .high = SIM_ROOT_START + SIM_ROOT_PAGES * PAGE_SIZE - 10};
    kip->boot_info = 0x9000;
    write_bootinfo();
    for (uint32_t i = 0; i < SIM_ROOT_PAGES; i++) {
        memset(memory + SIM_ROOT_START + i * PAGE_SIZE, (int)(0x10 + i), PAGE_SIZE);
    }
    memset(memory + SIM_MODULE_START, 0x42, 4 * PAGE_SIZE);
    boot(kip);
    sim_check();
}
