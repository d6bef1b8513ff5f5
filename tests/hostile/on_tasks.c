/* SPDX-License-Identifier: BSD-2-Clause */
/* Attacks by tasks and threads. */
#include "attack.h"
#include "attacks.h"

#include <stddef.h>

#include "client/physmem.h"
#include "client/task.h"
#include "l4/syscalls.h"
#include "pager/pager.h"

enum { BROOD = 3 };
enum { TOUCHED_PAGES = 1024, THREADS = 200, CHILD_QUOTA = TOUCHED_PAGES + 200 };
enum { BOMBS = 320, CHILDREN_MAX = 6000 };

int be_toucher(L4_Word_t pages)
{
    char *area = attack_memory(pages);
    for (L4_Word_t page = 0; area && page < pages; page++) {
        area[page * PAGE_SIZE] = 1;
    }
    L4_Sleep(L4_Never);
    return 0;
}

static bool start_toucher(L4_Word_t *task)
{
    static const char *const words[] = {"touch", "1024"};
    return attack_got(spawn(words, 2, 0, task, NULL));
}

static L4_Word_t children[CHILDREN_MAX];
static unsigned child_count;

static bool start_child(const char *const *words, unsigned count, L4_Word_t quota, unsigned most)
{
    bool started = child_count < most && attack_got(spawn(words, count, quota, &children[child_count], NULL));
    child_count += started;
    return started;
}

/* More and more children, and at the end none of them. */
static void children_of(const char *const *words, unsigned count, L4_Word_t quota, unsigned most)
{
    while (attack_goes_on()) {
        if (!start_child(words, count, quota, most)) {
            L4_Sleep(L4_TimePeriod(1000));
        }
    }
    for (unsigned i = 0; i < child_count; i++) {
        (void)task_kill(children[i], 0);
        (void)task_wait(children[i], NULL);
    }
}

/* Each of them uses 4 MiB once. */
void fork_bomb(void)
{
    static const char *const words[] = {"touch", "1024"};
    children_of(words, 2, CHILD_QUOTA, BOMBS);
}

/* The same, where nothing but what there is bounds them: page tables and mappings of all together
 * are more than the kernel can have on a small machine. */
void sixty_touchers(void)
{
    static const char *const words[] = {"touch", "1024"};
    children_of(words, 2, 0, 60);
}

/* They have ended, and nobody waits for them: as many as there may be, and then more.  Those that
 * are about to end may use up what there is for a while. */
void zombies(void)
{
    enum { REFUSALS = 50 };
    static const char *const words[] = {"exit"};
    for (unsigned refused = 0; refused < REFUSALS;) {
        if (start_child(words, 1, 0, CHILDREN_MAX)) {
            refused = 0;
        } else {
            refused++;
            L4_Sleep(L4_TimePeriod(2000));
        }
    }
    attack_has(child_count);
    attack_begins();
    children_of(words, 1, 0, CHILDREN_MAX);
}

/* Spaces that end with many mappings. */
void kill_full_spaces(void)
{
    L4_Word_t task;
    struct task_memory info;
    while (attack_goes_on()) {
        if (!start_toucher(&task)) {
            continue;
        }
        while (physmem_task_info(task, &info) == OK && info.promised < TOUCHED_PAGES && attack_goes_on()) {
            L4_Sleep(L4_TimePeriod(1000));
        }
        (void)attack_got(task_kill(task, 0));
        (void)attack_got(task_wait(task, NULL));
    }
}

static void wait_for_ever(void *argument)
{
    (void)argument;
    L4_Sleep(L4_Never);
}

void thread_flood(void)
{
    do {
        (void)attack_threads(wait_for_ever, THREADS);
    } while (attack_goes_on());
}

int be_breeder(void)
{
    static const char *const words[] = {"touch", "16"};
    for (unsigned i = 0; i < BROOD; i++) {
        (void)spawn(words, 2, 0, NULL, NULL);
    }
    return 0;
}

/* Tasks whose parents have ended. */
void orphans(void)
{
    static const char *const words[] = {"breeder"};
    L4_Word_t task;
    while (attack_goes_on()) {
        if (attack_got(spawn(words, 1, 0, &task, NULL))) {
            (void)attack_got(task_wait(task, NULL));
        }
    }
}

int be_lost(L4_Word_t kind)
{
    const L4_ThreadId_t nobody[] = {L4_nilthread, L4_Myself(), L4_GlobalId(USER_BASE + 1000, TASK_ID_LAST)};
    volatile char *page = attack_memory(1);
    if (kind < 3) {
        L4_Set_Pager(nobody[kind]);
        *page = 1;
    } else {
        L4_Set_ExceptionHandler(nobody[kind % 3]);
        __asm__ volatile("ud2");
    }
    return 0;
}

/* Threads that nobody helps: their tasks end, and whoever waits for them hears of it. */
void lost_threads(void)
{
    static const char *const kinds[] = {"0", "1", "2", "3", "4", "5"};
    const char *words[] = {"lost", NULL};
    L4_Word_t task;
    struct task_status status;
    for (unsigned i = 0; attack_goes_on(); i++) {
        words[1] = kinds[i % 6];
        if (attack_got(spawn(words, 2, 0, &task, NULL)) && attack_got(task_wait(task, &status))) {
            (void)attack_got(status.end == TASK_END_EXIT ? ERR_UNKNOWN : OK);
        }
    }
}
