/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/transfer.h"

#include "contents/page.h"
#include "ground/clock.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"

enum { ID_INDEX_BITS = 8 };

static struct request requests[REQUESTS_MAX];
static struct list unused, waiting[2]; /* waiting: queued, by enum swap_op */
/* The driver's threads that wait for work: one that has reported the end of its last request, and
 * is idle, and one that wants another request beside that. */
static L4_ThreadId_t worker, puller;
static uint32_t generation, pages_writing, in_use, queued, ended;
static uint32_t in_use_for[2]; /* by enum swap_op */
static struct {
    bool is_so;
    uint32_t since, ticks;
} held;

void transfer_init(void)
{
    memset(requests, 0, sizeof requests);
    worker = puller = L4_nilthread;
    list_init(&unused);
    list_init(&waiting[SWAP_READ]);
    list_init(&waiting[SWAP_WRITE]);
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        list_append(&unused, &requests[i].link);
    }
    generation = pages_writing = in_use = queued = ended = 0;
    in_use_for[SWAP_READ] = in_use_for[SWAP_WRITE] = 0;
    held.is_so = false;
}

bool transfer_has_room(enum swap_op op)
{
    return in_use_for[op] < REQUESTS_MAX - REQUESTS_KEPT && in_use < REQUESTS_MAX;
}

uint32_t transfer_outswap(const struct task *t)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        count += requests[i].state != REQUEST_FREE && requests[i].outswap == t;
    }
    return count;
}

static struct request *queued_request(struct list *i)
{
    return LIST_ENTRY(i, struct request, link);
}

static struct request *take(enum swap_op op, slot_t first, uint32_t slots)
{
    struct request *r = queued_request(unused.next);
    ASSERT(!list_is_empty(&unused) && r->state == REQUEST_FREE && slots >= 1 && slots <= SWAP_RUN_MAX);
    list_remove(&r->link);
    list_append(&waiting[op], &r->link);
    r->state = REQUEST_QUEUED;
    r->op = op;
    r->first = first;
    r->slots = r->count = slots;
    r->lent = false;
    r->header_frame = FRAME_NONE;
    r->outswap = NULL;
    uint32_t i = (uint32_t)(r - requests);
    r->id = ++generation << ID_INDEX_BITS | i;
    in_use++;
    in_use_for[op]++;
    queued++;
    progress_made();
    return r;
}

void transfer_submit(enum swap_op op, const frame_t *frames, uint32_t count, struct task *outswap)
{
    const struct frame *first = &frame_table[frames[0]];
    ASSERT(first->slot != SLOT_NONE && transfer_has_room(op));
    ASSERT(first->state == (op == SWAP_READ ? PAGE_READING : PAGE_WRITING));
    bool twice = op == SWAP_WRITE && first->twin != 0;
    ASSERT(!twice || first->twin == count);
    struct request *r = take(op, first->slot, twice ? 2 * count : count);
    r->count = count;
    memcpy(r->frames, frames, count * sizeof *frames);
    r->outswap = outswap;
    if (op == SWAP_WRITE) {
        pages_writing += count;
        counters.writes++;
    } else {
        counters.reads++;
    }
}

void transfer_submit_header(frame_t f)
{
    struct request *r = take(SWAP_READ, 0, 1);
    r->header_frame = f;
}

void transfer_pull(L4_ThreadId_t driver)
{
    puller = driver;
    progress_made();
}

void transfer_work(L4_ThreadId_t driver)
{
    worker = driver;
    progress_made();
}

void transfer_supersede(L4_ThreadId_t driver)
{
    if (L4_IsThreadEqual(puller, driver)) {
        puller = L4_nilthread;
    }
    if (L4_IsThreadEqual(worker, driver)) {
        worker = L4_nilthread;
    }
}

/* Reads first: somebody waits for a read, nobody for a write before there are no frames: and then
 * reads stop. */
static struct request *first_queued(void)
{
    struct list *queue = &waiting[list_is_empty(&waiting[SWAP_READ]) ? SWAP_WRITE : SWAP_READ];
    ASSERT(!list_is_empty(queue));
    return queued_request(queue->next);
}

frame_t transfer_frame(const struct request *r, uint32_t i)
{
    return r->header_frame != FRAME_NONE ? r->header_frame : r->frames[i % r->count];
}

static enum reply_result send(L4_ThreadId_t to, const struct request *r)
{
    struct message m;
    m.label = SWAP_REQUEST;
    m.words = 4 + r->slots;
    m.typed_words = 0;
    m.mr[1] = r->id;
    m.mr[2] = r->op;
    m.mr[3] = r->first;
    m.mr[4] = r->slots;
    for (uint32_t i = 0; i < r->slots; i++) {
        m.mr[5 + i] = transfer_frame(r, i) << PAGE_SHIFT;
    }
    return platform_reply(to, &m);
}

bool transfer_is_held(void)
{
    held.is_so = held.is_so && clock_now() - held.since < held.ticks;
    return held.is_so;
}

void transfer_hold(uint32_t ticks)
{
    held.is_so = ticks > 0;
    held.since = clock_now();
    held.ticks = ticks;
    progress_made();
}

void transfer_kick(void)
{
    L4_ThreadId_t *to = L4_IsNilThread(worker) ? &puller : &worker;
    if (queued == 0 || L4_IsNilThread(*to) || transfer_is_held()) {
        return;
    }
    struct request *r = first_queued();
    if (send(*to, r) == REPLY_DONE) {
        counters.overlaps += in_use > queued; /* some have been sent already */
        r->state = REQUEST_SENT;
        r->since = clock_now();
        list_remove(&r->link);
        queued--;
    } else {
        counters.dropped++; /* it has stopped waiting; its next pull gets the request */
    }
    *to = L4_nilthread;
}

bool transfer_is_under_way(void)
{
    return in_use > queued;
}

uint32_t transfer_age(void)
{
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        if (requests[i].state == REQUEST_SENT && clock_now() - requests[i].since > oldest) {
            oldest = clock_now() - requests[i].since;
        }
    }
    return oldest;
}

void transfer_ask_reset(void)
{
    static const struct message reset = {.label = SWAP_RESET};
    if (!L4_IsNilThread(puller)) {
        counters.dropped += platform_reply(puller, &reset) != REPLY_DONE;
        puller = L4_nilthread;
    }
}

/* What the status says does not matter: a page read from disk is as the disk has it, and the driver
 * cannot write to one that is written. */
static void take_back(struct request *r)
{
    if (r->lent) {
        frame_t frames[SWAP_RUN_MAX];
        L4_Word_t status[SWAP_RUN_MAX];
        for (uint32_t i = 0; i < r->count; i++) {
            frames[i] = transfer_frame(r, i);
        }
        (void)platform_unmap(frames, r->count, L4_FullyAccessible, UNMAP_STEPS_ALL, status);
        r->lent = false;
    }
}

static void release(struct request *r)
{
    take_back(r);
    if (r->op == SWAP_WRITE) {
        ASSERT(pages_writing >= r->count);
        pages_writing -= r->count;
    }
    ASSERT(r->state != REQUEST_FREE && in_use > 0 && in_use >= queued);
    queued -= r->state == REQUEST_QUEUED;
    r->state = REQUEST_FREE;
    list_remove(&r->link);
    list_append(&unused, &r->link);
    in_use--;
    in_use_for[r->op]--;
    progress_made();
}

static struct request *find_sent(L4_Word_t id)
{
    uint32_t index = id & ((1u << ID_INDEX_BITS) - 1);
    if (index >= REQUESTS_MAX || requests[index].id != id || requests[index].state != REQUEST_SENT) {
        counters.dropped++;
        return NULL;
    }
    return &requests[index];
}

const struct request *transfer_lend(L4_Word_t id)
{
    struct request *r = find_sent(id);
    if (r) {
        ASSERT(r->state == REQUEST_SENT);
        r->lent = true;
    }
    return r;
}

const struct request *transfer_end(L4_Word_t id)
{
    struct request *r = find_sent(id);
    if (r) {
        release(r);
        ended++;
    }
    return r;
}

void transfer_forget_driver(void)
{
    worker = puller = L4_nilthread;
}

const struct request *transfer_abandon(bool *sent)
{
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        if (requests[i].state != REQUEST_FREE) {
            *sent = requests[i].state == REQUEST_SENT;
            release(&requests[i]);
            return &requests[i];
        }
    }
    return NULL;
}

uint32_t transfer_ended(void)
{
    return ended;
}

void transfer_forget_task(const struct task *t)
{
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        if (requests[i].outswap == t) {
            requests[i].outswap = NULL;
        }
    }
}

uint32_t transfer_pages_writing(void)
{
    return pages_writing;
}

bool transfer_is_idle(void)
{
    return in_use == 0;
}

const struct request *transfer_request(uint32_t index)
{
    return requests[index].state == REQUEST_FREE ? NULL : &requests[index];
}
