/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that give physmem as much to do as they can, and none of the time is the caller's own. */
#include "attack.h"
#include "attacks.h"

#include <stddef.h>
#include <stdio.h>

#include "client/physmem.h"
#include "client/task.h"
#include "l4/syscalls.h"
#include "pager/pager.h"

enum { HUGE_PAGES = 1 << 20, HALF_PAGES = 1 << 19, STEP = 64, WINDOW = 16, TASK_SERVER = 1 };
enum { DEAD_SHARERS = 20, HANDLES_EACH = 2000, SHARER_LIMIT_US = 20 * 1000 * 1000 };

static handle_t huge(L4_Word_t flags)
{
    handle_t handle = HANDLE_NONE;
    (void)attack_got(physmem_create(HUGE_PAGES, flags, &handle));
    return handle;
}

void copy_zeros(void)
{
    L4_Word_t in[] = {huge(0), 0, huge(0), 0, HALF_PAGES}, done;
    while (attack_goes_on()) {
        (void)attack_got(attack_call(PHYSMEM_COPY, in, 5, &done));
    }
}

/* Each change is of two windows, which physmem had not. */
static void change_scattered(L4_Word_t flags, L4_Word_t label)
{
    L4_Word_t done;
    do {
        handle_t handle = huge(flags);
        for (L4_Word_t page = 0; handle != HANDLE_NONE && page < HUGE_PAGES; page += STEP) {
            L4_Word_t in[] = {handle, page + WINDOW - 1, 2};
            if (!attack_got(attack_call(label, in, 3, &done)) || !attack_goes_on()) {
                break;
            }
        }
    } while (attack_goes_on());
}

void punch_scattered(void)
{
    change_scattered(0, PHYSMEM_PUNCH);
}

/* Zeros among holes, of which the map has room for most. */
void make_windows(void)
{
    change_scattered(PHYSMEM_CREATE_HOLES, PHYSMEM_ZERO);
}

void punch_huge(void)
{
    L4_Word_t in[] = {huge(0), 0, HUGE_PAGES}, done;
    while (attack_goes_on()) {
        (void)attack_got(attack_call(PHYSMEM_PUNCH, in, 3, &done));
        (void)attack_got(attack_call(PHYSMEM_ZERO, in, 3, &done));
    }
}

void stat_huge(void)
{
    L4_Word_t in[] = {huge(0), 0}, pages;
    while (attack_goes_on()) {
        (void)attack_got(attack_call(PHYSMEM_STAT, in, 2, &pages));
    }
}

void ask_about_all(void)
{
    struct task_memory task;
    struct task_info info;
    while (attack_goes_on()) {
        (void)attack_got(physmem_task_info(L4_Version(target.victim), &task));
        (void)task_info(0, &info);
    }
}

/* What once was a walk over all frames. */
void ask_for_sums(void)
{
    struct memory_info memory;
    while (attack_goes_on()) {
        (void)attack_got(physmem_memory_info(&memory));
    }
}

/* Into the tables of the victim and of the task server, who are not asked. */
void share_flood(void)
{
    handle_t handle = HANDLE_NONE, theirs;
    (void)attack_got(physmem_create(1, 0, &handle));
    while (attack_goes_on()) {
        (void)attack_got(physmem_share(handle, L4_Version(target.victim), RIGHT_READ, &theirs));
        (void)attack_got(physmem_share(handle, TASK_SERVER, RIGHT_READ, &theirs));
    }
}

/* Gives handles to the parent's task and to the task server, tells the parent how many, and
 * ends. */
int be_sharer(L4_ThreadId_t parent)
{
    handle_t handle = HANDLE_NONE, theirs;
    L4_Word_t count = 0;
    (void)physmem_create(1, 0, &handle);
    while (count < HANDLES_EACH &&
           physmem_share(handle, count % 2 ? L4_Version(parent) : TASK_SERVER, RIGHT_READ, &theirs) == OK) {
        count++;
    }
    L4_LoadMR(1, count);
    (void)L4_Send(parent, L4_MsgTag(HOSTILE_READY, 1, 0));
    return 0;
}

/* Returns how many handles another program has left behind, which has ended. */
static unsigned sharer_comes_and_goes(void)
{
    char me[12];
    const char *const words[] = {"sharer", me};
    unsigned count = 0;
    L4_ThreadId_t thread;
    L4_Word_t task;
    (void)snprintf(me, sizeof(me), "0x%lx", (unsigned long)L4_Myself().raw);
    if (!attack_got(spawn(words, 2, 0, &task, &thread))) {
        return 0;
    }
    L4_MsgTag_t tag = L4_Receive_Timeout(thread, L4_TimePeriod(SHARER_LIMIT_US));
    if (L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_READY) {
        count = L4_StoreMR(1);
    }
    (void)attack_got(task_wait(task, NULL));
    return count;
}

void handles_of_the_dead(void)
{
    for (unsigned i = 0; i < DEAD_SHARERS; i++) {
        attack_has(sharer_comes_and_goes());
    }
    attack_begins();
    while (attack_goes_on()) {
        (void)sharer_comes_and_goes();
    }
}

/* Faults that nobody has had, of threads of its own and of others. */
void forge_forwards(void)
{
    const L4_ThreadId_t names[] = {target.victim, target.victim_pager, target.runner, pager_thread()};
    L4_Word_t address = TASK_IMAGE_BASE;
    while (attack_goes_on()) {
        (void)attack_got(physmem_forward(names[attack_random(4)], address, 1 + attack_random(4),
                                         attack_random(HUGE_PAGES), attack_random(8), RIGHT_ALL));
        address += PAGE_SIZE;
    }
}
