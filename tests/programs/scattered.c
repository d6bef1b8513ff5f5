/* SPDX-License-Identifier: BSD-2-Clause */
/* scattered MIB TIMES: reads and writes pages of that much memory at random places, so that nearly
 * each one needs a page table of its own, and checks what they hold. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MIB_MAX = 1024, PAGE_WORDS = 1024, PAGES_OF_MIB = 256 };

static uint16_t visits[MIB_MAX * PAGES_OF_MIB];

int main(int argc, char **argv)
{
    unsigned long mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long times = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (mib < 1 || mib > MIB_MAX || times < 1) {
        puts("usage: scattered MIB TIMES");
        return 2;
    }
    uint32_t *words = malloc(mib << 20), random = 1;
    if (words == NULL) {
        puts("no memory");
        return 1;
    }
    for (unsigned long i = 0; i < times; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t page = (random >> 8) % (mib * PAGES_OF_MIB);
        uint32_t *word = words + (size_t)page * PAGE_WORDS;
        if (*word != visits[page] * (page + 1)) {
            printf("page %u is wrong\n", (unsigned)page);
            free(words);
            return 1;
        }
        visits[page]++;
        *word += page + 1;
    }
    free(words);
    printf("%lu places, all right\n", times);
    return 0;
}
