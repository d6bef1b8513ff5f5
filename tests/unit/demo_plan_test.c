// sources:
/* SPDX-License-Identifier: BSD-2-Clause */
/* The results that the demo (apps/demo/plan.h) expects of its tasks, computed on the host: the
 * hogs' hashes from their model, the sum of apps/lua/demo.lua without Lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../apps/demo/plan.h"
#include "../../apps/hog/hog_model.h"

static int failures;

#define CHECK(x)                                                                                             \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            printf("# failed: %s:%d: %s\n", __FILE__, __LINE__, #x);                                         \
            failures++;                                                                                      \
        }                                                                                                    \
    } while (0)

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

static uint32_t hog_hash(const struct plan_entry *p)
{
    struct hog h;
    uint8_t *writes = calloc(p->pages, 1);
    hog_init(&h, p->pages, p->seed, false, writes);
    hog_run(&h, p->pattern);
    free(writes);
    return h.hash;
}

int main(void)
{
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        const struct plan_entry *p = &plan[i];
        uint32_t want = p->kind == PLAN_HOG ? hog_hash(p) : p->kind == PLAN_LUA ? lua_sum(p->seed) : 0;
        if (want != p->expected) {
            printf("# failed: apps/demo/plan.h: %s expects 0x%08x, should be 0x%08x\n", p->name, p->expected,
                   want);
            failures++;
        }
    }
    CHECK(PLAN_COUNT >= 3);
    printf("KTAP version 1\n1..1\n%s 1 - what the demo expects of its tasks\n", failures ? "not ok" : "ok");
    return failures != 0;
}
