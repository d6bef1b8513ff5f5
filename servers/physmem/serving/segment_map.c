/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/segment_map.h"

#include "base/assertion.h"
#include "contents/away.h"
#include "contents/handle.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "ground/progress.h"
#include "protocol/physmem.h"
#include "serving/parking.h"
#include "serving/refusal.h"
#include "serving/waiting_call.h"
#include "swap/swap_area.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum {
    HEADS_AT_A_TIME = 16,
    MAP_ADDRESS = 0x40000000, /* in segmap: above its program */
    FULL_TICKS = 1000,        /* of clock_now: so long nothing is stored after the map was full */
};

static struct task *segmap;
static struct container *map;
static L4_ThreadId_t waiting;  /* segmap's thread, in its pull */
static uint32_t windows_limit; /* what has been said ... */
static uint32_t limit_now;     /* ... or 0, while a window that is wanted finds no memory */
static bool told;              /* the task server knows that segmap is needed */
static bool full;              /* the map had no room ... */
static uint32_t full_since;

/* ---- hooks ---- */

static bool is_wanted(struct window_key key)
{
    struct place p = away_place(key);
    return (parking_for_window(&p) || away_is_polled(&p)) && away_can_come(&p);
}

static bool set_aside_window(struct window_key key)
{
    bool done = away_set_aside(key);
    limit_now = done ? limit_now : 0;
    return done;
}

/* Whoever waits for the window is told that it cannot be had. */
static void unreadable(struct window_key key)
{
    struct place p = away_place(key);
    struct fault_record *record;
    while ((record = parking_for_window(&p)) != NULL) {
        if (record->call != 0) {
            waiting_call_refuse_with(record, ERR_IO);
        } else {
            fault_refuse(record, ERR_IO);
        }
    }
}

static void add(const struct window_record *r)
{
    struct place p = away_place(r->key);
    limit_now = windows_limit;
    if (p.container->ending) {
        away_put_back(r->key); /* it goes with its record */
    } else if (away_add(r)) {
        parking_window_moved(&p);
    } else {
        unreadable(r->key);
    }
}

static void refused(struct window_key key, uint32_t version)
{
    full = true;
    full_since = clock_now();
    away_refused(key, version);
}

static const struct segmap_hooks hooks = {
    .wanted = is_wanted,
    .set_aside = set_aside_window,
    .put_back = away_put_back,
    .record = away_record,
    .add = add,
    .unreadable = unreadable,
    .stored = away_stored,
    .refused = refused,
    .dropped = away_dropped,
    .forgotten = away_forgotten,
    .freed = away_freed,
};

/* ---- segmap ---- */

void segment_map_init(uint32_t windows)
{
    away_init(&hooks);
    segmap = NULL;
    map = NULL;
    waiting = L4_nilthread;
    windows_limit = limit_now = windows;
    told = full = false;
}

enum error segment_map_set(struct task *t, struct container *c)
{
    if (segmap && t && t != segmap) {
        return ERR_ALREADY;
    }
    segmap = t;
    told = false;
    if (t) {
        map = c;
        t->permanent = true;
        progress_made();
    }
    return OK;
}

bool segment_map_is(const struct task *t)
{
    return t && t == segmap;
}

bool segment_map_is_there(void)
{
    return segmap != NULL;
}

void segment_map_gone(void)
{
    segmap = NULL;
    waiting = L4_nilthread;
    (void)segmap_on_pull(&away_calls, (uint32_t[SEGMAP_PULL_HEAD]){0, 0}, SEGMAP_PULL_HEAD);
    waiting_calls_refuse_server();
}

bool segment_map_place(L4_Word_t address, struct place *p)
{
    uint32_t page = (address - MAP_ADDRESS) >> PAGE_SHIFT;
    *p = (struct place){map, page};
    return map && address >= MAP_ADDRESS && page < container_size(map);
}

void segment_map_open(L4_Word_t *address, L4_Word_t *pages)
{
    *address = MAP_ADDRESS;
    *pages = container_size(map);
}

enum error segment_map_pull(const struct message *in)
{
    bool good = segmap_on_pull(&away_calls, &in->mr[1], in->words);
    waiting = good ? in->from : L4_nilthread;
    progress_made();
    return good ? OK : ERR_ARGUMENT;
}

/* ---- work ---- */

static void call_for_segmap(void)
{
    if (!told) {
        told = true;
        notice_segmap_needed();
    }
}

static void leave(struct window *w)
{
    if (w->version != WINDOW_IDLE || !away_may_leave(w)) {
        return;
    }
    if (segmap) {
        away_store(w);
    } else {
        call_for_segmap();
    }
}

static bool may_leave(void)
{
    full = full && clock_now() - full_since <= FULL_TICKS;
    return swap_area_ready() && !full && segmap_open_calls(&away_calls, CALL_STORE) < CALLS_OF_KIND_MAX;
}

static void move_hand(void)
{
    if (window_count() <= limit_now) {
        return;
    }
    for (int i = 0; i < HEADS_AT_A_TIME && may_leave(); i++) {
        window_hand(leave);
    }
}

static void hand_out(void)
{
    struct message m;
    m.words = segmap_hand_out(&away_calls, &m.mr[1]);
    if (m.words == 0) {
        return;
    }
    m.label = SEGMAP_CALLS;
    m.typed_words = 0;
    (void)platform_reply(waiting, &m); /* else it pulls once more */
    waiting = L4_nilthread;
    budget_spend(BUDGET_FAULT);
}

void segment_map_step(bool first_round)
{
    if (first_round) {
        move_hand();
    }
    if (parking_for_windows() > 0 && segmap_open_calls(&away_calls, CALL_LOOKUP) < CALLS_OF_KIND_MAX) {
        parking_offer_windows(away_look_up);
    }
    away_end_some();
    if (!segmap && !segmap_calls_settled(&away_calls)) {
        call_for_segmap();
    } else if (!L4_IsNilThread(waiting)) {
        hand_out();
    }
}

bool segment_map_wants_tick(void)
{
    return limit_now == 0;
}
