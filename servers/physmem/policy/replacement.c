/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/replacement.h"

#include "contents/container.h"
#include "contents/page.h"
#include "contents/unmap.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "base/assertion.h"
#include "ground/least.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "policy/may_go.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/policy.h"
#include "swap/swap_area.h"
#include "swap/swap_out.h"
#include "swap/transfer.h"
#include "tasks/task.h"

enum { TURNS_MAX = 5, PASS_MAX = 256, FRAMES_PER_LOOK = 6, CLUSTER_BEFORE = 15, STUCK_TICKS = 16 };
enum { TURN_TICKS = 12 }; /* of clock_now: the hand goes round no more than once in that time */
/* What more places than that name goes by itself: many have it mapped. */
enum { PLACES_FEW = 4 };

/* A run goes on from event to event: frames that its present turn may still pass, 0 = none is under
 * way; turns before; and the frames sampled last, of which those from `asked` on have not been
 * sampled yet, those from `next` on not considered, nor those from `next_clean` on for being
 * clean. */
static struct {
    uint32_t left, turns, count, asked, next, next_clean;
    frame_t sampled[UNMAP_BATCH_MAX];
} run;

/* Frames stayed short after a run: at that time, and when so many transfers had ended. */
static struct {
    bool is_so;
    uint32_t since, ended;
} stuck;

/* What the hand may still pass of a turn that began at that time.  Pages in use have to be found
 * used between two turns, or all get old at once and the clock is a FIFO. */
static struct {
    uint32_t since, left;
} turn;

void replacement_init(void)
{
    turn.since = clock_now();
    turn.left = frame_table_count;
    stuck.is_so = false;
    run.left = run.turns = run.count = run.asked = run.next = run.next_clean = 0;
}

/* Nothing has changed since the last run could do no more: no transfer has ended, and hardly any
 * time has passed. */
static bool is_stuck(void)
{
    return stuck.is_so && stuck.ended == transfer_ended() && clock_now() - stuck.since < STUCK_TICKS;
}

static void note_stuck(bool is_so)
{
    stuck.is_so = is_so;
    if (is_so) {
        stuck.since = clock_now();
        stuck.ended = transfer_ended();
    }
}

/* Frames that are free or will be, and that the kernel could be lent, but for those that somebody
 * waits for: these are as good as gone again. */
static uint32_t frames_coming(void)
{
    uint32_t free = frame_counts.free - frame_counts.free_low;
    uint32_t coming = free + transfer_pages_writing(), wanted = frame_waiters();
    return coming > wanted ? coming - wanted : 0;
}

/* One frame's accessed bits are known. */
static void note_sample(frame_t f, L4_Word_t status, bool older)
{
    if (page_note_status(f, status)) {
        policy->touched(f);
    } else if (older) {
        policy->untouched(f);
    }
}

/* Reads the accessed and dirty bits of the frames, not more than UNMAP_BATCH_MAX of them.  `older`:
 * those that have not been used get older by that.  Of a page with very many mappings the first
 * ones stand for all; such pages take so long that only some of the frames are done, and how many
 * is returned. */
static uint32_t sample(const frame_t *frames, uint32_t count, bool older)
{
    L4_Word_t status[UNMAP_BATCH_MAX];
    frame_t mapped[UNMAP_BATCH_MAX];
    uint32_t n = 0, k = 0, places = 0, end = count;
    ASSERT(count <= UNMAP_BATCH_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (frame_table[frames[i]].mapped) {
            mapped[n++] = frames[i];
            places += page_places(frames[i]);
        }
    }
    if (n > 0) {
        unmap_frames(mapped, n, places, 0, status);
    }
    for (uint32_t i = 0; i < end; i++) {
        L4_Word_t now = k < n && mapped[k] == frames[i] ? status[k++] : 0;
        end = now & UNMAP_MORE ? i + 1 : end;
        note_sample(frames[i], now, older);
    }
    return end;
}

/* A neighbour that may go out together with the victim. */
static frame_t old_neighbour(struct container *c, uint32_t page)
{
    frame_t f = container_frame(c, page);
    const struct frame *p = &frame_table[f];
    if (f == FRAME_NONE || p->home != &c->home || p->number != page || !page_may_go(f, NULL)) {
        return FRAME_NONE;
    }
    return policy->is_old(f) && page_places(f) <= PLACES_FEW ? f : FRAME_NONE;
}

/* The victim's old neighbours around it, in order, itself among them: no more than there are slots
 * for, because whoever is unmapped and then stays has faults for nothing. */
static uint32_t gather_cluster(frame_t victim, frame_t *frames)
{
    struct container *c = container_of_home(frame_table[victim].home);
    uint32_t most = least(swap_out_room(), SWAP_RUN_MAX), before = least(most - 1, CLUSTER_BEFORE);
    if (!c || most == 0) {
        frames[0] = victim;
        return 1;
    }
    uint32_t at = frame_table[victim].number, start = at, count = 0;
    while (start > 0 && at - start < before && old_neighbour(c, start - 1) != FRAME_NONE) {
        start--;
    }
    for (uint32_t i = start; i < container_size(c) && count < most; i++) {
        frame_t f = i == at ? victim : old_neighbour(c, i);
        if (f == FRAME_NONE) {
            break;
        }
        frames[count++] = f;
    }
    return count;
}

/* Sends the victim out, together with those of its old neighbours that have really not been used
 * since the last sample; those that have been keep their mappings.  The victim has just been
 * sampled. */
static enum error evict_around(frame_t victim)
{
    frame_t cluster[SWAP_RUN_MAX], frames[SWAP_RUN_MAX];
    uint32_t count = gather_cluster(victim, cluster), n = 0, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!policy->is_victim(cluster[i])) {
            frames[n++] = cluster[i];
        }
    }
    (void)sample(frames, n, false); /* who could not be asked is as old as before */
    for (uint32_t i = 0; i < count; i++) {
        if (policy->is_old(cluster[i])) {
            cluster[kept++] = cluster[i];
        }
    }
    return kept > 0 ? swap_out(cluster, kept, NULL) : OK;
}

static bool is_victim(frame_t f)
{
    return frame_may_go(f) && policy->is_victim(f); /* or it has gone with another's cluster */
}

/* The clean ones among the frames sampled last, as many as are needed: they go at once, and nothing
 * is to be had from their neighbours' going with them. */
static enum error evict_clean(uint32_t target)
{
    frame_t frames[SWAP_RUN_MAX];
    uint32_t count = 0, coming = frames_coming();
    for (; run.next_clean < run.count && count < SWAP_RUN_MAX && coming + count < target; run.next_clean++) {
        frame_t f = run.sampled[run.next_clean];
        if (is_victim(f) && !frame_table[f].dirty) {
            frames[count++] = f;
        }
    }
    return count > 0 ? swap_out(frames, count, NULL) : OK;
}

/* Evicts victims among the frames sampled last, as far as the budget goes; false: nothing more can
 * be written just now. */
static bool evict_victims(uint32_t target)
{
    while (run.next < run.count && frames_coming() < target) {
        frame_t f = run.sampled[run.next];
        if (!is_victim(f)) {
            run.next++;
            continue;
        }
        bool clean_first = run.next_clean < run.count;
        if (!clean_first) {
            swap_out_find_slots();
        }
        if (!budget_allows(BUDGET_RUN)) {
            return true;
        }
        enum error e = clean_first ? evict_clean(target) : evict_around(f);
        if (e != OK) {
            return e == ERR_BUSY && !budget_left(); /* the rest goes with the next event */
        }
    }
    return true;
}

static bool hand_may_move(void)
{
    if (clock_now() - turn.since >= TURN_TICKS) {
        turn.since = clock_now();
        turn.left = frame_table_count;
    }
    return turn.left > 0;
}

static void sample_next(void)
{
    uint32_t most = least(least(run.left, turn.left), PASS_MAX), passed;
    run.count = policy->candidates(run.sampled, UNMAP_BATCH_MAX, most, &passed);
    run.asked = run.next = run.next_clean = 0;
    ASSERT(passed > 0 && passed <= most);
    run.left -= passed;
    turn.left -= passed;
    budget_spend(passed / FRAMES_PER_LOOK * BUDGET_LOOK);
    run.asked = sample(run.sampled, run.count, true);
}

/* The others, in another event: some may have gone meanwhile. */
static void sample_rest(void)
{
    uint32_t count = run.asked;
    for (uint32_t i = run.asked; i < run.count; i++) {
        if (frame_may_go(run.sampled[i])) {
            run.sampled[count++] = run.sampled[i];
        }
    }
    run.count = count;
    run.asked += sample(run.sampled + run.asked, run.count - run.asked, true);
}

/* Goes on with the run; false: it is over. */
static bool sweep(void)
{
    uint32_t target = frame_high_mark();
    while (frames_coming() < target) {
        if (run.next == run.count) {
            if (run.left == 0 || !hand_may_move()) {
                return false;
            }
            if (!budget_allows(BUDGET_BATCH)) {
                return true;
            }
            sample_next();
        }
        while (run.asked < run.count) {
            if (!budget_allows(BUDGET_BATCH)) {
                return true;
            }
            sample_rest();
        }
        if (!evict_victims(target)) {
            return false;
        }
        if (run.next < run.count && !budget_left()) {
            return true;
        }
    }
    return false;
}

/* Whether a run is to begin: frames are short, and it can do something about that.  With a full
 * disk only what was never written can go, and that is looked for only if somebody waits. */
static bool must_start(void)
{
    if (frames_coming() >= frame_low_mark()) {
        return false;
    }
    kernel_memory_reclaim();
    return swap_area_ready() && frames_coming() < frame_low_mark() && !is_stuck() &&
           (swap_out_room() > 0 || frame_waiters() > 0);
}

/* The hand has gone round and there are not enough frames.  It goes round again at once only if
 * somebody waits. */
static bool next_turn(void)
{
    bool again = hand_may_move() && run.left == 0 && run.next == run.count &&
                 frames_coming() < frame_low_mark() && frame_waiters() > 0 && ++run.turns < TURNS_MAX;
    run.left = again ? frame_table_count : run.left;
    return again;
}

bool replacement_under_way(void)
{
    return run.left > 0 || run.next < run.count;
}

void replacement_run(void)
{
    if (!replacement_under_way()) {
        if (!must_start()) {
            return;
        }
        run.left = frame_table_count;
        run.turns = 0;
    }
    if (swap_area_ready() && (sweep() || next_turn())) {
        progress_made();
        return;
    }
    run.left = run.count = run.asked = run.next = 0;
    /* Without anybody who waits the next event may go round once more. */
    note_stuck(frames_coming() < frame_low_mark() && frame_waiters() > 0);
}

/* ---- for tests ---- */

/* The next pages of the container, from *page on, that may go; none twice. */
static uint32_t gather_evictable(const struct container *c, uint32_t *page, frame_t *frames)
{
    uint32_t count = 0;
    for (; *page < container_size(c) && count < SWAP_RUN_MAX; *page = container_next_real(c, *page + 1)) {
        frame_t f = container_frame(c, *page);
        bool again = false;
        for (uint32_t i = 0; i < count; i++) {
            again = again || frames[i] == f;
        }
        if (f != FRAME_NONE && !again && page_may_go(f, NULL)) {
            frames[count++] = f;
        }
    }
    return count;
}

enum error replacement_evict(struct task *t, const struct container *kept, uint32_t *count)
{
    frame_t frames[SWAP_RUN_MAX];
    *count = 0;
    if (!swap_area_ready()) {
        return ERR_NO_SWAP;
    }
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        const struct container *c = LIST_ENTRY(i, struct container, of_task);
        for (uint32_t page = 0, n; c != kept && (n = gather_evictable(c, &page, frames)) > 0;) {
            swap_out_find_slots();
            enum error e = swap_out(frames, n, NULL);
            if (e != OK) {
                return e;
            }
            *count += n;
        }
    }
    return OK;
}
