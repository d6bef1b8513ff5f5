/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-copies: what logical copies cost.  For `tools/run --icount`, where a tick of the TSC is one
 * instruction.
 *
 *   copy_page   PHYSMEM_COPY, for each page that it copies; all are in memory, and there is a copy
 *               of them already, so that nobody may write to them
 *   copy_page_mapped
 *               the same for pages that a task has mapped and may write to: it may no longer then
 *   cow_fault   the first write to a copied page, which the task may read: the page that two places
 *               share is copied
 *   cow_last    the same for a page that no other place names any more, since that one has been
 *               written to, which took it away from the task: nothing is copied */
#include "client/physmem.h"
#include "pager/pager.h"
#include "report.h"

enum { PAGES = 4096, ROUNDS = 2, WRITTEN = 1000 };

const char program_name[] = "bench-copies";

/* A container of so many pages, and where it is mapped. */
struct area {
    handle_t handle;
    volatile char *pages;
};

static struct area make_area(void)
{
    struct area a;
    void *start;
    require(physmem_create(PAGES, 0, &a.handle), "container");
    require(pager_map_container(a.handle, 0, PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &start), "mapping");
    a.pages = start;
    return a;
}

static void read_pages(const struct area *a)
{
    for (uint32_t i = 0; i < WRITTEN; i++) {
        (void)a->pages[i * PAGE_SIZE];
    }
}

/* Returns what it costs for each page. */
static double write_pages(const struct area *a, uint32_t count)
{
    instructions_t start = tsc();
    for (uint32_t i = 0; i < count; i++) {
        a->pages[i * PAGE_SIZE] = 1;
    }
    return (double)(tsc() - start) / count;
}

static double copy(const struct area *from, const struct area *to)
{
    instructions_t start = tsc();
    require(physmem_copy(from->handle, 0, to->handle, 0, PAGES, NULL), "copying");
    return (double)(tsc() - start) / PAGES;
}

int main(void)
{
    struct area from = make_area(), to = make_area(), other = make_area();
    double mapped = 0, again = 0, shared = 0, last = 0;
    for (int round = 0; round < ROUNDS; round++) { /* the first one brings in all that is needed */
        (void)write_pages(&from, PAGES);
        require(physmem_zero(to.handle, 0, PAGES), "zeroing");
        mapped = copy(&from, &to);
        again = copy(&from, &other);
        require(physmem_zero(other.handle, 0, PAGES), "zeroing");
        read_pages(&from);
        shared = write_pages(&from, WRITTEN);
        last = write_pages(&to, WRITTEN);
    }
    report("copy_page", again, "instructions");
    report("copy_page_mapped", mapped, "instructions");
    report("cow_fault", shared, "instructions");
    report("cow_last", last, "instructions");
    return 0;
}
