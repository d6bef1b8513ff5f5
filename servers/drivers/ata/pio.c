/* SPDX-License-Identifier: BSD-2-Clause */
/* The fallback, in which the processor moves every word through mappings of the frames that physmem
 * lends. */
#include "transfer.h"

#include "dies.h"
#include "l4/syscalls.h"
#include "log.h"
#include "port.h"

enum {
    BOUNCE_LOG2 = 16, /* SWAP_BOUNCE_MAX pages */
    DATA_LIMIT_US = 5 * 1000 * 1000,
    SECTOR_WORDS = SECTOR_BYTES / 2,
};

_Static_assert(SWAP_BOUNCE_MAX << PAGE_SHIFT == 1 << BOUNCE_LOG2, "the window holds one request");

/* Where physmem maps the frames; nothing else of this task lies there. */
static uint8_t *const bounce = (uint8_t *)TASK_REGIONS_BASE;

enum error pio_map(const struct request *request)
{
    L4_LoadMR(1, request->id);
    L4_LoadMR(2, (L4_Word_t)bounce);
    L4_Accept(L4_FpageLog2((L4_Word_t)bounce, BOUNCE_LOG2));
    L4_MsgTag_t tag = L4_Call(PHYSMEM_THREAD, L4_MsgTag(SWAP_BOUNCE_MAP, 2, 0));
    L4_Accept(L4_Nilpage);
    if (L4_IpcFailed(tag)) {
        return ERR_IPC;
    }
    if (L4_StoreMR(1) != OK) {
        return (enum error)L4_StoreMR(1);
    }
    return L4_StoreMR(2) == request->count ? OK : ERR_KERNEL_MEMORY;
}

static bool command_waits_for_us(const struct channel *c)
{
    return (port_in8(c->control) & STATUS_BSY) == 0;
}

/* Waits until the drive has taken or prepared a sector, or has ended the command. */
static enum error next_sector(const struct channel *c, bool by_interrupt, uint8_t *status)
{
    enum error e = OK;
    if (by_interrupt) {
        e = channel_wait_interrupt(c, command_waits_for_us);
    } else if (!channel_wait(c, STATUS_BSY, 0, DATA_LIMIT_US)) {
        e = ERR_IO;
    }
    *status = port_in8((uint16_t)(c->command + REG_STATUS));
    return e;
}

/* A drive interrupts before each sector that it gives and after each one that it takes. */
static enum error move_sectors(const struct channel *c, bool write, uint8_t *data, uint32_t sectors,
                               uint8_t *status)
{
    for (uint32_t i = 0; i < sectors; i++, data += SECTOR_BYTES) {
        if (next_sector(c, !(write && i == 0), status) != OK || *status & (STATUS_ERR | STATUS_DF) ||
            !(*status & STATUS_DRQ)) {
            return ERR_IO;
        }
        if (write) {
            port_write16((uint16_t)(c->command + REG_DATA), data, SECTOR_WORDS);
        } else {
            port_read16((uint16_t)(c->command + REG_DATA), data, SECTOR_WORDS);
        }
    }
    if (!write) {
        return OK;
    }
    if (next_sector(c, true, status) != OK) {
        return ERR_IO;
    }
    return *status & (STATUS_ERR | STATUS_DF | STATUS_DRQ) ? ERR_IO : OK;
}

enum error pio_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count)
{
    struct channel *c = drive->channel;
    bool write = request->op == SWAP_WRITE;
    uint32_t sectors = count * SECTORS_PER_PAGE;
    uint8_t status = 0;
    struct taskfile t;
    if (!taskfile_build(&t, drive->unit, drive->identity.lba48, write, false,
                        (uint64_t)(request->page + first) * SECTORS_PER_PAGE, sectors)) {
        return ERR_ARGUMENT;
    }
    enum error e = channel_issue(c, &t);
    channel_settle(c); /* the first sector of a write is polled for */
    dies_at(DIES_UNDER_WAY);
    if (e == OK && move_sectors(c, write, bounce + (first << PAGE_SHIFT), sectors, &status) == OK) {
        return OK;
    }
    transfer_report(drive, request, request->page + first, status);
    /* A drive that failed in the middle may still want data: the reset puts both ends into a known
     * state. */
    if (!channel_reset(c)) {
        log_event("%s: still busy after a reset", c->name);
    }
    return ERR_IO;
}
