// sources: apps/demo/plan.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The results that the demo (apps/demo/plan.h) expects of its tasks, computed on the host: the
 * hogs' hashes from their model, the sum of apps/lua/demo.lua without Lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../apps/demo/plan.h"
#include "../../apps/hog/hog_model.h"
#include "check.h"

static uint32_t sum = 2166136261u, seed = 12345;

static void mix(uint32_t n)
{
    sum = (sum ^ n) * 16777619u;
}

static uint32_t rnd(uint32_t bound)
{
    seed = (seed * 1103515245u + 12345) & 0x7fffffff;
    return (seed >> 8) % bound;
}

static void primes(uint32_t limit)
{
    char *composite = calloc(limit + 1, 1);
    for (uint32_t i = 2; i <= limit; i++) {
        if (!composite[i]) {
            mix(i);
            for (uint32_t k = i * i; k <= limit; k += i) {
                composite[k] = 1;
            }
        }
    }
    free(composite);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sorting(uint32_t count)
{
    uint32_t *list = calloc(count, sizeof(*list));
    for (uint32_t i = 0; i < count; i++) {
        list[i] = rnd(1000000);
    }
    qsort(list, count, sizeof(*list), compare);
    for (uint32_t i = 0; i < count; i++) {
        mix(list[i]);
    }
    free(list);
}

static void tree(uint32_t count)
{
    static uint32_t times[100000];
    memset(times, 0, sizeof(times));
    for (uint32_t i = 0; i < count; i++) {
        times[rnd(100000)]++;
    }
    for (uint32_t key = 0; key < 100000; key++) {
        if (times[key]) {
            mix(key);
            mix(times[key]);
        }
    }
}

static void strings(uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        char part[32];
        sprintf(part, "%05u:", rnd(100000));
        for (uint32_t k = 0; k < i % 7 / 2; k++) {
            strcat(part, "Y");
        }
        strcat(part, i % 7 % 2 ? "X" : "");
        strcat(part, i < count ? "," : "");
        for (const char *c = part; *c; c++) {
            mix((unsigned char)*c);
        }
    }
}

static uint32_t lua_sum(uint32_t rounds)
{
    for (uint32_t round = 1; round <= rounds; round++) {
        primes(2000 * round);
        sorting(3000);
        tree(2000);
        strings(1000);
    }
    return sum;
}

static uint32_t hog_hash(const struct plan_entry *p, uint32_t pages)
{
    struct hog h;
    uint8_t *writes = calloc(pages, 1);
    hog_init(&h, pages, p->seed, false, writes);
    hog_run(&h, p->pattern);
    free(writes);
    return h.hash;
}

static void compare_result(const char *name, uint32_t pages, uint32_t expected, uint32_t right)
{
    if (expected != right) {
        printf("# failed: apps/demo/plan.*: %s, %u pages, expects 0x%08x, should be 0x%08x\n", name, pages,
               expected, right);
        failures++;
    }
}

static void test_results(void)
{
    for (unsigned s = 0; s < PLAN_SIZES; s++) {
        for (unsigned i = 0; i < PLAN_HOGS; i++) {
            compare_result(plan[i].name, plan_sizes[s].pages, plan_sizes[s].expected[i],
                           hog_hash(&plan[i], plan_sizes[s].pages));
        }
    }
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        CHECK((plan[i].kind == PLAN_HOG) == (i < PLAN_HOGS));
        if (plan[i].kind == PLAN_LUA) {
            compare_result(plan[i].name, 0, plan[i].expected, lua_sum(plan[i].seed));
        }
    }
}

static uint32_t count_running(const struct plan_choice *c)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        count += c->runs[i];
    }
    return count;
}

/* Whatever room there is: what is chosen fits into it, says what it needs, and shrinks with it. */
static void test_every_room(void)
{
    struct plan_choice last = {.size = &plan_sizes[PLAN_SIZES - 1]};
    for (uint32_t room = 0; room < 20000; room++) {
        struct plan_choice c;
        uint32_t pages = 0;
        bool any = plan_choose(room, &c);
        for (unsigned i = 0; i < PLAN_COUNT; i++) {
            pages += c.runs[i] ? plan_needs(&plan[i], c.size) : 0;
        }
        CHECK(pages == c.pages && pages <= room);
        CHECK(any == (count_running(&c) > 0) && any == (room >= PLAN_HELLO_NEEDS));
        CHECK(count_running(&c) >= count_running(&last));
        CHECK(c.size->pages >= last.size->pages || count_running(&c) > count_running(&last));
        last = c;
    }
    CHECK(count_running(&last) == PLAN_COUNT && last.size == &plan_sizes[0]);
}

static void test_borders(void)
{
    struct plan_choice c;
    uint32_t smallest = plan_sizes[PLAN_SIZES - 1].pages + PLAN_HOG_NEEDS;
    uint32_t all = PLAN_HOGS * (plan_sizes[0].pages + PLAN_HOG_NEEDS) + PLAN_LUA_NEEDS + PLAN_HELLO_NEEDS;
    CHECK(plan_choose(all, &c) && c.size == &plan_sizes[0] && c.pages == all);
    CHECK(plan_choose(all - 1, &c) && c.size == &plan_sizes[1] && count_running(&c) == PLAN_COUNT);
    CHECK(plan_choose(UINT32_MAX, &c) && c.size == &plan_sizes[0]);
    all = PLAN_HOGS * smallest + PLAN_LUA_NEEDS + PLAN_HELLO_NEEDS;
    CHECK(plan_choose(all, &c) && count_running(&c) == PLAN_COUNT);
    CHECK(plan_choose(all - 1, &c) && count_running(&c) == PLAN_COUNT - 1 && !c.runs[PLAN_HOGS]);
    CHECK(plan_choose(smallest + PLAN_HELLO_NEEDS, &c) && count_running(&c) == 2);
    CHECK(plan_choose(PLAN_HELLO_NEEDS, &c) && c.runs[PLAN_COUNT - 1] && count_running(&c) == 1);
    CHECK(!plan_choose(PLAN_HELLO_NEEDS - 1, &c) && count_running(&c) == 0);
}

static void run(unsigned number, const char *name, void (*test)(void))
{
    int before = failures;
    test();
    printf("%s %u - %s\n", failures > before ? "not ok" : "ok", number, name);
}

int main(void)
{
    printf("KTAP version 1\n1..3\n");
    run(1, "what the demo expects of its tasks", test_results);
    run(2, "for every room, what is chosen fits", test_every_room);
    run(3, "where the choice changes", test_borders);
    return failures != 0;
}
