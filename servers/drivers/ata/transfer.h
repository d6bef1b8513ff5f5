/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries out one request of physmem.  The transfer thread alone calls it. */
#pragma once

#include "drive.h"
#include "protocol/swap.h"

struct request {
    uint32_t id, op, page, count; /* op: enum swap_op */
    uint32_t frames[SWAP_RUN_MAX];
};

/* Tries the whole run once, and if that fails page by page up to the first one that fails again.
 * *pages_done is how many pages were done well, from the first on. */
enum error transfer(const struct drive *drive, const struct request *request, uint32_t *pages_done);

/* The two ways, for pages first .. first + count of the request.  ERR_IO if the disk could not. */
enum error dma_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count);
enum error pio_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count);

/* To be called before the first DMA: it asks where the table of regions lies.  Returns false if
 * nobody tells its physical address. */
bool dma_init(void);

/* To be called before pio_transfer, once for each request: physmem lends its frames. */
enum error pio_map(const struct request *request);

/* Prints what the registers say after a failed command. */
void transfer_report(const struct drive *drive, const struct request *request, uint32_t page, uint8_t status);
