/* SPDX-License-Identifier: BSD-2-Clause */
/* hog PAGES|xN PATTERN [SEED] [full] [time] [expect=HASH]: uses memory in one of the patterns of
 * hog_model.h, verifies every word it reads, and prints one line with a hash.  xN: N times the
 * frames of the machine.  Status: 0 all well, 1 a word was wrong, 2 usage, 3 no memory, 4 not the
 * expected hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/physmem.h"
#include "hog_model.h"
#include "l4/syscalls.h"
#include "pager/pager.h"

static uint32_t wrong_words;

static void report_wrong(uint32_t page, uint32_t k, uint32_t is, uint32_t want)
{
    if (wrong_words++ < 10) {
        printf("hog: page %lu word %lu is 0x%08lx, should be 0x%08lx\n", (unsigned long)page,
               (unsigned long)k, (unsigned long)is, (unsigned long)want);
    }
}

static void access_memory(struct hog *h, uint32_t page, bool write)
{
    volatile uint32_t *words = (volatile uint32_t *)h->context + (size_t)page * HOG_PAGE_WORDS;
    for (uint32_t k = 0; k < HOG_PAGE_WORDS; k += h->stride) {
        uint32_t want = hog_word(h, page, k);
        if (write) {
            words[k] = want;
            continue;
        }
        uint32_t is = words[k];
        if (is != want) {
            report_wrong(page, k, is, want);
        }
        hog_mix(h, is);
    }
}

static uint32_t parse_pages(const char *s)
{
    char *end;
    bool times = *s == 'x';
    unsigned long n = strtoul(s + times, &end, 0);
    struct memory_info info;
    if (*end || n == 0 || n > (1ul << 19)) {
        return 0;
    }
    if (!times) {
        return (uint32_t)n;
    }
    return physmem_memory_info(&info) == OK && n < 1024 ? (uint32_t)n * info.frames_total : 0;
}

static void timed(const char *phase, bool print, struct hog *h, uint32_t accesses, L4_Word64_t since)
{
    if (print && h->accesses > accesses) {
        printf("hog: phase %s accesses %lu us %llu\n", phase, (unsigned long)(h->accesses - accesses),
               (unsigned long long)(L4_SystemClock() - since));
    }
}

static void run(struct hog *h, const char *pattern, bool times)
{
    L4_Word64_t since = L4_SystemClock();
    uint32_t accesses = 0;
    hog_fill(h);
    timed("fill", times, h, accesses, since);
    since = L4_SystemClock(), accesses = h->accesses;
    hog_main_phase(h, pattern);
    timed(pattern, times, h, accesses, since);
    since = L4_SystemClock(), accesses = h->accesses;
    hog_each(h, false);
    timed("verify", times, h, accesses, since);
}

struct options {
    uint32_t pages, seed, expected;
    const char *pattern;
    bool full, times, expects;
};

static bool parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.pages = argc > 1 ? parse_pages(argv[1]) : 0, .pattern = argc > 2 ? argv[2] : ""};
    o->seed = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0;
    for (int i = 4; i < argc; i++) {
        if (strcmp(argv[i], "full") == 0) {
            o->full = true;
        } else if (strcmp(argv[i], "time") == 0) {
            o->times = true;
        } else if (strncmp(argv[i], "expect=", 7) == 0) {
            o->expects = true;
            o->expected = (uint32_t)strtoul(argv[i] + 7, NULL, 0);
        } else {
            return false;
        }
    }
    return o->pages != 0 && hog_pattern_known(o->pattern);
}

static int report(const struct hog *h, const struct options *o)
{
    const char *verdict = "";
    int status = 0;
    if (wrong_words) {
        verdict = " WRONG", status = 1;
    } else if (o->expects && h->hash != o->expected) {
        verdict = " NOT AS EXPECTED", status = 4;
    }
    printf("hog: %lu pages pattern %s seed %lu hash 0x%08lx%s\n", (unsigned long)o->pages, o->pattern,
           (unsigned long)o->seed, (unsigned long)h->hash, verdict);
    return status;
}

int main(int argc, char **argv)
{
    struct options o;
    if (!parse(argc, argv, &o)) {
        fprintf(stderr,
                "usage: hog PAGES|xN fill|seqread|randread|seqwrite|randwrite|zipf[:N] [SEED] [full] [time] "
                "[expect=HASH]\n");
        return 2;
    }
    uint8_t *writes = calloc(o.pages, 1);
    void *area = NULL;
    enum error e = pager_map_anonymous((size_t)o.pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area);
    if (!writes || e != OK) {
        fprintf(stderr, "hog: no memory for %lu pages: %s\n", (unsigned long)o.pages, error_text(e));
        free(writes);
        return 3;
    }
    struct hog h;
    hog_init(&h, o.pages, o.seed, o.full, writes);
    h.access = access_memory;
    h.context = area;
    run(&h, o.pattern, o.times);
    return report(&h, &o);
}
