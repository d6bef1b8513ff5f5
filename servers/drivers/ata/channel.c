/* SPDX-License-Identifier: BSD-2-Clause */
/* Polling is for start-up and resets; a command that runs is waited for by its interrupt. */
#include "channel.h"

#include <stddef.h>

#include "l4/syscalls.h"
#include "log.h"
#include "port.h"

enum {
    CONTROL_NO_INTERRUPT = 1 << 1,
    CONTROL_RESET = 1 << 2,
};

enum {
    IDLE_LIMIT_US = 1000 * 1000,
    RESET_LIMIT_US =
        3 * 1000 * 1000, /* the standard allows 31 s for spinning up; a swap disk turns already */
    INTERRUPT_LIMIT_US = 5 * 1000 * 1000,
    POLL_US = 1000,
    SPINS_BEFORE_SLEEP = 100,
    STALE_INTERRUPTS_MAX = 16,
};

static L4_ThreadId_t interrupt_thread(const struct channel *c)
{
    return L4_GlobalId(c->irq, 1);
}

/* A port read takes 100 ns. */
void channel_settle(const struct channel *c)
{
    for (int i = 0; i < 4; i++) {
        (void)port_in8(c->control);
    }
}

bool channel_wait(const struct channel *c, uint8_t mask, uint8_t value, uint32_t limit_us)
{
    for (unsigned i = 0; i < SPINS_BEFORE_SLEEP; i++) {
        if ((port_in8(c->control) & mask) == value) {
            return true;
        }
    }
    L4_Word64_t end = L4_SystemClock() + limit_us;
    do {
        L4_Sleep(L4_TimePeriod(POLL_US));
        if ((port_in8(c->control) & mask) == value) {
            return true;
        }
    } while (L4_SystemClock() < end);
    return false;
}

bool channel_select(struct channel *c, unsigned drive)
{
    if (!channel_wait(c, STATUS_BSY | STATUS_DRQ, 0, IDLE_LIMIT_US)) {
        return false;
    }
    if (c->selected == drive + 1) {
        return true;
    }
    port_out8((uint16_t)(c->command + REG_DEVICE), (uint8_t)(0xa0 | drive << 4));
    channel_settle(c);
    c->selected = drive + 1;
    return channel_wait(c, STATUS_BSY | STATUS_DRQ, 0, IDLE_LIMIT_US);
}

enum error channel_issue(struct channel *c, const struct taskfile *t)
{
    if (!channel_select(c, t->device >> 4 & 1)) {
        return ERR_BUSY;
    }
    if (t->extended) { /* each register keeps the byte written before the last one */
        port_out8((uint16_t)(c->command + REG_COUNT), t->count_high);
        for (unsigned i = 0; i < 3; i++) {
            port_out8((uint16_t)(c->command + REG_LBA + i), t->lba_high[i]);
        }
    }
    port_out8((uint16_t)(c->command + REG_COUNT), t->count);
    for (unsigned i = 0; i < 3; i++) {
        port_out8((uint16_t)(c->command + REG_LBA + i), t->lba[i]);
    }
    port_out8((uint16_t)(c->command + REG_DEVICE), t->device);
    port_out8((uint16_t)(c->command + REG_COMMAND), t->command);
    return OK;
}

enum error channel_wait_interrupt(const struct channel *c, bool (*done)(const struct channel *))
{
    for (unsigned i = 0; i < STALE_INTERRUPTS_MAX; i++) {
        L4_ThreadId_t line = interrupt_thread(c);
        L4_Word_t limits = L4_Timeouts(L4_ZeroTime, L4_TimePeriod(INTERRUPT_LIMIT_US));
        L4_MsgTag_t tag = L4_Ipc(line, line, limits, L4_MsgTag(0, 0, 0), NULL);
        if (L4_IpcFailed(tag)) {
            log_event("%s: no interrupt, status %x, IPC error %x", c->name, port_in8(c->control),
                      L4_ErrorCode());
            return ERR_IO;
        }
        if (done(c)) {
            return OK;
        }
        /* The interrupt is left from before this command, or comes from a device that shares the
         * line. */
        (void)port_in8((uint16_t)(c->command + REG_STATUS));
    }
    log_event("%s: interrupts without cause", c->name);
    return ERR_IO;
}

void channel_interrupts(const struct channel *c, bool on)
{
    port_out8(c->control, on ? 0 : CONTROL_NO_INTERRUPT);
}

void channel_stop_dma(const struct channel *c)
{
    if (c->bus_master != 0) {
        port_out8((uint16_t)(c->bus_master + REG_BM_COMMAND), 0);
    }
}

bool channel_reset(struct channel *c)
{
    c->selected = 0;
    port_out8(c->control, CONTROL_RESET);
    L4_Sleep(L4_TimePeriod(POLL_US)); /* at least 5 us */
    port_out8(c->control, 0);
    L4_Sleep(L4_TimePeriod(2 * POLL_US)); /* before the status may be looked at */
    return channel_wait(c, STATUS_BSY, 0, RESET_LIMIT_US);
}
