/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/segment_map.h"

#include "base/assertion.h"
#include "contents/away.h"
#include "contents/handle.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "ground/least.h"
#include "ground/progress.h"
#include "protocol/physmem.h"
#include "room/contract.h"
#include "room/set_aside.h"
#include "serving/parking.h"
#include "serving/refusal.h"
#include "serving/waiting_call.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum {
    HEADS_AT_A_TIME = 16,
    MAP_ADDRESS = 0x40000000, /* in segmap: above its program */
    /* Of clock_now: so long nothing is stored after the map was full, and nothing dropped after it
     * was damaged. */
    PAUSE_TICKS = 1000,
    /* Whoever physmem works for when it hands calls out pays for segmap's time.  So who makes a
     * window, or has one come back, has so many others stored; and besides one is stored in so many
     * ticks of clock_now, for whomever.  A STORE is some 14 000 instructions. */
    STORES_PER_WINDOW = 2,
    TICKS_PER_STORE = 4,
    STORES_MAX = 16, /* at once */
};

bool segment_map_wants_tick;
static struct task *segmap;
static struct container *map;
static L4_ThreadId_t waiting;  /* segmap's thread, in its pull */
static uint32_t map_reserved;  /* pages of the map whose windows are there */
static uint32_t windows_limit; /* so many stay ... */
static uint32_t limit_now;     /* ... or none, while a window that is wanted finds no memory */
static bool told;              /* the task server knows that segmap is needed */
static struct pause {
    bool is_on;
    uint32_t since;
} full, damaged;                          /* the map had no room; it could not be read */
static uint32_t stores, paced_at, made;   /* how many may go now; clock_now, window_made then */
static uint32_t hand_moved_at, hand_made; /* clock_now and window_made then */

static void pause_begin(struct pause *p)
{
    *p = (struct pause){true, clock_now()};
}

static bool pause_is_on(struct pause *p)
{
    p->is_on = p->is_on && clock_now() - p->since <= PAUSE_TICKS;
    return p->is_on;
}

/* ---- hooks ---- */

static bool is_wanted(struct window_key key)
{
    struct place p = away_place(key);
    return (parking_for_window(&p) || away_is_polled(&p) || away_is_expected(&p)) && away_can_come(&p);
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
    away_expect_no_more(&p);
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
    pause_begin(&full);
    away_refused(key, version);
}

/* Else what is asked for again at once would be refused again at once. */
static void not_dropped(void)
{
    pause_begin(&damaged);
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
    .not_dropped = not_dropped,
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
    map_reserved = 0;
    windows_limit = limit_now = windows != 0 ? windows : UINT32_MAX;
    contract_promise_map(windows != 0);
    told = false;
    full = damaged = (struct pause){false, 0};
    stores = STORES_MAX;
    paced_at = made = hand_moved_at = hand_made = 0;
    segment_map_wants_tick = false;
}

enum error segment_map_set(struct task *t, struct container *c)
{
    if (segmap && t && t != segmap) {
        return ERR_ALREADY;
    }
    segmap = t;
    told = false;
    away_set_served(t != NULL);
    if (t) {
        map = c;
        map->map = true;
        t->permanent = true;
        progress_made();
    } else {
        set_aside(SET_ASIDE_FOR_SEGMAP, 0); /* none is to come */
    }
    return OK;
}

bool segment_map_is(const struct task *t)
{
    return t && t == segmap;
}

uint32_t segment_map_windows_stay(void)
{
    return windows_limit != UINT32_MAX && contract_map_pages() > 0 ? windows_limit : 0;
}

bool segment_map_set_aside_for(const struct task *t)
{
    return t && (t->id == TASK_ID_SYSTEM || driver_is(t) || t == segmap);
}

bool segment_map_is_there(void)
{
    return segmap != NULL;
}

void segment_map_gone(void)
{
    segmap = NULL;
    away_set_served(false);
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
    set_aside(SET_ASIDE_FOR_SEGMAP, 0); /* it has got what it needs */
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
    budget_spend(BUDGET_LOOK);
    if (w->version == WINDOW_IDLE && away_may_leave(w)) {
        away_store(w);
    }
}

static bool may_leave(void)
{
    return segmap && swap_area_ready() && !pause_is_on(&full);
}

/* Whoever makes windows pays for what leaves: so it moves with his events, and besides now and then
 * for whomever; but always while a window that is wanted finds no memory. */
static bool hand_may_rest(void)
{
    bool may = limit_now > 0 && window_made() == hand_made && clock_now() - hand_moved_at < TICKS_PER_STORE;
    hand_moved_at = may ? hand_moved_at : clock_now();
    hand_made = window_made();
    return may;
}

static void move_hand(void)
{
    if (!segmap && window_count() > windows_limit / 2 && contract_map_pages() > 0) {
        call_for_segmap();
    }
    if (window_count() <= limit_now || hand_may_rest() || !may_leave()) {
        return;
    }
    for (int i = 0; i < HEADS_AT_A_TIME && away_has_place(CALL_STORE) && (i == 0 || budget_left()); i++) {
        window_hand(leave);
    }
}

/* True: they are all there, from the first one on. */
static bool reserve_windows_of_map(void)
{
    while (map_reserved < container_size(map) && budget_left()) {
        budget_spend(BUDGET_LOOK);
        if (container_reserve(map, map_reserved) != OK) {
            return false; /* tables are short: some time they will not be */
        }
        map_reserved = window_end(&map->home, map_reserved);
        progress_made();
    }
    return map_reserved == container_size(map);
}

static void pace(void)
{
    uint32_t ticks = (clock_now() - paced_at) / TICKS_PER_STORE, more = window_made() - made;
    stores = least(stores + least(ticks + STORES_PER_WINDOW * more, STORES_MAX), STORES_MAX);
    paced_at += ticks * TICKS_PER_STORE;
    made += more;
}

static void hand_out(void)
{
    static struct message m;
    pace();
    m.words = segmap_hand_out(&away_calls, &m.mr[1], &stores);
    if (m.words == 0) {
        return;
    }
    m.label = SEGMAP_CALLS;
    m.typed_words = 0;
    platform_reply_last(waiting, &m); /* if it does not arrive segmap pulls once more */
    waiting = L4_nilthread;
    budget_spend(BUDGET_FAULT);
}

void segment_map_step(bool first_round)
{
    if (first_round) {
        move_hand();
    }
    if (away_has_place(CALL_LOOKUP)) {
        bool all = away_forgetful;
        away_forgetful = false;
        parking_offer_windows(all, away_look_up);
    }
    if (!pause_is_on(&damaged)) {
        away_end_some();
    }
    if (!segmap && !segmap_calls_settled(&away_calls)) {
        call_for_segmap();
    } else if (!L4_IsNilThread(waiting) && reserve_windows_of_map()) {
        hand_out();
    }
    bool paced = stores == 0 && !L4_IsNilThread(waiting) && !segmap_calls_settled(&away_calls);
    segment_map_wants_tick = limit_now == 0 || paced;
}
