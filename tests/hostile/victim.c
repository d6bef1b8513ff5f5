/* SPDX-License-Identifier: BSD-2-Clause */
/* The victim: an ordinary task that computes, touches new memory, and uses more memory than its
 * share of the machine.  What it reads goes into its hash; how long it took goes to the runner. */
#include "hostile.h"
#include "touch.h"
#include "visits.h"

#include "client/physmem.h"
#include "l4/syscalls.h"
#include "pager/pager.h"

enum { TOUCHED_PAGES = 64, STEPS = 1000 };

static struct visits visits;
static uint32_t *memory;
static volatile char *touched;
static handle_t touched_handle;
static enum error problem; /* the first one of this piece of work */

static void note(enum error e)
{
    problem = problem == OK ? e : problem;
}

static L4_Word_t since(L4_Word64_t start)
{
    return (L4_Word_t)(L4_SystemClock() - start);
}

static void compute(L4_Word_t rounds)
{
    uint32_t word = 1;
    for (L4_Word_t i = 0; i < rounds * STEPS; i++) {
        word = word * 1664525 + 1013904223;
        __asm__ volatile("" : "+r"(word));
    }
}

static void touch(L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        L4_Word_t page = i % TOUCHED_PAGES;
        if (page == 0) {
            note(physmem_zero(touched_handle, 0, TOUCHED_PAGES));
        }
        note(touch_page(touched + page * PAGE_SIZE));
    }
    note(physmem_zero(touched_handle, 0, TOUCHED_PAGES));
}

static void write_page(uint32_t page)
{
    uint32_t *words = memory + page * VISITS_PAGE_WORDS;
    for (uint32_t k = 0; k < VISITS_PAGE_WORDS; k++) {
        words[k] = visits_word(page, visits.generation[page], k);
    }
}

static void visit(L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        uint32_t page = visits_next_page(&visits);
        const uint32_t *words = memory + page * VISITS_PAGE_WORDS;
        for (uint32_t k = 0; k < VISITS_PAGE_WORDS; k++) {
            visits_mix(&visits, words[k]);
        }
        visits.generation[page]++;
        write_page(page);
    }
}

static enum error set_up(L4_Word_t pages)
{
    void *address;
    if (pages == 0 || pages > VISITS_PAGES_MAX) {
        return ERR_ARGUMENT;
    }
    enum error e = pager_map_anonymous(pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address);
    if (e != OK) {
        return e;
    }
    memory = address;
    visits_start(&visits, pages);
    for (uint32_t page = 0; page < pages; page++) {
        write_page(page);
    }
    e = physmem_create(TOUCHED_PAGES, 0, &touched_handle);
    if (e != OK) {
        return e;
    }
    e = pager_map_container(touched_handle, 0, TOUCHED_PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address);
    touched = address;
    return e;
}

/* A page that it may always have: no fault needs more memory. */
static void fault_again(L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2((L4_Word_t)memory, PAGE_SHIFT), L4_FullyAccessible));
        (void)*(volatile uint32_t *)memory;
    }
}

static struct report work(const struct work *w)
{
    struct report r;
    L4_Word64_t start = L4_SystemClock();
    compute(w->computing);
    r.computing_us = since(start);
    touch(w->touches ? TOUCHED_PAGES : 0); /* frames for these may have to be cleaned first */
    start = L4_SystemClock();
    touch(w->touches);
    r.touches_us = since(start);
    fault_again(w->again ? 1 : 0); /* it may be on the disk */
    start = L4_SystemClock();
    fault_again(w->again);
    r.again_us = since(start);
    start = L4_SystemClock();
    visit(w->visits);
    r.visits_us = since(start);
    r.hash = visits.hash;
    r.error = problem;
    problem = OK;
    return r;
}

int be_victim(L4_Word_t pages)
{
    note(set_up(pages));
    if (problem != OK) {
        return (int)problem;
    }
    L4_LoadMR(1, pager_thread().raw);
    (void)L4_Send(target.runner, L4_MsgTag(HOSTILE_READY, 1, 0));
    for (;;) {
        L4_MsgTag_t tag = L4_Receive_Timeout(target.runner, L4_Never);
        if (L4_IpcFailed(tag) || L4_Label(tag) != HOSTILE_WORK) {
            continue;
        }
        struct work w = {L4_StoreMR(1), L4_StoreMR(2), L4_StoreMR(3), L4_StoreMR(4)};
        struct report r = work(&w);
        const L4_Word_t words[WORDS_PER_REPORT] = {r.computing_us, r.touches_us, r.visits_us,
                                                   r.again_us,     r.hash,       r.error};
        for (unsigned i = 0; i < WORDS_PER_REPORT; i++) {
            L4_LoadMR(1 + i, words[i]);
        }
        (void)L4_Send(target.runner, L4_MsgTag(HOSTILE_REPORT, WORDS_PER_REPORT, 0));
    }
}
