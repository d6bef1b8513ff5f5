/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner's side of the victim. */
#include "runner.h"
#include "visits.h"

#include <stdio.h>

#include "client/task.h"
#include "l4/syscalls.h"

/* It ends a wait for one that hangs: the disk's time is the host's, and may be long. */
enum { LIMIT_US = 120 * 1000 * 1000 };

static struct visits expected;
static L4_Word_t task;

enum error victim_start(L4_Word_t pages)
{
    char me[12], count[12];
    const char *words[] = {"victim", me, count};
    (void)snprintf(me, sizeof(me), "0x%lx", (unsigned long)L4_Myself().raw);
    (void)snprintf(count, sizeof(count), "%lu", (unsigned long)pages);
    target.runner = L4_Myself();
    enum error e = spawn(words, 3, 0, &task, &target.victim);
    if (e != OK) {
        return e;
    }
    L4_MsgTag_t tag = L4_Receive_Timeout(target.victim, L4_TimePeriod(LIMIT_US));
    if (L4_IpcFailed(tag) || L4_Label(tag) != HOSTILE_READY) {
        return ERR_IPC;
    }
    target.victim_pager.raw = L4_StoreMR(1);
    visits_start(&expected, pages);
    return OK;
}

static void expect(L4_Word_t visits)
{
    for (L4_Word_t i = 0; i < visits; i++) {
        uint32_t page = visits_next_page(&expected);
        for (uint32_t k = 0; k < VISITS_PAGE_WORDS; k++) {
            visits_mix(&expected, visits_word(page, expected.generation[page], k));
        }
        expected.generation[page]++;
    }
}

bool victim_works(const struct work *work, struct report *report)
{
    L4_Time_t limit = L4_TimePeriod(LIMIT_US);
    *report = (struct report){0};
    L4_LoadMR(1, work->computing);
    L4_LoadMR(2, work->touches);
    L4_LoadMR(3, work->visits);
    L4_LoadMR(4, work->again);
    L4_MsgTag_t tag = L4_Ipc(target.victim, target.victim, L4_Timeouts(limit, limit),
                             L4_MsgTag(HOSTILE_WORK, WORDS_PER_WORK, 0), 0);
    if (L4_IpcFailed(tag) || L4_Label(tag) != HOSTILE_REPORT) {
        return false;
    }
    *report = (struct report){L4_StoreMR(1), L4_StoreMR(2), L4_StoreMR(3),
                              L4_StoreMR(4), L4_StoreMR(5), L4_StoreMR(6)};
    expect(work->visits);
    return true;
}

enum error victim_start_again(void)
{
    struct task_status status;
    (void)task_kill(task, 1);
    (void)task_wait(task, &status);
    return victim_start(expected.pages);
}

bool victim_hash_is_right(const struct report *report)
{
    return report->hash == expected.hash;
}

void target_words(char text[3][12])
{
    const L4_ThreadId_t threads[] = {target.runner, target.victim, target.victim_pager};
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(text[i], sizeof(text[i]), "0x%lx", (unsigned long)threads[i].raw);
    }
}
