/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the attacks, one after the other, beside one victim that lives through all of them.  It
 * compares how fast the victim computes and has its faults answered (first touches of new pages,
 * where there are any, and faults at a page that it has) with how fast it is alone: of that it must
 * get its part among the threads that want the processor, but for a fifth.  How long the disk takes
 * depends on the host, and any page may be on it: so what is not enough is measured again. */
#include "attack.h"
#include "look.h"
#include "runner.h"
#include "../start_segmap.h"

#include <stdio.h>
#include <string.h>

#include "client/physmem.h"
#include "client/task.h"
#include "ktap/ktap.h"
#include "l4/syscalls.h"

enum {
    PART = 80,        /* percent of its part that the victim must get */
    DISK_PART = 40,   /* the same beside an attack that makes the disk work all the time */
    TRIES = 5,        /* for any page of the victim, its code too, may have to come from the disk */
    VISITS_LEAST = 10 /* a second */
};
enum { START_US = 100 * 1000 * 1000, STOP_US = 20 * 1000 * 1000, SETTLE_US = 5 * 1000, SETTLES = 800 };
enum { PLENTY = 1000 * 1000, TABLES_SLACK = 8, SMALL_FRAMES = 3000 };

static const struct work whole = {.computing = 4000, .touches = 2048, .visits = 64, .again = 2048};
static struct report alone;

static struct rest at_start;

static void print(const char *text)
{
    (void)fputs(text, stdout);
}

/* So that what it visits has to come from the disk, whatever was before. */
static void evict_victim(void)
{
    L4_Word_t in[] = {L4_Version(target.victim), 0};
    while (task_debug(PHYSMEM_DEBUG_EVICT, in, 2, NULL, 0) == ERR_NO_MEMORY || memory().frames_transit != 0) {
        L4_Sleep(L4_TimePeriod(SETTLE_US));
    }
}

/* ---- one attack ---- */

static bool begin(const struct attack *attack, L4_Word_t quota, L4_Word_t *task, L4_ThreadId_t *thread)
{
    char text[3][12];
    const char *words[] = {"attack", attack->name, text[0], text[1], text[2]};
    target_words(text);
    enum error e = spawn(words, 5, quota, task, thread);
    if (e != OK) {
        ktap_diagnostic("the attack does not start: %s", error_text(e));
        ktap_failed(__FILE__, __LINE__, "the attack starts");
        return false;
    }
    L4_MsgTag_t tag = L4_Receive_Timeout(*thread, L4_TimePeriod(START_US));
    EXPECT(L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_READY);
    return true;
}

/* Ends the attack: by its own will, or by force.  False: it was ended before, or by force. */
static bool end(L4_Word_t task, L4_ThreadId_t thread, struct outcome *outcome)
{
    L4_Time_t limit = L4_TimePeriod(STOP_US);
    *outcome = (struct outcome){0};
    L4_MsgTag_t tag = L4_Ipc(thread, thread, L4_Timeouts(limit, limit), L4_MsgTag(HOSTILE_STOP, 0, 0), 0);
    bool told = L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_END;
    struct task_status status;
    if (told) {
        *outcome = (struct outcome){L4_StoreMR(1), L4_StoreMR(2), L4_StoreMR(3), L4_StoreMR(4)};
    } else {
        (void)task_kill(task, 1);
    }
    enum error e = task_wait(task, &status);
    if (!told) {
        ktap_diagnostic("it ended with status %lu, %lu at 0x%lx: %s", (unsigned long)status.status,
                        (unsigned long)status.end, (unsigned long)status.address,
                        error_text((enum error)status.cause));
    }
    EXPECT_EQ(e, OK);
    return told;
}

/* The console keeps one page of its table of readers; segmap, where it works, what it uses of its
 * own memory for the first time. */
static void memory_comes_back(const struct rest *before)
{
    enum { CONSOLE_KEEPS = 1, SEGMAP_KEEPS = 4 };
    L4_Word_t most = before->promised + CONSOLE_KEEPS + (memory().map_pages > 0 ? SEGMAP_KEEPS : 0);
    struct rest now = rest();
    for (unsigned i = 0; i < SETTLES && (now.promised > most || now.wired > at_start.wired + TABLES_SLACK);
         i++) {
        L4_Sleep(L4_TimePeriod(SETTLE_US));
        now = rest();
    }
    EXPECT_LE(now.promised, most);
    EXPECT_LE(now.wired, at_start.wired + TABLES_SLACK);
}

static L4_Word_t thousandths(L4_Word_t part, L4_Word_t of)
{
    return of == 0 ? 0 : (L4_Word_t)((L4_Word64_t)part * 1000 / of);
}

static L4_Word_t each_second(L4_Word_t count, L4_Word_t us)
{
    return us == 0 ? 0 : (L4_Word_t)((L4_Word64_t)count * 1000000 / us);
}

static void tell(const struct work *work, const struct report *r)
{
    ktap_diagnostic(
        "computing: %lu %% of the processor; %lu first touches a second, %lu other faults, %lu visits",
        (unsigned long)thousandths(alone.computing_us, r->computing_us) / 10,
        (unsigned long)each_second(work->touches, r->touches_us),
        (unsigned long)each_second(work->again, r->again_us),
        (unsigned long)each_second(work->visits, r->visits_us));
}

/* In thousandths of what the victim gets alone. */
static L4_Word_t part(const struct attack *attack)
{
    return (attack->flags & ATTACK_DISK ? DISK_PART : PART) * 10u / (1 + attack->ready);
}

static void judge(const struct attack *attack, const struct report *r)
{
    EXPECT_LE(part(attack), thousandths(alone.computing_us, r->computing_us));
    if (!(attack->flags & ATTACK_NO_TOUCH)) {
        EXPECT_LE(part(attack), thousandths(alone.touches_us, r->touches_us));
    }
    EXPECT_LE(part(attack), thousandths(alone.again_us, r->again_us));
    EXPECT_LE(VISITS_LEAST, each_second(whole.visits, r->visits_us));
}

static bool is_enough(const struct attack *attack, const struct report *r)
{
    bool touches =
        attack->flags & ATTACK_NO_TOUCH || part(attack) <= thousandths(alone.touches_us, r->touches_us);
    return touches && part(attack) <= thousandths(alone.computing_us, r->computing_us) &&
           part(attack) <= thousandths(alone.again_us, r->again_us) &&
           VISITS_LEAST <= each_second(whole.visits, r->visits_us);
}

/* The victim's work beside the attack; false: it does not answer. */
static bool work_beside(const struct attack *attack, struct report *report)
{
    struct work work = whole;
    bool answered = true, enough = false;
    work.touches = attack->flags & ATTACK_NO_TOUCH ? 0 : work.touches;
    for (unsigned tries = 0; answered && !enough && tries < TRIES; tries++) {
        answered = victim_works(&work, report);
        if (answered) {
            tell(&work, report);
            EXPECT_EQ(report->error, OK);
            EXPECT(victim_hash_is_right(report));
            enough = is_enough(attack, report);
        }
    }
    return answered;
}

static void judge_crowd(const struct attack *attack, L4_Word_t crowd)
{
    if (attack->crowd > 0) {
        bool small = memory().frames_total < SMALL_FRAMES;
        ktap_diagnostic("a crowd of %lu", (unsigned long)crowd);
        EXPECT_LE(small ? attack->crowd / 2 : attack->crowd, crowd);
    }
}

static void judge_attack(const struct attack *attack, bool told, const struct outcome *outcome)
{
    if (told) {
        ktap_diagnostic("%lu rounds, %lu refused (%s)", (unsigned long)outcome->rounds,
                        (unsigned long)outcome->refusals, error_text((enum error)outcome->error));
        EXPECT(outcome->rounds > 0);
        judge_crowd(attack, outcome->crowd);
        EXPECT(outcome->refusals > 0 || !(attack->flags & ATTACK_REFUSED));
    }
    EXPECT(told || (attack->flags & ATTACK_MAY_DIE));
}

static L4_Word_t quota_of(const struct attack *attack, const struct memory_info *info)
{
    L4_Word_t quota = attack->quota ? attack->quota : 2 * info->frames_total;
    quota = quota < info->pages_limit / 2 ? quota : info->pages_limit / 2;
    return attack->flags & ATTACK_NO_QUOTA ? 0 : quota;
}

static void run(const struct attack *attack)
{
    struct memory_info info = memory();
    struct rest before = rest();
    struct report report;
    struct outcome outcome;
    L4_Word_t task, quota = quota_of(attack, &info);
    L4_ThreadId_t thread;
    evict_victim();
    if (!begin(attack, quota, &task, &thread)) {
        return;
    }
    bool answered = work_beside(attack, &report);
    struct task_memory used = {0};
    (void)physmem_task_info(task, &used);
    bool told = end(task, thread, &outcome);
    judge_attack(attack, told, &outcome);
    EXPECT_LE(used.charged, quota ? quota : PLENTY);
    EXPECT(answered);
    if (!answered) {
        EXPECT_EQ(victim_start_again(), OK);
        return;
    }
    judge(attack, &report);
    memory_comes_back(&before);
}

static void check(void)
{
    L4_Word_t out[2] = {0};
    EXPECT_EQ(task_debug(PHYSMEM_CHECK, NULL, 0, out, 2), OK);
    if (out[0] != 0) {
        ktap_diagnostic("check.c:%lu", (unsigned long)out[1]);
    }
    EXPECT_EQ(out[0], 0);
}

/* ---- all of them ---- */

static bool chosen(const struct attack *attack, int count, char **names)
{
    bool is = count == 0;
    for (int i = 0; i < count; i++) {
        is = is || strcmp(names[i], attack->name) == 0;
    }
    return is;
}

/* More than half of the machine, so that it is more than its share beside one other. */
static L4_Word_t victim_pages(void)
{
    struct memory_info info = memory();
    return (info.frames_total - info.frames_wired) * 5 / 8;
}

static void start(void)
{
    EXPECT_EQ(start_segmap(), OK);
    enum error e = victim_start(victim_pages());
    REQUIRE_EQ(e, OK);
    const struct work first = {.computing = 100, .touches = 100, .visits = 1};
    EXPECT(victim_works(&first, &alone));
    evict_victim();
    EXPECT(victim_works(&whole, &alone));
    EXPECT_EQ(alone.error, OK);
    EXPECT(victim_hash_is_right(&alone));
    tell(&whole, &alone);
    at_start = rest();
}

int run_attacks(int count, char **names)
{
    unsigned tests = 1;
    for (unsigned i = 0; i < attack_count; i++) {
        tests += chosen(&attacks[i], count, names);
    }
    ktap_start(print, tests);
    ktap_begin("the victim alone");
    start();
    if (!ktap_end()) {
        return 1;
    }
    for (unsigned i = 0; i < attack_count; i++) {
        if (chosen(&attacks[i], count, names)) {
            ktap_begin(attacks[i].name);
            run(&attacks[i]);
            check();
            (void)ktap_end();
        }
    }
    return ktap_finish();
}
