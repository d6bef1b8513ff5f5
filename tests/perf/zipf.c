/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-zipf: how often a page that is asked for is of a window that is here (docs/memory.md), on
 * the Zipf trace of apps/hog/hog_model.h: twice as many pages as frames are free, each filled, then
 * 32 768 reads, and 98 304 that count.  Windows leave as they do by default.
 *
 *   asm_hit_percent   faults that found their window, of all faults
 *
 * physmem counts both: its faults, and windows that have come back. */
#include "../../apps/hog/hog_model.h"
#include "child.h"
#include "pager/pager.h"

enum { WARM = 32768, COUNTED = 98304, POLL_US = 2000 };

const char program_name[] = "bench-zipf";
static volatile uint32_t *words;

static void access_page(struct hog *h, uint32_t page, bool write)
{
    volatile uint32_t *first = words + (size_t)page * HOG_PAGE_WORDS;
    if (write) {
        *first = page + h->seed;
    }
    require(*first == page + h->seed ? OK : ERR_CHECKSUM, "contents");
}

static void start(struct hog *h)
{
    static uint8_t writes[1 << 16];
    uint32_t pages = 2 * memory().frames_free;
    void *address;
    require(pages <= sizeof writes ? OK : ERR_RANGE, "a smaller machine is meant");
    require(pager_map_anonymous((size_t)pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address), "pages");
    words = address;
    hog_init(h, pages, 1, false, writes);
    h->access = access_page;
    hog_set_precision();
    h->zipf_low = hog_root100(0.5);
    h->zipf_high = hog_root100(pages + 0.5);
}

int main(void)
{
    struct hog h;
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    start(&h);
    hog_each(&h, true);
    hog_zipf_run(&h, WARM, 0);
    struct memory_info before = memory();
    hog_zipf_run(&h, COUNTED, 0);
    struct memory_info after = memory();
    L4_Word_t faults = after.faults - before.faults, lookups = after.lookups - before.lookups;
    printf("# %lu pages in %lu windows, %lu faults, %lu look-ups\n", (unsigned long)h.pages,
           (unsigned long)h.pages / 16, (unsigned long)faults, (unsigned long)lookups);
    L4_Word_t percent = 100 * (faults - lookups) / faults; /* rounded down */
    report("asm_hit_percent", percent, "percent");
    return 0;
}
