/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-calls: the calls of physmem that would take longest, one after the other.  Run under the
 * measured physmem (physmem/meter.c) it shows that none of them does; by itself it prints how many
 * calls it took to get through.  The argument is to how many addresses a page is mapped; a space's
 * kernel memory must do for that. */
#include <stdio.h>
#include <stdlib.h>

#include "client/physmem.h"
#include "client/rpc.h"
#include "l4/syscalls.h"
#include "pager/pager.h"
#include "report.h"
#include "spread.h"

enum { FEW_PLACES = 500, MANY_PLACES = 8192, SHARED_PAGES = 3 };
enum { HUGE_PAGES = 1 << 20, STEP = 1024, TOUCHED = 2000, HANDLES = 1000, CALLS_MAX = 1 << 20 };

const char program_name[] = "bench-calls";
static unsigned calls;

static enum error call(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out)
{
    calls++;
    return rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, label, in, in_count, out, 1);
}

/* A call over a range from page 0 on, until all of it is done or it is refused. */
static void over_range(L4_Word_t label, L4_Word_t handle, L4_Word_t count)
{
    for (L4_Word_t at = 0, done; at < count && calls < CALLS_MAX; at += done) {
        L4_Word_t in[] = {handle, at, count - at};
        if (call(label, in, 3, &done) != OK) {
            return;
        }
    }
}

static void copy(L4_Word_t from, L4_Word_t to, L4_Word_t count)
{
    for (L4_Word_t at = 0, done; at < count && calls < CALLS_MAX; at += done) {
        L4_Word_t in[] = {from, at, to, at, count - at};
        if (call(PHYSMEM_COPY, in, 5, &done) != OK) {
            return;
        }
    }
}

static void end(L4_Word_t label, L4_Word_t handle)
{
    L4_Word_t none;
    while (call(label, &handle, 1, &none) == ERR_BUSY && calls < CALLS_MAX) {
    }
}

/* A container with a table for each 1024 pages, as far as there is room. */
static handle_t scattered(L4_Word_t label)
{
    handle_t handle;
    require(physmem_create(HUGE_PAGES, label == PHYSMEM_ZERO ? PHYSMEM_CREATE_HOLES : 0, &handle),
            "creating");
    for (L4_Word_t page = 0; page < HUGE_PAGES; page += STEP) {
        L4_Word_t in[] = {handle, page, 1}, done;
        if (call(label, in, 3, &done) != OK) {
            break;
        }
    }
    return handle;
}

static void touched_pages(void)
{
    handle_t handle, other;
    void *area;
    require(physmem_create(TOUCHED, 0, &handle), "creating");
    require(physmem_create(TOUCHED, 0, &other), "creating");
    require(pager_map_container(handle, 0, TOUCHED * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "mapping");
    for (L4_Word_t page = 0; page < TOUCHED; page++) {
        ((volatile char *)area)[page * PAGE_SIZE] = 1;
    }
    copy(handle, other, TOUCHED);
    for (L4_Word_t page = 0; page < TOUCHED; page++) {
        ((volatile char *)area)[page * PAGE_SIZE] = 2;
    }
    over_range(PHYSMEM_ZERO, other, TOUCHED);
    copy(handle, other, TOUCHED);
    require(pager_unmap(area, TOUCHED * PAGE_SIZE), "unmapping");
    end(PHYSMEM_CLOSE, other);
    end(PHYSMEM_DESTROY, handle);
}

static void many_handles(void)
{
    handle_t handle;
    struct task_memory info;
    require(physmem_task_info(0, &info), "asking");
    require(physmem_create(1, 0, &handle), "creating");
    for (int i = 0; i < HANDLES; i++) {
        L4_Word_t in[] = {handle, L4_Version(L4_Myself()), RIGHT_READ}, theirs;
        (void)call(PHYSMEM_SHARE, in, 3, &theirs);
    }
    end(PHYSMEM_DESTROY, handle);
}

static volatile char *new_page(handle_t *handle)
{
    void *area;
    require(physmem_create(SHARED_PAGES, 0, handle), "creating");
    require(pager_map_container(*handle, 0, SHARED_PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area),
            "mapping");
    return area;
}

/* The page is in memory and mapped to so many addresses beside its own. */
static void spread(volatile char *page, unsigned places)
{
    *page = 1;
    require(spread_page(page, places) ? OK : ERR_KERNEL_MEMORY, "spreading");
    for (unsigned i = 0; i < places; i++) {
        (void)((volatile char *)SPREAD_START)[i * PAGE_SIZE]; /* nobody would answer a fault */
    }
}

/* Calls that take a page away which is mapped to very many addresses. */
static void spread_pages(unsigned places)
{
    handle_t handle, other;
    volatile char *page = new_page(&handle), *to = new_page(&other);
    spread(page, places);
    over_range(PHYSMEM_ZERO, handle, 1);
    spread(page, places);
    over_range(PHYSMEM_PUNCH, handle, 1);
    over_range(PHYSMEM_ZERO, handle, 1);
    spread(page, places);
    copy(handle, other, 1); /* nobody may write to it any more */
    spread(page, places);
    *page = 2; /* it gets one of its own */
    spread(to, places);
    copy(handle, other, 1); /* it is replaced */
    spread(page, places);
    end(PHYSMEM_DESTROY, handle);
    spread(to, places);
    end(PHYSMEM_CLOSE, other);
}

/* It is sampled, and goes, with others that do not. */
static void evicted_spread_page(unsigned places)
{
    handle_t handle;
    volatile char *page = new_page(&handle);
    struct memory_info memory;
    void *area;
    spread(page, places);
    require(physmem_memory_info(&memory), "asking");
    size_t filled = memory.frames_total * PAGE_SIZE;
    require(pager_map_anonymous(filled, RIGHT_READ | RIGHT_WRITE, &area), "mapping");
    for (size_t at = 0; at < filled; at += PAGE_SIZE) {
        ((volatile char *)area)[at] = 1;
    }
    require(*page == 1 ? OK : ERR_IO, "reading");
    require(pager_unmap(area, filled), "unmapping");
    end(PHYSMEM_DESTROY, handle);
}

int main(int argc, char **argv)
{
    unsigned places = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : MANY_PLACES;
    struct container_stat stat;
    handle_t huge = scattered(PHYSMEM_PUNCH), other = scattered(PHYSMEM_ZERO);
    require(physmem_stat(huge, &stat), "looking");
    copy(huge, other, HUGE_PAGES);
    over_range(PHYSMEM_ZERO, huge, HUGE_PAGES);
    over_range(PHYSMEM_PUNCH, other, HUGE_PAGES);
    copy(other, huge, HUGE_PAGES / 2);
    end(PHYSMEM_CLOSE, huge);
    end(PHYSMEM_DESTROY, other);
    touched_pages();
    many_handles();
    spread_pages(FEW_PLACES);
    spread_pages(places);
    evicted_spread_page(places);
    printf("bench hostile_calls %u calls\n", calls);
    return 0;
}
