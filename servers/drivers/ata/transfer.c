/* SPDX-License-Identifier: BSD-2-Clause */
/* A request goes by DMA or by the processor, whole at first and page by page if that fails. */
#include "transfer.h"

#include "base/assertion.h"
#include "l4/syscalls.h"
#include "log.h"
#include "port.h"

enum { MAP_TRIES = 2000, MAP_PAUSE_US = 10 * 1000 };

void transfer_report(const struct drive *drive, const struct request *request, uint32_t page, uint8_t status)
{
    const struct channel *c = drive->channel;
    log_event("%s unit %u: %s of page %u failed, status %x, error %x", c->name, drive->unit,
              request->op == SWAP_WRITE ? "write" : "read", page, status,
              port_in8((uint16_t)(c->command + REG_ERROR)));
}

static enum error transfer_once(const struct drive *drive, const struct request *request, uint32_t first,
                                uint32_t count)
{
    ASSERT(count >= 1 && count <= request->count && first <= request->count - count);
    return drive->dma ? dma_transfer(drive, request, first, count)
                      : pio_transfer(drive, request, first, count);
}

/* Everything that physmem sends is checked, for a wrong sector would be somebody's data. */
static enum error check(const struct drive *drive, const struct request *request)
{
    uint32_t pages = drive->identity.pages;
    if (request->count == 0 || request->count > SWAP_RUN_MAX || request->op > SWAP_WRITE) {
        return ERR_ARGUMENT;
    }
    for (uint32_t i = 0; i < request->count; i++) {
        if (request->frames[i] % PAGE_SIZE != 0) {
            return ERR_ARGUMENT;
        }
    }
    return request->page < pages && request->count <= pages - request->page ? OK : ERR_RANGE;
}

/* The kernel may have no memory for the mappings just now.  A write that failed for that would be a
 * bad place on the disk, and a read a page lost: so it is tried again until there is some. */
static enum error map_frames(const struct request *request)
{
    enum error e = pio_map(request);
    for (unsigned i = 0; (e == ERR_IPC || e == ERR_KERNEL_MEMORY) && i < MAP_TRIES; i++) {
        L4_Sleep(L4_TimePeriod(MAP_PAUSE_US));
        e = pio_map(request);
    }
    return e;
}

enum error transfer(const struct drive *drive, const struct request *request, uint32_t *pages_done)
{
    *pages_done = 0;
    enum error e = check(drive, request);
    if (e == OK && !drive->dma) {
        e = map_frames(request);
    }
    if (e != OK) {
        log_event("request %u of physmem is refused: %s", request->id, error_text(e));
        return e;
    }
    if (transfer_once(drive, request, 0, request->count) == OK) {
        *pages_done = request->count;
        return OK;
    }
    while (*pages_done < request->count) {
        e = transfer_once(drive, request, *pages_done, 1);
        if (e != OK) {
            return e;
        }
        ++*pages_done;
    }
    return OK;
}
