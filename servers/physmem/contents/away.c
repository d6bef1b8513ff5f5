/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/away.h"

#include "base/assertion.h"
#include "contents/fill.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "ground/least.h"
#include "ground/progress.h"
#include "room/slot.h"
#include "tasks/task.h"

/* A record's version: that of the window, which is the hand-out's, counted round; and in the lower
 * half which pages are of the working set. */
enum { VERSION_SHIFT = 16, VERSION_MAX = 0xffff, NO_PAGE = CONTAINER_PAGES_MAX, LEFT_AT_A_TIME = 4 };
enum { EXPECTED_MAX = 2 * SEGMAP_CALLS_MAX };

struct segmap_calls away_calls;
struct away_totals away_totals;
bool away_forgetful;
static struct window *prepared[SEGMAP_CALLS_MAX]; /* for the LOOKUPs that are in hand */
static uint32_t prepared_count;
static uint32_t handed_out; /* the version of the record that was made last */
static struct place missed; /* last */
static bool has_missed;
static struct place expected[EXPECTED_MAX]; /* windows, last, in a ring */
static uint32_t expected_next;
static bool served;
static struct list left; /* containers that have ended, through `left` */
static bool left_moved;  /* something about them has changed since they were looked at */

void away_init(const struct segmap_hooks *hooks)
{
    list_init(&left);
    segmap_calls_init(&away_calls, hooks);
    away_totals = (struct away_totals){0};
    prepared_count = 0;
    handed_out = WINDOW_IDLE;
    missed = (struct place){NULL, 0};
    has_missed = served = left_moved = away_forgetful = false;
    for (expected_next = EXPECTED_MAX; expected_next > 0;) {
        expected[--expected_next] = missed;
    }
}

static struct window_key key_of(const struct container *c, uint32_t page)
{
    return (struct window_key){.container = container_number(c), .window = page / WINDOW_PAGES};
}

struct place away_place(struct window_key key)
{
    return (struct place){container_numbered(key.container), key.window * WINDOW_PAGES};
}

static struct window *window_of(struct window_key key)
{
    struct place p = away_place(key);
    return window_peek(&p.container->home, p.page);
}

/* ---- who needs one ---- */

bool away_has_place(enum open_kind kind)
{
    return segmap_open_calls(&away_calls, kind) < CALLS_OF_KIND_MAX;
}

/* Who finds one open already changes nothing; who finds no place may have to come again. */
static void offer(enum open_kind kind, struct window_key key)
{
    uint32_t before = segmap_open_calls(&away_calls, kind);
    (kind == CALL_STORE ? segmap_store : segmap_look_up)(&away_calls, key);
    budget_spend(BUDGET_LOOK);
    if (segmap_open_calls(&away_calls, kind) != before) {
        progress_made();
    } else if (kind == CALL_LOOKUP && !away_has_place(kind)) {
        away_forgetful = true;
    }
}

enum error away_miss(const struct container *c, uint32_t page)
{
    if (page == container_size(c) || container_entry(c, page) != ENTRY_AWAY) {
        return ERR_BUSY;
    }
    missed = (struct place){(struct container *)c, page};
    has_missed = true;
    if (!c->ending) {
        offer(CALL_LOOKUP, key_of(c, page));
    }
    return ERR_BUSY;
}

bool away_missed(struct place *p)
{
    bool has = has_missed;
    *p = missed;
    has_missed = false;
    return has;
}

void away_forget_missed(void)
{
    has_missed = false;
}

bool away_is_polled(const struct place *p)
{
    return missed.container == p->container && missed.page / WINDOW_PAGES == p->page / WINDOW_PAGES;
}

bool away_can_come(const struct place *p)
{
    return !p->container->ending && container_entry(p->container, p->page) == ENTRY_AWAY;
}

bool away_look_up(const struct place *p)
{
    if (away_can_come(p)) {
        offer(CALL_LOOKUP, key_of(p->container, p->page));
    }
    return away_has_place(CALL_LOOKUP);
}

bool away_is_expected(const struct place *p)
{
    bool is = false;
    for (uint32_t i = 0; i < EXPECTED_MAX && !is; i++) {
        is = expected[i].container == p->container && expected[i].page == p->page;
    }
    return is;
}

static void expect(const struct place *p)
{
    if (!away_is_expected(p)) {
        expected[expected_next] = *p;
        expected_next = (expected_next + 1) % EXPECTED_MAX;
    }
    (void)away_look_up(p);
}

bool away_expect(struct container *c, uint32_t page)
{
    uint32_t end = group_end(&c->home, page);
    for (uint32_t i = 0; served && away_has_place(CALL_LOOKUP) && i < SEGMAP_CALLS_MAX && page < end; i++) {
        expect(&(struct place){c, page});
        page = window_end(&c->home, page);
        page = page < end ? window_next_marked(&c->home, page) : end;
    }
    return served;
}

void away_set_served(bool is)
{
    served = is;
}

bool away_is_busy(void)
{
    return served && !away_has_place(CALL_LOOKUP);
}

void away_expect_no_more(const struct place *p)
{
    if (container_entry(p->container, p->page) == ENTRY_AWAY) {
        window_forget_marks(&p->container->home, p->page);
    }
}

/* ---- what a window comes to ---- */

/* Adds what the window's entries name, or takes it away, if `change` is ~0, which is -1. */
static void count(struct away_counts *counts, entry_t entry, uint32_t change)
{
    if (entry_is_real(entry)) {
        bool shared = entry_kind(entry) == KIND_SHARED, slot = entry_slot(entry) != SLOT_NONE;
        counts->real += change;
        counts->pages += shared ? 0 : change;
        counts->swapped += slot ? change : 0;
        away_totals.slots += slot ? change : 0;
        away_totals.shared += shared ? change : 0;
    }
}

static void count_all(struct window *w, uint32_t change)
{
    struct container *c = container_of_home(w->found.home);
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        count(&c->away, w->entries[i], change);
    }
}

/* ---- leaving ---- */

static bool is_in_memory(entry_t entry)
{
    return entry_frame(shared_page(entry)) != FRAME_NONE;
}

/* What the task server has and segmap has never leaves, for it takes these to bring anything back;
 * nor does what a task that comes in waits for. */
bool away_may_leave(const struct window *w)
{
    const struct container *c = container_of_home(w->found.home);
    bool awaited = c->owner->inswapping && w->found.marks != 0;
    bool may = !c->stays && !c->ending && !c->owner->permanent && !awaited;
    for (uint32_t i = 0; i < WINDOW_PAGES && may; i++) {
        may = !is_in_memory(w->entries[i]);
    }
    return may;
}

void away_store(const struct window *w)
{
    offer(CALL_STORE, key_of(container_of_home(w->found.home), w->found.number * WINDOW_PAGES));
}

static void leave(struct window *w)
{
    struct container *c = container_of_home(w->found.home);
    uint32_t before = container_table_bytes(c);
    counters.stores++;
    budget_spend(BUDGET_CALL);
    if (window_is_uniform(w)) { /* the map has no record of it any more */
        window_drop(&c->home, w->found.number * (uint32_t)WINDOW_PAGES, w->entries[0]);
    } else {
        count_all(w, 1);
        window_leave(w);
    }
    container_charge_tables(c, before);
    progress_made();
}

/* ---- a container that ends ---- */

bool away_is_left(const struct container *c)
{
    return c->recorded;
}

void away_leave_behind(struct container *c)
{
    container_leave_behind(c);
    list_append(&left, &c->left);
    away_totals.left++;
    left_moved = true;
}

static void end_left(struct container *c)
{
    struct task *t = c->owner;
    away_totals.left--;
    left_moved = true;
    away_forget_container(c);
    container_destroy(c);
    if (t->gone && list_is_empty(&t->left)) {
        task_free(t);
    }
}

/* Opens DROPs for the windows of the page's group that are away.  True: there are none. */
static bool drop_group(struct container *c, uint32_t page)
{
    uint32_t first = page & ~(uint32_t)(GROUP_PAGES - 1), stop = group_end(&c->home, page), end = first;
    bool none = true;
    while (end < stop && (first = window_next_away(&c->home, end, &end)) < stop) {
        none = false;
        budget_spend(BUDGET_LOOK);
        if (!segmap_drop(&away_calls, container_number(c), first, end)) {
            break; /* when there is a place for it */
        }
    }
    return none;
}

/* True: nothing is left. */
static bool end_some(struct container *c)
{
    while (c->emptied < container_size(c) && container_table_bytes(c) > 0 && budget_left()) {
        budget_spend(BUDGET_LOOK);
        if (!drop_group(c, c->emptied)) {
            return false;
        }
        container_drop_group(c, c->emptied);
        c->emptied = group_end(&c->home, c->emptied);
    }
    if (container_table_bytes(c) > 0) {
        left_moved = true;
        progress_made();
        return false;
    }
    if (c->recorded) {
        (void)segmap_forget(&away_calls, container_number(c));
    }
    return !c->recorded;
}

static bool has_open_calls(void)
{
    return segmap_open_calls(&away_calls, CALL_DROP) > 0 || segmap_open_calls(&away_calls, CALL_FORGET) > 0;
}

/* Takes some in turn, so that none whose records cannot be read keeps others waiting.  As long as
 * calls are open, and none has been done, there is nothing to look for. */
void away_end_some(void)
{
    if (!left_moved && (list_is_empty(&left) || has_open_calls())) {
        return;
    }
    left_moved = false;
    uint32_t count = least(away_totals.left, LEFT_AT_A_TIME);
    for (uint32_t i = 0; i < count; i++) {
        struct container *c = LIST_ENTRY(left.next, struct container, left);
        list_remove(&c->left);
        if (end_some(c)) {
            end_left(c);
        } else {
            list_append(&left, &c->left);
        }
    }
}

void away_forget_container(const struct container *c)
{
    if (missed.container == c) {
        missed.container = NULL;
    }
    for (uint32_t i = 0; i < EXPECTED_MAX; i++) {
        expected[i].container = expected[i].container == c ? NULL : expected[i].container;
    }
}

/* ---- hooks ---- */

bool away_set_aside(struct window_key key)
{
    (void)key;
    ASSERT(prepared_count < SEGMAP_CALLS_MAX);
    if (window_prepare(&prepared[prepared_count]) != OK) {
        return false;
    }
    prepared_count++;
    return true;
}

void away_put_back(struct window_key key)
{
    (void)key;
    ASSERT(prepared_count > 0);
    window_unprepare(prepared[--prepared_count]);
    away_forgetful = true;
    progress_made();
}

bool away_record(struct window_key key, struct window_record *r)
{
    struct window *w = window_of(key);
    if (!w || !away_may_leave(w)) {
        return false;
    }
    budget_spend(BUDGET_CALL);
    bool empty = window_is_uniform(w);
    for (uint32_t i = 0; i < WINDOW_PAGES && !empty; i++) {
        r->entries[i] = w->entries[i];
        r->checksums[i] = w->checksums[i];
    }
    handed_out = handed_out < VERSION_MAX ? handed_out + 1 : WINDOW_VERSIONS;
    r->version = handed_out << VERSION_SHIFT | w->found.marks;
    window_set_version(w, handed_out);
    w->recorded = true;
    container_of_home(w->found.home)->recorded = true;
    return true;
}

/* An entry that a window could have left with. */
static bool makes_sense(entry_t entry)
{
    uint32_t id = entry_number(entry);
    switch (entry_kind(entry)) {
    case KIND_HOLE:
    case KIND_ZERO:
        return entry == (entry_t)entry_kind(entry);
    case KIND_SLOT:
        return entry_slot(entry) == SLOT_NONE || slot_is_used(entry_slot(entry));
    case KIND_SHARED:
        return shared_is_used(id);
    case KIND_BAD:
        return id != OK;
    case KIND_FRAME:
    case KIND_AWAY:
        break;
    }
    return false;
}

static bool record_makes_sense(const struct window_record *r)
{
    entry_t any = ENTRY_HOLE;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        if (entry_is_real(r->entries[i]) && !makes_sense(r->entries[i])) {
            return false;
        }
        any |= r->entries[i];
    }
    return any != ENTRY_HOLE;
}

bool away_add(const struct window_record *r)
{
    struct place p = away_place(r->key);
    if (!record_makes_sense(r)) {
        away_put_back(r->key);
        return false;
    }
    budget_spend(BUDGET_CALL);
    uint32_t before = container_table_bytes(p.container);
    ASSERT(prepared_count > 0);
    struct window *w = prepared[--prepared_count];
    __builtin_memcpy(w->entries, r->entries, sizeof w->entries);
    __builtin_memcpy(w->checksums, r->checksums, sizeof w->checksums);
    w->found.marks = (uint16_t)r->version;
    w->recorded = true;
    window_return(&p.container->home, p.page, w);
    count_all(w, ~0u);
    container_charge_tables(p.container, before);
    counters.lookups++;
    progress_made();
    return true;
}

void away_stored(struct window_key key, uint32_t version)
{
    struct window *w = window_of(key);
    if (w && w->version == version >> VERSION_SHIFT && away_may_leave(w)) {
        leave(w);
    } else {
        away_refused(key, version); /* a page of it is in memory, or all of it is to stay now */
    }
}

void away_refused(struct window_key key, uint32_t version)
{
    struct window *w = window_of(key);
    if (w && w->version == version >> VERSION_SHIFT) {
        window_set_version(w, WINDOW_IDLE);
    }
}

void away_dropped(uint32_t container, uint32_t first, uint32_t end)
{
    struct container *c = container_numbered(container);
    uint32_t before = container_table_bytes(c);
    ASSERT(c->ending);
    left_moved = true;
    budget_spend(BUDGET_CALL);
    window_forget_away(&c->home, first, end);
    container_charge_tables(c, before);
    progress_made();
}

void away_forgotten(uint32_t container)
{
    struct container *c = container_numbered(container);
    ASSERT(c->ending && c->home.windows == 0 && c->home.away == 0);
    c->recorded = false;
    left_moved = true;
    progress_made();
}

void away_freed(uint32_t container, const uint32_t *entries, uint32_t count_of)
{
    struct container *c = container_numbered(container);
    budget_spend(count_of * BUDGET_PLACE);
    for (uint32_t i = 0; i < count_of; i++) {
        if (makes_sense(entries[i]) && entry_is_real(entries[i])) {
            count(&c->away, entries[i], ~0u);
            container_give_up(c, NO_PAGE, entries[i]);
        }
    }
    progress_made();
}
