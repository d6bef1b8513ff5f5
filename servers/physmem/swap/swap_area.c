/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_area.h"

#include "base/assertion.h"
#include "ground/log.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/slot.h"

_Static_assert(sizeof(struct swap_header) == 44, "16 + 4 + 4 + 16 + 4 bytes");

enum area_state { AREA_NONE = 0, AREA_READING_HEADER, AREA_READY };

static struct {
    enum area_state state;
    uint32_t disk_pages, run_max;
    bool known; /* slots are laid out for the disk with this uuid */
    uint32_t known_pages;
    uint8_t uuid[16];
} area;

void swap_area_init(void)
{
    memset(&area, 0, sizeof area);
}

bool swap_area_ready(void)
{
    return area.state == AREA_READY;
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
    area.state = AREA_READY;
    slot_open();
    return NULL;
}

void swap_area_header_read(frame_t f, enum error e)
{
    ASSERT(area.state == AREA_READING_HEADER);
    area.state = AREA_NONE;
    const char *fault = e == OK ? accept(frame_memory(f)) : "its first page cannot be read";
    if (fault) {
        log_line("swap disk is not used: %s", fault);
    } else {
        const char *name = (const char *)area.uuid;
        log_info("swap: %u slots on disk %02x%02x%02x%02x", (unsigned)slot_counts.total, name[0] & 0xff,
                 name[1] & 0xff, name[2] & 0xff, name[3] & 0xff);
    }
    progress_made();
}

enum error swap_area_begin(uint32_t disk_pages, uint32_t run_max)
{
    if (run_max < 1 || run_max > SWAP_RUN_MAX || disk_pages <= SWAP_HEADER_PAGES) {
        return ERR_ARGUMENT;
    }
    if (area.state != AREA_NONE) {
        return ERR_ALREADY;
    }
    area.state = AREA_READING_HEADER;
    area.disk_pages = disk_pages;
    area.run_max = run_max;
    return OK;
}

void swap_area_end(void)
{
    area.state = AREA_NONE;
    slot_close();
    progress_made();
}
