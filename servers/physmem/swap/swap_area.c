/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_area.h"

#include "base/assertion.h"
#include "ground/log.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/contract.h"
#include "room/set_aside.h"
#include "room/slot.h"

_Static_assert(sizeof(struct swap_header) == 44, "16 + 4 + 4 + 16 + 4 bytes");

enum area_state { AREA_EXPECTED = 0, AREA_READY, AREA_LOST, AREA_NONE };

static struct {
    enum area_state state;
    bool reading; /* the header, in any state but READY */
    uint32_t disk_pages, run_max;
    bool known; /* slots are laid out for the disk with this uuid */
    uint32_t known_pages;
    uint8_t uuid[16];
} area;

static void move_to(enum area_state state)
{
    area.state = state;
    contract_await_slots(swap_area_awaited());
    set_aside(SET_ASIDE_FOR_DRIVER, swap_area_awaited() ? SWAP_AREA_FRAMES : 0);
    progress_made();
}

void swap_area_init(void)
{
    memset(&area, 0, sizeof area);
    move_to(AREA_EXPECTED);
}

bool swap_area_ready(void)
{
    return area.state == AREA_READY;
}

bool swap_area_awaited(void)
{
    return area.state == AREA_EXPECTED || area.state == AREA_LOST;
}

enum error swap_area_error(void)
{
    return swap_area_awaited() ? ERR_BUSY : ERR_NO_SWAP;
}

uint32_t swap_area_run_max(void)
{
    return area.run_max;
}

static uint32_t header_checksum(const struct swap_header *h)
{
    const uint8_t *bytes = (const uint8_t *)h;
    uint32_t sum = 0x811c9dc5;
    for (size_t i = 0; i < offsetof(struct swap_header, checksum); i++) {
        sum = (sum ^ bytes[i]) * 0x01000193;
    }
    return sum;
}

/* NULL if all is well. */
static const char *header_fault(const struct swap_header *h)
{
    if (memcmp(h->signature, SWAP_SIGNATURE, sizeof h->signature) != 0) {
        return "the disk bears no signature";
    }
    if (header_checksum(h) != h->checksum) {
        return "the checksum of the header is wrong";
    }
    if (h->page_size != PAGE_SIZE || h->pages <= SWAP_HEADER_PAGES || h->pages > area.disk_pages) {
        return "the header does not fit the disk";
    }
    if (area.known && (h->pages != area.known_pages || memcmp(h->uuid, area.uuid, sizeof area.uuid) != 0)) {
        return "another disk than before";
    }
    return NULL;
}

static const char *accept(const struct swap_header *h)
{
    const char *fault = header_fault(h);
    if (fault) {
        return fault;
    }
    if (!area.known && slot_lay_out(h->pages) != OK) {
        return "no memory for its table";
    }
    area.known = true;
    area.known_pages = h->pages;
    memcpy(area.uuid, h->uuid, sizeof area.uuid);
    slot_open();
    move_to(AREA_READY);
    return NULL;
}

void swap_area_header_read(frame_t f, enum error e)
{
    ASSERT(area.reading && area.state != AREA_READY);
    area.reading = false;
    const char *fault = e == OK ? accept(frame_memory(f)) : "its first page cannot be read";
    if (fault) {
        log_line("swap disk is not used: %s", fault);
    } else {
        const char *name = (const char *)area.uuid;
        log_info("swap: %u slots on disk %02x%02x%02x%02x", (unsigned)area.known_pages - 1, name[0] & 0xff,
                 name[1] & 0xff, name[2] & 0xff, name[3] & 0xff);
    }
}

enum error swap_area_begin(uint32_t disk_pages, uint32_t run_max)
{
    if (run_max < 1 || run_max > SWAP_RUN_MAX || disk_pages <= SWAP_HEADER_PAGES) {
        return ERR_ARGUMENT;
    }
    if (area.state == AREA_READY || area.reading) {
        return ERR_ALREADY;
    }
    area.reading = true;
    area.disk_pages = disk_pages;
    area.run_max = run_max;
    return OK;
}

void swap_area_lose(void)
{
    area.reading = false;
    if (area.state == AREA_READY) {
        move_to(AREA_LOST);
    }
}

enum error swap_area_give_up(void)
{
    if (area.state == AREA_READY || area.reading) {
        return ERR_ALREADY;
    }
    slot_close();
    move_to(AREA_NONE);
    return OK;
}
