/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/arrivals.h"

#include "ground/mem.h"

static const struct page *arrived[ARRIVALS_MAX];
static uint32_t arrived_count; /* without bound; only the first ARRIVALS_MAX are kept */

void arrivals_init(void)
{
    arrived_count = 0;
}

void arrivals_add(const struct page *p)
{
    if (arrived_count < ARRIVALS_MAX) {
        arrived[arrived_count] = p;
    }
    arrived_count++;
}

bool arrivals_take(const struct page **pages, uint32_t *count)
{
    bool complete = arrived_count <= ARRIVALS_MAX;
    *count = complete ? arrived_count : 0;
    memcpy(pages, arrived, *count * sizeof *pages);
    arrived_count = 0;
    return complete;
}
