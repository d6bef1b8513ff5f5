/* SPDX-License-Identifier: BSD-2-Clause */
/* The ATA driver's own way to the disk, with nobody above it: reads and writes as fast as it can,
 * in real time, and says `rate NAME PAGES MICROSECONDS`.  It stands where the swap driver stands in
 * a manifest, on a machine that does without swap; what is on the disk is lost. */
#include <stddef.h>

#include "../../../servers/drivers/ata/log.h"
#include "../../../servers/drivers/ata/transfer.h"
#include "client/task.h"
#include "l4/syscalls.h"

enum { LONGEST = 16, AREA_PAGES = 16384, SCATTERED = 8192 };

static char buffer[LONGEST * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct drive drives[DRIVES_MAX];
static struct request request;

static _Noreturn void stop(const char *why)
{
    log_event("rate end: %s", why);
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

static void find_frames(void)
{
    for (uint32_t i = 0; i < LONGEST; i++) {
        L4_Word_t physical;
        buffer[i * PAGE_SIZE] = 1;
        if (task_phys_addr(((L4_Word_t)buffer >> PAGE_SHIFT) + i, &physical) != OK) {
            stop("the driver is not wired");
        }
        request.frames[i] = physical;
    }
}

/* Requests of so many pages each, over the area in order, or here and there in it.  Without a name
 * nothing is said. */
static void measure(const char *name, enum swap_op op, uint32_t pages, uint32_t requests, bool scattered)
{
    uint32_t done, at = 1;
    request.op = op;
    request.count = pages;
    L4_Word64_t start = L4_SystemClock();
    for (uint32_t i = 0; i < requests; i++) {
        request.page = 1 + (scattered ? at % AREA_PAGES : i * pages % AREA_PAGES);
        at = at * 1664525u + 1013904223u;
        if (transfer(&drives[0], &request, &done) != OK) {
            stop("a transfer has failed");
        }
    }
    L4_Word64_t end = L4_SystemClock();
    if (name) {
        log_event("rate %s %u %u", name, pages * requests, (uint32_t)(end - start));
    }
}

int main(void)
{
    if (drive_find_all(drives, false) == 0) {
        stop("no disk");
    }
    if (!dma_init() || !drives[0].dma || task_interrupt(drives[0].channel->irq, L4_Myself()) != OK) {
        stop("no DMA");
    }
    channel_interrupts(drives[0].channel, true);
    find_frames();
    measure("raw_write", SWAP_WRITE, LONGEST, AREA_PAGES / LONGEST, false);
    measure(NULL, SWAP_READ, LONGEST, AREA_PAGES / LONGEST, false); /* the host has it all now */
    measure("raw_read_64", SWAP_READ, LONGEST, AREA_PAGES / LONGEST, false);
    measure("raw_read_32", SWAP_READ, LONGEST / 2, 2 * AREA_PAGES / LONGEST, false);
    measure("raw_read_4", SWAP_READ, 1, SCATTERED, true);
    stop("all is measured");
}
