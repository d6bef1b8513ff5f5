/* SPDX-License-Identifier: BSD-2-Clause */
/* An attack's first thread: tells the runner when it begins, runs, and tells what came of it. */
#include "attack.h"
#include "touch.h"

#include <stddef.h>
#include <string.h>

#include "client/rpc.h"
#include "l4/syscalls.h"
#include "pager/pager.h"
#include "pilotfish/thread.h"
#include "protocol/physmem.h"

enum { PAUSE_US = 2000, STACK_PAGES = 4 };

static struct outcome outcome;

bool attack_touch(volatile char *page)
{
    return attack_got(touch_page(page));
}

void attack_begins(void)
{
    (void)L4_Send(target.runner, L4_MsgTag(HOSTILE_READY, 0, 0));
}

bool attack_goes_on(void)
{
    static bool stopped;
    outcome.rounds++;
    if (!stopped) {
        L4_MsgTag_t tag = L4_Receive_Timeout(target.runner, L4_ZeroTime);
        stopped = L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_STOP;
    }
    return !stopped;
}

void attack_waits(void)
{
    do {
        L4_Sleep(L4_TimePeriod(PAUSE_US));
    } while (attack_goes_on());
}

bool attack_got(enum error e)
{
    if (e != OK) {
        outcome.refusals++;
        outcome.error = e;
    }
    return e == OK;
}

void attack_has(unsigned count)
{
    outcome.crowd += count;
}

unsigned attack_threads(void (*function)(void *), unsigned count)
{
    unsigned started = 0;
    while (started < count && attack_got(thread_start(function, (void *)started, STACK_PAGES, NULL))) {
        started++;
    }
    return started;
}

enum error attack_call(L4_Word_t label, const L4_Word_t *in, unsigned count, L4_Word_t *out)
{
    return rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, label, in, count, out, 1);
}

uint32_t attack_random(uint32_t bound)
{
    static uint32_t random = 1;
    random = random * 1664525 + 1013904223;
    return (random >> 8) % bound;
}

char *attack_memory(L4_Word_t pages)
{
    void *address = NULL;
    return attack_got(pager_map_anonymous(pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address)) ? address
                                                                                                  : NULL;
}

const struct attack *attack_find(const char *name)
{
    for (unsigned i = 0; i < attack_count; i++) {
        if (strcmp(attacks[i].name, name) == 0) {
            return &attacks[i];
        }
    }
    return NULL;
}

int be_attack(const char *name)
{
    const struct attack *attack = attack_find(name);
    if (!attack) {
        return 2;
    }
    if (!(attack->flags & ATTACK_SETS_UP)) {
        attack_begins();
    }
    attack->run();
    const L4_Word_t words[WORDS_PER_OUTCOME] = {outcome.rounds, outcome.refusals, outcome.error,
                                                outcome.crowd};
    for (unsigned i = 0; i < WORDS_PER_OUTCOME; i++) {
        L4_LoadMR(1 + i, words[i]);
    }
    (void)L4_Send(target.runner, L4_MsgTag(HOSTILE_END, WORDS_PER_OUTCOME, 0));
    return 0;
}
