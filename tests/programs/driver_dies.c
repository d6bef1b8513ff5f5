/* SPDX-License-Identifier: BSD-2-Clause */
/* driver_dies PAGES SEED [DEATHS]: writes and verifies pages in random order while the swap driver
 * ends again and again (`driver ata dies'), until that has happened DEATHS times; without DEATHS,
 * for ever.  Status: 0 every word was right, 1 one was wrong, 2 usage, 3 no memory. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xorshift.h"
#include "client/task.h"

enum { PAGE_WORDS = 1024, LOOK_EVERY = 16 };

static uint32_t state;

static uint32_t random_below(uint32_t bound)
{
    return xorshift(&state) % bound;
}

static uint32_t word_of(uint32_t page, uint32_t generation, uint32_t k)
{
    return (page * 2654435761u ^ generation * 40503u) + k * 97;
}

static void write_page(uint32_t *words, uint32_t page, uint32_t generation)
{
    for (uint32_t k = 0; k < PAGE_WORDS; k++) {
        words[k] = word_of(page, generation, k);
    }
}

static int page_is_right(const uint32_t *words, uint32_t page, uint32_t generation)
{
    for (uint32_t k = 0; k < PAGE_WORDS; k++) {
        if (words[k] != word_of(page, generation, k)) {
            printf("page %u word %u is %x, wrong\n", (unsigned)page, (unsigned)k, (unsigned)words[k]);
            return 0;
        }
    }
    return 1;
}

/* The driver's task id, or 0: there is none just now.  Ids count up, and no other task is started
 * meanwhile: so it tells how many drivers there were. */
static L4_Word_t driver_task(void)
{
    struct task_info info;
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1) {
        if (strcmp(info.name, "ata") == 0) {
            return info.task;
        }
    }
    return 0;
}

static int run(uint32_t *memory, uint32_t *generations, uint32_t pages, uint32_t deaths)
{
    L4_Word_t driver = driver_task(); /* the first one */
    uint32_t died = 0;
    for (uint32_t page = 0; page < pages; page++) {
        write_page(memory + page * PAGE_WORDS, page, 0);
    }
    for (uint32_t n = 0; deaths == 0 || died < deaths; n++) {
        uint32_t page = random_below(pages), *words = memory + page * PAGE_WORDS;
        if (!page_is_right(words, page, generations[page])) {
            return 1;
        }
        if (random_below(2) == 0) {
            write_page(words, page, ++generations[page]);
        }
        L4_Word_t now = n % LOOK_EVERY == 0 ? driver_task() : 0;
        died = now > driver ? now - driver : died;
    }
    for (uint32_t page = 0; page < pages; page++) {
        if (!page_is_right(memory + page * PAGE_WORDS, page, generations[page])) {
            return 1;
        }
    }
    printf("the driver has ended %u times: all pages are right\n", (unsigned)died);
    return 0;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    uint32_t pages = number(argv[1]);
    state = number(argv[2]) + 1;
    uint32_t *memory = calloc(pages, (PAGE_WORDS + 1) * sizeof *memory);
    if (pages == 0 || !memory) {
        return 3;
    }
    uint32_t *generations = memory + (size_t)pages * PAGE_WORDS; /* one word a page, behind them */
    int status = run(memory, generations, pages, argc > 3 ? number(argv[3]) : 0);
    free(memory);
    return status;
}
