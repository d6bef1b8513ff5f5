// sources:
/* SPDX-License-Identifier: BSD-2-Clause */
/* hog's model: the permutation is one, every pattern touches what it should, hashes tell runs
 * apart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../apps/hog/hog_model.h"
#include "check.h"

enum { ZIPF_SUM = 534861430 };

static uint32_t *memory; /* a real memory, as in hog itself */

static void access_memory(struct hog *h, uint32_t page, bool write)
{
    for (uint32_t k = 0; k < HOG_PAGE_WORDS; k += h->stride) {
        uint32_t *w = &memory[page * HOG_PAGE_WORDS + k];
        if (write) {
            *w = hog_word(h, page, k);
        } else {
            CHECK(*w == hog_word(h, page, k));
            hog_mix(h, *w);
        }
    }
}

static uint32_t hash_of(uint32_t pages, const char *pattern, uint32_t seed, bool full, bool real)
{
    struct hog h;
    uint8_t *writes = calloc(pages, 1);
    hog_init(&h, pages, seed, full, writes);
    if (real) {
        memory = calloc(pages, 4096);
        h.access = access_memory;
    }
    hog_run(&h, pattern);
    if (real) {
        free(memory);
    }
    free(writes);
    return h.hash;
}

static void test_permutation(uint32_t pages, uint32_t seed)
{
    struct hog h;
    uint8_t *seen = calloc(pages, 1);
    hog_init(&h, pages, 0, false, seen);
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t p = hog_perm(&h, i, seed);
        CHECK(p < pages && !seen[p]);
        seen[p] = 1;
    }
    free(seen);
}

static void test_patterns(void)
{
    static const char *const patterns[] = {"fill",      "seqread",   "randread", "seqwrite",
                                           "randwrite", "zipf:5000", "zipf"};
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        CHECK(hog_pattern_known(patterns[i]));
        uint32_t hash = hash_of(300, patterns[i], 7, false, false);
        CHECK(hash == hash_of(300, patterns[i], 7, false, true));
        CHECK(hash_of(300, patterns[i], 7, true, false) == hash_of(300, patterns[i], 7, true, true));
        CHECK(hash != hash_of(300, patterns[i], 8, false, false));
        CHECK(hash != hash_of(301, patterns[i], 7, false, false));
    }
    CHECK(!hog_pattern_known("") && !hog_pattern_known("zip") && !hog_pattern_known("zipf:") &&
          !hog_pattern_known("zipf:12x") && !hog_pattern_known("fillx"));
}

/* Ranks come out of floating point: pin them down, so that another compiler or FPU shows. */
static void test_zipf(void)
{
    struct hog h;
    uint8_t writes[1] = {0};
    uint32_t low = 0, sum = 0;
    hog_init(&h, 10000, 0, false, writes);
    hog_set_precision();
    h.zipf_low = hog_root100(0.5);
    h.zipf_high = hog_root100(h.pages + 0.5);
    for (int i = 0; i < 100000; i++) {
        uint32_t r = hog_zipf(&h);
        CHECK(r < h.pages);
        low += r < 100;
        sum = sum * 31 + r;
    }
    CHECK(low > 40000 && low < 65000);
    CHECK(sum == ZIPF_SUM);
}

int main(void)
{
    test_permutation(1, 77);
    test_permutation(1000, 77);
    test_permutation(4096, 78);
    test_permutation(12345, 0x5eed);
    test_patterns();
    test_zipf();
    printf("KTAP version 1\n1..1\n%s 1 - hog's model\n", failures ? "not ok" : "ok");
    return failures != 0;
}
