/* SPDX-License-Identifier: BSD-2-Clause */
#include "calls/check.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/page.h"
#include "ground/mem.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/slot.h"
#include "serving/parking.h"
#include "swap/transfer.h"
#include "tasks/account.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum { STACK_LEFT_LEAST = 1536 };

static struct check_result result;

static void check_at(bool good, uint32_t line)
{
    if (!good && result.violations++ == 0) {
        result.line = line;
    }
}
#define CHECK(x) check_at(x, __LINE__)

static struct {
    uint32_t pages, frames, slots, spare, twins, wired;
    uint32_t away_pages, unseen; /* unseen: names of shared records */
    struct page_counts of_task;
    uint32_t promised, table_bytes, away_bytes, containers; /* of the task, too */
} seen;

/* A shared record that only windows name which are away is not seen, nor what it says. */
static bool adds_up(uint32_t found, uint32_t told)
{
    return seen.unseen == away_totals.shared ? found == told : found <= told;
}

static bool counts_equal(const struct page_counts *a, const struct page_counts *b)
{
    return a->pages == b->pages && a->resident == b->resident && a->wired == b->wired &&
           a->swapped == b->swapped;
}

/* ---- pages ---- */

static void check_slots(slot_t slot, uint32_t twin, bool twice)
{
    if (slot != SLOT_NONE) {
        seen.slots++;
        CHECK(slot_is_used(slot));
    }
    if (twin != 0) {
        seen.slots++;
        seen.twins++;
        CHECK(slot != SLOT_NONE && slot_is_used(slot + twin) && twice);
    }
}

static void check_frame(frame_t f)
{
    const struct frame *p = &frame_table[f];
    seen.frames++;
    CHECK(p->kind == FRAME_PAGE && p->state != PAGE_NONE);
    CHECK(p->state == PAGE_IN || (!p->mapped && !p->dirty && !p->wired && p->slot != SLOT_NONE));
    CHECK(!p->wanted || page_in_transit(f));
    CHECK(!p->writable || p->mapped);
    CHECK(!p->writable || !page_is_shared(f));
    CHECK(!p->home || page_is_nobodys(f) || container_frame(container_of_home(p->home), p->number) == f);
    seen.wired += p->wired;
    seen.spare += page_has_spare_slot(f);
    check_slots(p->slot, p->twin, p->twice || page_in_transit(f));
}

/* A page of somebody: what its place says, or its record. */
static void check_page(entry_t page)
{
    seen.pages++;
    switch (entry_kind(page)) {
    case KIND_FRAME:
        check_frame(entry_frame(page));
        break;
    case KIND_SLOT:
        check_slots(entry_slot(page), entry_out(page).twin, entry_out(page).twice);
        break;
    case KIND_BAD:
        CHECK(entry_number(page) != OK);
        break;
    case KIND_HOLE:
    case KIND_ZERO:
    case KIND_SHARED:
    case KIND_AWAY:
        CHECK(false);
        break;
    }
}

/* A place counts in its container if the page is not shared; or if it is the page's home. */
static void count_at_home(struct page_home *h, uint32_t page, struct page_counts *counts)
{
    entry_t entry = container_page(container_of_home(h), page);
    frame_t f = entry_frame(entry);
    bool shared = entry_kind(container_entry(container_of_home(h), page)) == KIND_SHARED;
    bool at_home = f != FRAME_NONE && frame_table[f].home == h && frame_table[f].number == page;
    CHECK(shared || f == FRAME_NONE || (at_home && !frame_table[f].shared));
    if (f != FRAME_NONE ? at_home && page_is_paid_for(f) : !shared) {
        counts->pages++;
        counts->resident += f != FRAME_NONE;
        counts->wired += f != FRAME_NONE && frame_table[f].wired;
        counts->swapped += entry_slot(entry) != SLOT_NONE;
    }
}

/* What is away is only counted. */
static void count_away(const struct container *c, struct page_counts *counts)
{
    counts->pages += c->away.pages;
    counts->swapped += c->away.swapped;
}

/* First walk: every place counts itself, the first one checks the page. */
static void count_refs(struct container *c)
{
    uint32_t real = 0;
    struct page_counts counts = {0};
    for (uint32_t i = container_next_real(c, 0); i < container_size(c); i = container_next_real(c, i + 1)) {
        entry_t entry = container_entry(c, i);
        struct shared *s = entry_kind(entry) == KIND_SHARED ? shared_find(entry_number(entry)) : NULL;
        real++;
        if (!s || s->mark == 0) {
            check_page(container_page(c, i));
        }
        if (s) {
            s->mark++;
        }
        count_at_home(&c->home, i, &counts);
        count_at_home(&c->home, i, &seen.of_task);
    }
    count_away(c, &counts);
    count_away(c, &seen.of_task);
    seen.away_pages += c->away.pages;
    CHECK(counts_equal(&counts, &c->home.counts) && c->home.of_owner == &c->owner->pages);
    CHECK(real + c->away.real == c->real);
}

/* Second walk: compares, and leaves the marks zero. */
static void compare_refs(struct container *c)
{
    for (uint32_t i = container_next_real(c, 0); i < container_size(c); i = container_next_real(c, i + 1)) {
        entry_t entry = container_entry(c, i);
        if (entry_kind(entry) == KIND_SHARED) {
            struct shared *s = shared_find(entry_number(entry));
            CHECK(s->mark <= s->refs);
            seen.unseen += s->mark != 0 ? (uint32_t)s->refs - s->mark : 0;
            s->mark = 0;
        }
    }
}

static uint32_t count_windows_away(const struct container *c)
{
    uint32_t count = 0;
    for (uint32_t page = 0, end; page < container_size(c);) {
        uint32_t first = window_next_away(&c->home, page, &end);
        count += (end - first + WINDOW_PAGES - 1) / WINDOW_PAGES;
        page = end > page ? end : group_end(&c->home, page);
    }
    return count;
}

/* Windows that exist say different things of their pages, or have a record to be deleted. */
static void check_windows(const struct container *c)
{
    uint32_t windows = 0;
    for (uint32_t page = 0; page < container_size(c);) {
        uint32_t at = window_next(&c->home, page), end = group_end(&c->home, page);
        if (at == end) {
            page = end;
            continue;
        }
        const struct window *w = window_find(&c->home, at);
        CHECK(w && at % WINDOW_PAGES == 0);
        CHECK(w && (w->recorded ? c->recorded : c->map || !window_is_uniform(w)));
        windows++;
        page = window_end(&c->home, at);
    }
    CHECK(windows == c->home.windows);
    CHECK(count_windows_away(c) == c->home.away);
    CHECK(c->home.away > 0 || (c->away.real == 0 && c->away.pages == 0 && c->away.swapped == 0));
    CHECK(c->home.away == 0 || c->recorded);
}

/* Pages in transit; those that are nobody's are found only here. */
static void check_requests(void)
{
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        const struct request *r = transfer_request(i);
        for (uint32_t k = 0; r && r->header_frame == FRAME_NONE && k < r->count; k++) {
            const struct frame *p = &frame_table[r->frames[k]];
            CHECK(p->state == (r->op == SWAP_READ ? PAGE_READING : PAGE_WRITING));
            CHECK(p->slot == r->first + k);
            CHECK(r->slots == r->count || p->twin == r->count);
            if (page_is_nobodys(r->frames[k])) {
                check_page(entry_of_frame(r->frames[k]));
            }
        }
    }
}

static uint32_t count_transit_requests(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        const struct request *r = transfer_request(i);
        count += r && r->header_frame == FRAME_NONE ? r->count : 0;
    }
    return count;
}

/* ---- tasks ---- */

static void check_handles(const struct container *c)
{
    uint32_t owners = 0;
    for (const struct list *i = c->handles.next; i != &c->handles; i = i->next) {
        const struct handle *h = LIST_ENTRY(i, struct handle, of_container);
        struct handle *found;
        CHECK(h->container == c);
        enum error e = handle_find(h->task, h->number, 0, &found);
        CHECK(e == (c->ending || h->closing ? ERR_DEAD : OK) && found == h);
        owners++;
    }
    CHECK(owners > 0 || c->module || c->ending);
    CHECK(!c->designated || c->owner->dc == (c->ending ? NULL : c));
}

/* What the task is charged for in records. */
static void check_paid(const struct task *t)
{
    uint32_t bytes = 0, count = 0;
    for (const struct list *i = t->paid.next; i != &t->paid; i = i->next) {
        CHECK(LIST_ENTRY(i, struct handle, of_payer)->payer == t);
        bytes += (uint32_t)sizeof(struct handle);
        count++;
    }
    CHECK(count == t->paid_count && bytes + seen.containers * sizeof(struct container) == t->record_bytes);
    CHECK(t->account->bytes >= t->record_bytes + sizeof *t + sizeof *t->presence);
}

static void check_containers(const struct task *t, const struct list *list,
                             void (*visit)(struct container *c), bool totals)
{
    for (const struct list *i = list->next; i != list; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        visit(c);
        seen.containers++;
        seen.away_bytes += c->away_charged;
        CHECK(c->away_charged == c->home.away * sizeof(struct window));
        seen.promised += c->real;
        seen.table_bytes += container_table_bytes(c);
        if (totals) {
            CHECK(c->owner == t && (list == &t->containers || (c->ending && c->home.windows == 0)));
            check_windows(c);
        }
        if (totals && list == &t->containers) {
            check_handles(c);
        }
    }
}

static void check_tasks(void (*visit)(struct container *c), bool totals)
{
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, all);
        seen.of_task = (struct page_counts){0};
        seen.promised = seen.table_bytes = seen.away_bytes = seen.containers = 0;
        check_containers(t, &t->containers, visit, totals);
        check_containers(t, &t->left, visit, totals);
        CHECK(seen.promised == t->promised);
        CHECK(seen.away_bytes == t->away_bytes);
        CHECK(seen.table_bytes == t->table_bytes);
        uint32_t tables = task_table_frames(t->table_bytes);
        CHECK(t->account->pages >= t->promised + tables + (t->gone ? 0 : TASK_KERNEL_PAGES));
        CHECK(t->account->tables >= task_table_frames(t->table_bytes - t->away_bytes));
        CHECK((t->presence != NULL) == (!t->gone && task_needs_presence(t)));
        bool moves = !t->ending && (t->state == TASK_MEMORY_GOING_OUT || t->inswapping);
        CHECK(!moves || (t->presence && t->presence->task == t && !list_is_empty(&t->presence->moving)));
        if (totals) {
            CHECK(counts_equal(&seen.of_task, &t->pages));
            check_paid(t);
        }
        CHECK(t->gone ? task_find(t->id) != t && !list_is_empty(&t->left) : task_find(t->id) == t);
    }
}

/* ---- frames ---- */

/* Places of the tasks' rings that name a frame. */
static uint32_t count_shields(void)
{
    uint32_t count = 0;
    for (const struct list *i = task_list.next; i != &task_list; i = i->next) {
        const struct presence *p = LIST_ENTRY(i, const struct task, all)->presence;
        for (uint32_t place = 0; p && place < SHIELDS_PER_TASK; place++) {
            count += p->shields.frames[place] != FRAME_NONE;
        }
    }
    return count;
}

static uint32_t count_free(bool low)
{
    uint32_t listed = 0;
    for (frame_t f = frame_first_free(low); f != FRAME_NONE && listed <= frame_counts.total;
         f = frame_table[f].next) {
        CHECK(frame_table[f].kind == FRAME_FREE);
        listed++;
    }
    return listed;
}

static void check_frames(void)
{
    uint32_t kinds[FRAME_QUARANTINED + 1] = {0}, transit = 0, shields = 0;
    for (frame_t f = 0; f < frame_table_count; f++) {
        const struct frame *frame = &frame_table[f];
        kinds[frame->kind]++;
        shields += frame->shields;
        CHECK(frame->shield_end == 0 || (frame->kind == FRAME_PAGE && frame->shields > 0));
        CHECK(frame->kind == FRAME_PAGE || !frame->mapped);
        if (frame->kind == FRAME_PAGE) {
            CHECK(frame->state != PAGE_NONE);
            transit += page_in_transit(f);
        }
    }
    uint32_t low = count_free(true), listed = low + count_free(false);
    CHECK(low == frame_counts.free_low);
    CHECK(listed == kinds[FRAME_FREE] && listed == frame_counts.free);
    CHECK(adds_up(seen.frames, kinds[FRAME_PAGE]));
    CHECK(kinds[FRAME_TABLE] == frame_counts.tables);
    CHECK(kinds[FRAME_IMAGE] == frame_counts.image);
    CHECK(kinds[FRAME_QUARANTINED] == frame_counts.quarantined);
    CHECK(frame_table_count - kinds[FRAME_ABSENT] == frame_counts.total);
    CHECK(transit == count_transit_requests() && transit == page_totals.transit);
    CHECK(shields == count_shields());
}

struct check_result check_everything(void)
{
    result = (struct check_result){0, 0};
    memset(&seen, 0, sizeof seen);
    check_tasks(count_refs, true);
    check_tasks(compare_refs, false);
    check_requests();
    CHECK(platform_stack_left() >= STACK_LEFT_LEAST);
    CHECK(seen.unseen <= away_totals.shared);
    CHECK(adds_up(seen.pages + seen.away_pages, contract_promised()));
    CHECK(seen.wired == page_totals.wired);
    CHECK(adds_up(seen.slots + away_totals.slots, slot_counts.used));
    CHECK(adds_up(seen.twins, page_totals.twins));
    CHECK(adds_up(seen.spare, page_totals.spare));
    CHECK(slot_counts.used + slot_counts.bad <= slot_counts.total);
    check_frames();
    CHECK(parking_check() == 0);
    return result;
}
