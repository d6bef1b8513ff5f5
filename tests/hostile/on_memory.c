/* SPDX-License-Identifier: BSD-2-Clause */
/* Attacks by the use of memory: filling it, scattering over it, faulting in it. */
#include "attack.h"
#include "attacks.h"

#include <stddef.h>

#include "client/physmem.h"
#include "l4/syscalls.h"
#include "../perf/spread.h"
#include "pager/pager.h"

enum {
    SPREAD = 4096,
    SCATTERED_PAGES = 300 * 256,
    FILLED_PAGES = 16 * 256, /* at a time */
    HUGE_REGION_PAGES = 256 * 1024,
    PLACES = 400,
    CROWD = 100,
    CROWD_PAGES = 4 * 256,
    REGIONS_MAX = 100 * 1000,
};

static struct memory_info memory(void)
{
    struct memory_info info = {0};
    (void)physmem_memory_info(&info);
    return info;
}

/* No attack: uses as much memory as the victim, computes a little, and never stops. */
void neighbour(void)
{
    struct memory_info info = memory();
    L4_Word_t pages = (info.frames_total - info.frames_wired) * 5 / 8;
    char *area = attack_memory(pages);
    while (attack_goes_on()) {
        volatile L4_Word_t *words = (volatile L4_Word_t *)(area + attack_random(pages) * PAGE_SIZE);
        for (unsigned k = 0; k < PAGE_SIZE / sizeof(*words); k++) {
            words[k] += k;
        }
    }
}

void spin(void)
{
    while (attack_goes_on()) {
        for (volatile unsigned i = 0; i < 1000; i++) {
        }
    }
}

/* One page more; returns whether it was had. */
static bool take_page(void)
{
    static char *area;
    static L4_Word_t page = FILLED_PAGES;
    if (page == FILLED_PAGES) {
        char *more = attack_memory(FILLED_PAGES);
        area = more ? more : area;
        page = more ? 0 : page;
    }
    bool had = page < FILLED_PAGES && attack_touch(area + page * PAGE_SIZE);
    page += had;
    return had;
}

void fill(void)
{
    while (attack_goes_on()) {
        (void)take_page();
    }
}

/* Has all that it may have, and asks for more. */
void full(void)
{
    while (take_page()) {
    }
    attack_begins();
    fill();
}

/* More places than there can be page tables. */
void scatter(void)
{
    char *area = attack_memory(SCATTERED_PAGES);
    while (area && attack_goes_on()) {
        (void)attack_touch(area + attack_random(SCATTERED_PAGES) * PAGE_SIZE);
    }
}

/* A hole in a large region that was never touched. */
void unmap_halves(void)
{
    do {
        char *area = attack_memory(HUGE_REGION_PAGES);
        if (area) {
            L4_Word_t half = HUGE_REGION_PAGES / 2 * PAGE_SIZE;
            (void)attack_got(pager_unmap(area + half, half));
            (void)attack_got(pager_unmap(area, half));
        }
    } while (attack_goes_on());
}

void regions(void)
{
    static void *addresses[REGIONS_MAX];
    do {
        unsigned count = 0;
        while (count < REGIONS_MAX && attack_goes_on() &&
               attack_got(pager_map_anonymous(PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &addresses[count]))) {
            count++;
        }
        for (unsigned i = 0; i < count / 2 && attack_goes_on(); i++) {
            (void)attack_got(pager_unmap(addresses[2 * i], PAGE_SIZE));
        }
    } while (attack_goes_on());
}

/* A page of many mappings is unmapped from all of them. */
void map_one_page_often(void)
{
    static char *places[PLACES];
    handle_t handle = HANDLE_NONE;
    unsigned count = 0;
    void *address;
    (void)attack_got(physmem_create(1, 0, &handle));
    while (count < PLACES && attack_goes_on() &&
           attack_got(pager_map_container(handle, 0, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address))) {
        places[count++] = address;
    }
    while (attack_goes_on()) {
        for (unsigned i = 0; i < count; i++) {
            (void)attack_touch(places[i]);
        }
        (void)physmem_zero(handle, 0, 1);
    }
}

/* The same, but physmem hears of one of the mappings alone. */
void spread_one_page(void)
{
    handle_t handle = HANDLE_NONE;
    void *address;
    if (!attack_got(physmem_create(1, 0, &handle)) ||
        !attack_got(pager_map_container(handle, 0, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address))) {
        return;
    }
    while (attack_goes_on()) {
        (void)attack_touch(address);
        (void)spread_page(address, SPREAD);
        (void)physmem_zero(handle, 0, 1);
    }
}

static char *crowded;

static void fault_for_ever(void *argument)
{
    uint32_t random = (uint32_t)argument;
    for (;;) {
        random = random * 1664525 + 1013904223;
        *(volatile char *)(crowded + (random >> 8) % CROWD_PAGES * PAGE_SIZE) = 1;
        L4_Sleep(L4_TimePeriod(1000));
    }
}

/* Many threads whose faults wait for the disk at once. */
void fault_in_crowds(void)
{
    crowded = attack_memory(CROWD_PAGES);
    if (crowded) {
        (void)attack_threads(fault_for_ever, CROWD);
    }
    attack_begins();
    attack_waits();
}
