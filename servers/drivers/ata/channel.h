/* SPDX-License-Identifier: BSD-2-Clause */
/* One IDE channel: its registers, its interrupt, its soft reset.  Commands run one at a time.  The
 * first thread calls it at start-up, and the transfer thread alone after that. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "protocol/error.h"
#include "taskfile.h"

struct channel {
    const char *name;
    uint16_t command;    /* first of the eight command block ports */
    uint16_t control;    /* device control (write), alternate status (read) */
    uint16_t bus_master; /* 0 = none */
    unsigned irq;
    unsigned selected; /* the drive that was, + 1; 0: not known */
};

enum { /* registers of the command block, from channel.command */
       REG_DATA = 0,
       REG_ERROR = 1,
       REG_COUNT = 2,
       REG_LBA = 3, /* low, mid, high */
       REG_DEVICE = 6,
       REG_STATUS = 7, /* reading it takes the interrupt back */
       REG_COMMAND = 7,
};

enum {
    STATUS_ERR = 1 << 0,
    STATUS_DRQ = 1 << 3,
    STATUS_DF = 1 << 5,
    STATUS_DRDY = 1 << 6,
    STATUS_BSY = 1 << 7,
};

/* Polls until (status & mask) == value.  Returns false after about limit_us. */
bool channel_wait(const struct channel *c, uint8_t mask, uint8_t value, uint32_t limit_us);

/* Waits for 400 ns, which the drives take to show a change of selection or command.  Who waits for
 * the interrupt, or polls no earlier than that, need not. */
void channel_settle(const struct channel *c);

/* Selects drive 0 or 1 and waits until the channel is idle. */
bool channel_select(struct channel *c, unsigned drive);

/* Selects the drive and writes the registers, the command last.  ERR_BUSY if the channel is not
 * idle. */
enum error channel_issue(struct channel *c, const struct taskfile *t);

/* Unmasks the line and waits for the interrupt; the line is masked from the interrupt until the
 * next call.  What comes in between is held by the interrupt controller.  done() tells one that
 * belongs to the command from a stale one.  ERR_IO if none came within the time-out. */
enum error channel_wait_interrupt(const struct channel *c, bool (*done)(const struct channel *));

/* Switches the interrupt output of both drives on or off. */
void channel_interrupts(const struct channel *c, bool on);

enum { REG_BM_COMMAND = 0 }; /* from channel.bus_master */

/* Nothing reaches memory through the channel from here on.  It need not have a bus master. */
void channel_stop_dma(const struct channel *c);

/* Resets both drives of the channel.  Returns false if it stays busy. */
bool channel_reset(struct channel *c);
