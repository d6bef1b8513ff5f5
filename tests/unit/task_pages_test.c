// sources: servers/task/table.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the task server that grow: which of their pages are real, and which places come
 * when. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "base/xorshift.h"
#include "protocol/ids.h"
#include "result.h"

enum { PAGES = 12, BYTES = 100, PER_PAGE = PAGE_SIZE / BYTES, PLACES = PAGES * PER_PAGE, SPARE = 5 };

static char memory[PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static bool real[PAGES];
static unsigned real_count;
static bool refuse;
static struct table table;
static unsigned number_of(const char *page)
{
    return (unsigned)((page - memory[0]) / PAGE_SIZE);
}

enum error page_make(char *page)
{
    if (refuse) {
        return ERR_NO_ROOM;
    }
    failures += real[number_of(page)];
    real[number_of(page)] = true;
    real_count++;
    memset(page, 0, PAGE_SIZE);
    return OK;
}

/* What is touched behind this is noticed: no record of it is free. */
void page_give_back(char *page)
{
    failures += !real[number_of(page)];
    real[number_of(page)] = false;
    real_count--;
    memset(page, 0xaa, PAGE_SIZE);
}

static bool is_all_zero(const char *record)
{
    for (int i = 0; i < BYTES; i++) {
        if (record[i] != 0) {
            return false;
        }
    }
    return true;
}

/* null: refused.  What it gets is fresh. */
static char *take(bool system, enum error *e)
{
    void *record = NULL;
    *e = table_take(&table, system, &record);
    if (*e != OK) {
        return NULL;
    }
    failures += !is_all_zero(record) || !real[number_of(record)];
    memset(record, 0x11, BYTES);
    return record;
}

static void start(void)
{
    memset(&table, 0, sizeof table);
    memset(memory, 0xaa, sizeof memory);
    memset(real, 0, sizeof real);
    real_count = 0;
    table_init(&table, memory[0], BYTES, PAGES, SPARE);
}

static void test_it_grows(void)
{
    static char *all[PLACES];
    enum error e;
    unsigned made = 0;
    start();
    check(table.places_max == PLACES && real_count == 0, "an empty table takes no page");
    check(take(false, &e) && real_count == 1, "the first record takes one");
    start();
    while (made < PLACES && (all[made] = take(false, &e)) != NULL) {
        made++;
    }
    check(made == PLACES - SPARE && e == ERR_NO_MEMORY && real_count == PAGES, "it is as large as it may be");
    while (made < PLACES && (all[made] = take(true, &e)) != NULL) {
        made++;
    }
    check(made == PLACES && !take(true, &e) && e == ERR_NO_MEMORY, "what is spare is the system's");
    for (unsigned i = 0; i < PLACES; i++) {
        table_give(&table, all[i]);
    }
    check(table.taken == 0 && real_count <= 1, "and its pages are given back");
}

/* A refused page changes nothing, and the places that are spare stay the system's. */
static void test_refused(void)
{
    enum error e;
    start();
    while (table.taken < PER_PAGE - SPARE) {
        (void)take(false, &e);
    }
    refuse = true;
    check(!take(false, &e) && e == ERR_NO_ROOM && table.taken == PER_PAGE - SPARE, "a page is refused");
    check(take(true, &e) && table.taken == PER_PAGE - SPARE + 1, "the system's places are there");
    refuse = false;
    check(take(false, &e) && real_count == 2, "until there is memory again");
}

static void test_places_come_back_late(void)
{
    enum error e;
    start();
    for (unsigned i = 0; i < 3 * PER_PAGE; i++) {
        (void)take(false, &e);
    }
    char *first = take(false, &e), *next = NULL;
    unsigned others = 0;
    for (; next != first; others++) {
        table_give(&table, next ? next : first);
        next = take(false, &e);
    }
    check(others > SPARE, "a place comes back after the spare ones");
}

static void test_random(uint32_t seed)
{
    static char *all[PLACES];
    unsigned held = 0, most = 0;
    bool good = true;
    start();
    for (unsigned turn = 0; turn < 20000 && good; turn++) {
        enum error e;
        most = turn % 1000 == 0 ? xorshift(&seed) % PLACES : most;
        bool give = held > 0 && xorshift(&seed) % (2 * PLACES) < (held > most ? 2 * PLACES : held);
        refuse = xorshift(&seed) % 10 == 0;
        if (give) {
            unsigned i = xorshift(&seed) % held;
            table_give(&table, all[i]);
            all[i] = all[--held];
        } else {
            char *record = take(false, &e);
            good = record || refuse || held >= PLACES - SPARE;
            all[held] = record;
            held += record != NULL;
        }
        for (unsigned i = 0; i < held && good; i++) {
            uint32_t place = table_place(&table, all[i]);
            good = real[number_of(all[i])] && table_at(&table, place) == all[i];
        }
        unsigned seen = 0;
        for (uint32_t place = 0; place < PLACES + 10; place++) {
            seen += table_at(&table, place) != NULL;
        }
        good = good && seen == held && table.real == real_count;
        good = good && real_count * PER_PAGE <= held + SPARE + (PAGES + 1) * PER_PAGE;
    }
    refuse = false;
    check(good, "takes and gives at random");
}

int main(void)
{
    printf("TAP version 13\n");
    test_it_grows();
    test_refused();
    test_places_come_back_late();
    for (uint32_t seed = 1; seed <= 3; seed++) {
        test_random(seed);
    }
    check(failures == 0, "only real pages are touched, and records are fresh");
    printf("1..%d\n", count);
    return failures != 0;
}
