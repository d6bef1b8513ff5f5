/* SPDX-License-Identifier: BSD-2-Clause */
/* Bus-master DMA straight to and from the frames. */
#include "transfer.h"

#include "client/task.h"
#include "dies.h"
#include "l4/syscalls.h"
#include "log.h"
#include "port.h"
#include "prd.h"

enum { /* registers, from channel.bus_master */
       BM_STATUS = 2,
       BM_TABLE = 4,
};

enum {
    BM_COMMAND_START = 1 << 0,
    BM_COMMAND_TO_MEMORY = 1 << 3,
    BM_STATUS_ACTIVE = 1 << 0,
    BM_STATUS_ERROR = 1 << 1,     /* written as 1: cleared */
    BM_STATUS_INTERRUPT = 1 << 2, /* likewise */
};

enum { INIT_TRIES = 500, INIT_PAUSE_US = 10 * 1000 };

/* The table lies in one page, so that it does not cross a 64 KiB line and its physical address is
 * one number.  The task is wired, so the address stays. */
enum { TABLE_ALIGN = 256 };
static struct prd table[SWAP_RUN_MAX] __attribute__((aligned(TABLE_ALIGN)));
_Static_assert(sizeof table <= TABLE_ALIGN && PAGE_SIZE % TABLE_ALIGN == 0, "it lies in one page");

static uint32_t table_address;

bool dma_init(void)
{
    table[0].address = 0; /* so that the page exists */
    for (unsigned i = 0; i < INIT_TRIES; i++) {
        if (task_phys_addr((L4_Word_t)table >> PAGE_SHIFT, &table_address) == OK) {
            table_address += (L4_Word_t)table % PAGE_SIZE;
            return true;
        }
        /* The task server may not have wired this task yet. */
        L4_Sleep(L4_TimePeriod(INIT_PAUSE_US));
    }
    return false;
}

static uint8_t status_at_interrupt;

static bool interrupt_is_ours(const struct channel *c)
{
    status_at_interrupt = port_in8((uint16_t)(c->bus_master + BM_STATUS));
    return (status_at_interrupt & BM_STATUS_INTERRUPT) != 0;
}

/* Stops the bus master and reads the drive's status.  OK only if neither tells an error. */
static enum error finish(const struct drive *drive, const struct request *request, uint32_t first)
{
    const struct channel *c = drive->channel;
    uint8_t bm = status_at_interrupt;
    port_out8((uint16_t)(c->bus_master + REG_BM_COMMAND), 0);
    uint8_t status = port_in8((uint16_t)(c->command + REG_STATUS));
    /* It is still active: the drive has moved less than the table describes. */
    if (bm & (BM_STATUS_ERROR | BM_STATUS_ACTIVE) ||
        status & (STATUS_BSY | STATUS_DF | STATUS_DRQ | STATUS_ERR)) {
        transfer_report(drive, request, request->page + first, status);
        return ERR_IO;
    }
    return OK;
}

static void give_up(struct channel *c)
{
    channel_stop_dma(c); /* this comes first: from here on nothing reaches the frames */
    if (!channel_reset(c)) {
        log_event("%s: still busy after a reset", c->name);
    }
    port_out8((uint16_t)(c->bus_master + BM_STATUS), BM_STATUS_ERROR | BM_STATUS_INTERRUPT);
}

enum error dma_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count)
{
    struct channel *c = drive->channel;
    bool write = request->op == SWAP_WRITE;
    struct taskfile t;
    if (prd_build(table, &request->frames[first], count) == 0 ||
        !taskfile_build(&t, drive->unit, drive->identity.lba48, write, true,
                        (uint64_t)(request->page + first) * SECTORS_PER_PAGE, count * SECTORS_PER_PAGE)) {
        return ERR_ARGUMENT;
    }
    uint8_t direction = write ? 0 : BM_COMMAND_TO_MEMORY;
    port_out8((uint16_t)(c->bus_master + REG_BM_COMMAND), direction);
    port_out8((uint16_t)(c->bus_master + BM_STATUS), BM_STATUS_ERROR | BM_STATUS_INTERRUPT);
    port_out32((uint16_t)(c->bus_master + BM_TABLE), table_address);
    if (channel_issue(c, &t) != OK) {
        transfer_report(drive, request, request->page + first, port_in8(c->control));
        give_up(c);
        return ERR_IO;
    }
    port_out8((uint16_t)(c->bus_master + REG_BM_COMMAND), direction | BM_COMMAND_START);
    dies_at(DIES_UNDER_WAY);
    if (channel_wait_interrupt(c, interrupt_is_ours) != OK) {
        give_up(c);
        return ERR_IO;
    }
    return finish(drive, request, first);
}
