/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables as large as memory allows: equal records behind the server's image, in its designated
 * container.  A page of them is real from when a record is needed in it until it has none, and was
 * promised by physmem before it is touched: a table that cannot grow is an error of the request,
 * never the end of the server.
 *
 * Some free records are kept at hand, for what the system itself starts: so a swap driver that has
 * ended finds places in pages that are in memory.  A place that has been given back is taken again
 * after the others at hand, so that ids made of places come back late.
 *
 * A record's first half word is 0 while its place is free.  Pure but for page_make and
 * page_give_back; the main loop's thread alone calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "protocol/error.h"

enum { TABLE_PAGES_MAX = 512 };

struct table {
    char *start; /* a page's */
    uint32_t record_bytes, per_page;
    uint32_t places_max;             /* whole pages of them */
    uint32_t spare;                  /* kept at hand */
    uint32_t taken, real;            /* places, pages */
    uint32_t last;                   /* the place that was taken last */
    uint16_t pages[TABLE_PAGES_MAX]; /* 0: not real; otherwise the records in it, and one more */
};

/* The table is empty, and all zero until now.  pages_max: at least 1, at most TABLE_PAGES_MAX. */
void table_init(struct table *t, char *start, uint32_t record_bytes, uint32_t pages_max, uint32_t spare);
/* Takes a free record, which is all zero; the caller makes its first half word something else.
 * system: it may take what is kept at hand.  ERR_NO_MEMORY: the table is as large as it may be;
 * other errors are those of page_make. */
enum error table_take(struct table *t, bool system, void **record);
void table_give(struct table *t, void *record);
/* null: the place is free, or there is no such place. */
void *table_at(const struct table *t, uint32_t place);
uint32_t table_place(const struct table *t, const void *record);

/* own_page.c; a unit test has its own.  The page becomes real, and is all zero. */
enum error page_make(char *page);
/* It is all zero again, and takes no frame. */
void page_give_back(char *page);
