/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks at the four places where a disk can be, two on each channel, by polling. */
#include "drive.h"

#include "client/task.h"
#include "log.h"
#include "pci.h"
#include "port.h"

static struct channel channels[CHANNELS] = {
    {.name = "ide0", .command = 0x1f0, .control = 0x3f6, .irq = 14},
    {.name = "ide1", .command = 0x170, .control = 0x376, .irq = 15},
};

enum {
    COMMAND_IDENTIFY = 0xec,
    STATUS_FLOATING = 0xff, /* nothing drives the bus */
    BUS_MASTER_CHANNEL_BYTES = 8,
    COMMAND_PORTS_LOG2 = 3,
    BUS_MASTER_PORTS_LOG2 = 4,
    IDENTIFY_LIMIT_US = 2 * 1000 * 1000,
};

static bool get_ports(uint16_t first, unsigned log2_count)
{
    enum error e = task_ports(first, log2_count);
    if (e != OK) {
        log_event("ports at %x: %s", first, error_text(e));
    }
    return e == OK;
}

/* Returns false if there is no drive or it is not an ATA disk.  It polls; the channel's interrupts
 * are off. */
static bool identify(struct drive *drive)
{
    static uint16_t block[IDENTIFY_WORDS];
    struct channel *c = drive->channel;
    if (port_in8(c->control) == STATUS_FLOATING || !channel_select(c, drive->unit)) {
        return false;
    }
    if (port_in8(c->control) == 0) { /* an empty place next to a drive */
        return false;
    }
    port_out8((uint16_t)(c->command + REG_COMMAND), COMMAND_IDENTIFY);
    channel_settle(c);
    if (!channel_wait(c, STATUS_BSY, 0, IDENTIFY_LIMIT_US)) {
        log_event("%s unit %u: not used, for it does not answer IDENTIFY", c->name, drive->unit);
        return false;
    }
    uint8_t status = port_in8((uint16_t)(c->command + REG_STATUS));
    if (status & (STATUS_ERR | STATUS_DF) || !(status & STATUS_DRQ)) {
        return false; /* ATAPI devices end here */
    }
    port_read16((uint16_t)(c->command + REG_DATA), block, IDENTIFY_WORDS);
    return identify_parse(block, &drive->identity);
}

static void report(const struct drive *drive)
{
    const struct identity *id = &drive->identity;
    log_info("%s unit %u: %s, %u MiB, %s, %s", drive->channel->name, drive->unit, id->model, id->pages >> 8,
             id->lba48 ? "LBA48" : "LBA28", drive->dma ? "DMA" : "PIO");
}

/* An earlier driver may have ended in the middle of a command. */
static void stop_what_is_under_way(struct channel *c)
{
    channel_stop_dma(c);
    if (port_in8(c->control) != STATUS_FLOATING && !channel_reset(c)) {
        log_event("%s: busy after a reset", c->name);
    }
    channel_interrupts(c, false);
}

unsigned drive_find_all(struct drive drives[DRIVES_MAX], bool pio)
{
    struct pci_ide ide = {.legacy = {true, true}}; /* a machine without PCI has the ports too */
    unsigned count = 0;
    if (pci_find_ide(&ide)) {
        log_info("controller %x:%x, bus master at %x", ide.vendor, ide.device, ide.bus_master);
    }
    for (unsigned i = 0; i < CHANNELS; i++) {
        if (!ide.legacy[i]) {
            log_event("%s: not used, for it is in native mode", channels[i].name);
            continue;
        }
        if (!get_ports(channels[i].command, COMMAND_PORTS_LOG2) || !get_ports(channels[i].control, 0)) {
            continue;
        }
        if (ide.bus_master != 0 && get_ports(ide.bus_master, BUS_MASTER_PORTS_LOG2)) {
            channels[i].bus_master = (uint16_t)(ide.bus_master + i * BUS_MASTER_CHANNEL_BYTES);
        }
        stop_what_is_under_way(&channels[i]);
        for (unsigned unit = 0; unit < 2; unit++) {
            struct drive *drive = &drives[count];
            *drive = (struct drive){.channel = &channels[i], .unit = unit};
            if (identify(drive)) {
                drive->dma = !pio && channels[i].bus_master != 0 && drive->identity.dma;
                report(drive);
                count++;
            }
        }
    }
    return count;
}
