/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries out one request of physmem.  Runs in the transfer thread only. */
#pragma once

#include "drive.h"
#include "protocol/swap.h"

struct request {
    uint32_t id, op, page, count; /* op: enum swap_op */
    uint32_t frames[SWAP_RUN_MAX];
};

/* Tries the whole run once; if that fails, page by page up to the first one that fails again.
 * *pages_done = pages done well, from the first on. */
enum error transfer(const struct drive *drive, const struct request *request, uint32_t *pages_done);

/* The two ways, for pages first .. first + count of the request.  ERR_IO: the disk could not. */
enum error dma_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count);
enum error pio_transfer(const struct drive *drive, const struct request *request, uint32_t first,
                        uint32_t count);

/* Before the first DMA: where the table of regions lies.  False: nobody tells its physical
 * address. */
bool dma_init(void);

/* Before pio_transfer, once a request: physmem lends its frames. */
enum error pio_map(const struct request *request);

/* What the registers say after a failed command, as a line. */
void transfer_report(const struct drive *drive, const struct request *request, uint32_t page, uint8_t status);
