/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol between a swap driver and physmem.  The driver pulls its requests, for physmem sends
 * to nobody unasked.  The sender is any thread of the task that PHYSMEM_SET_DRIVER has named;
 * others are answered ERR_PERMISSION. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

enum swap_label {
    /* MR1 = size of the disk in pages of 4 KiB, MR2 = most pages in one request (1 ..
     * SWAP_RUN_MAX).  The driver has reset all devices that it could ever have set to work: none of
     * them moves anything any more for a driver that was there before.  Answered at once, never
     * refused for want of memory; ERR_ALREADY if a disk is attached.  When all that a driver before
     * this one has left has ended, physmem reads page 0 by a request like any other and looks for
     * the signature.  A disk without it is never written, and
     * another one may be attached after SWAP_DONE has been answered: memory_info.swap_ready is
     * still 0 then.  When there is none, SWAP_NONE says so. */
    SWAP_ATTACH = 0x140,
    /* PARKED until there is work. -> label SWAP_REQUEST, MR1 = request id, MR2 = enum swap_op, MR3
     * = first page on the disk, MR4 = count n, MR5.. = n physical addresses of frames.  A request
     * stays under way until SWAP_DONE, also when the driver pulls again. */
    SWAP_PULL = 0x141,
    /* MR1 = request id, MR2 = enum error, MR3 = pages done well, from the first on.  Answered at
     * once.  An unknown, repeated or late id is answered ERR_ARGUMENT, counted, and has no
     * effect. */
    SWAP_DONE = 0x142,
    SWAP_REQUEST = 0x143,
    /* For drivers that cannot do DMA.  MR1 = id of a request under way, MR2 = address in the
     * driver, page aligned, where its frames are to appear, at most SWAP_BOUNCE_MAX of them:
     * writable for SWAP_READ, read-only for SWAP_WRITE.  The caller accepts map items.  Answered at
     * once: ERR_ARGUMENT for the id, the address or too many frames; ERR_KERNEL_MEMORY. -> MR2 =
     * frames mapped, which are all of them; map items follow.  The frames are taken back before
     * SWAP_DONE is answered. */
    SWAP_BOUNCE_MAP = 0x144,
    /* There is no disk, or no other one, to attach.  Until a driver says so, or the task server
     * (PHYSMEM_SET_DRIVER), physmem takes it that a disk will come: faults that need it wait.
     * ERR_ALREADY: a disk is attached, or its first page is being read. */
    SWAP_NONE = 0x145,
    /* The answer to a pull: a request is overdue.  The driver ends, and the next one resets its
     * devices.  One that does not pull, or does not end within SWAP_GRACE_MS, is ended. */
    SWAP_RESET = 0x146,
    /* SWAP_DONE and SWAP_PULL in one, for the thread that carries requests out: the words are those
     * of SWAP_DONE.  When the report is refused, or when others of the driver's requests are under
     * way, which another thread of it has pulled then, it is answered at once as SWAP_DONE is. Else
     * it is PARKED until there is work, and gets it before a thread that has pulled.  So a driver
     * that is idle has its next request after one message, and one that is not finds it pulled
     * already. */
    SWAP_NEXT = 0x147,
};

enum swap_op { SWAP_READ = 0, SWAP_WRITE = 1 };

/* From SWAP_REQUEST to SWAP_DONE, in the machine's time: longer than a driver tries with a disk
 * that fails. */
enum { SWAP_DEADLINE_MS = 60 * 1000, SWAP_GRACE_MS = 10 * 1000 };

enum { SWAP_RUN_MAX = 32, SWAP_BOUNCE_MAX = 16, SWAP_HEADER_PAGES = 1 };

/* Page 0 of a swap disk, little endian; written by tools/mkswap. */
#define SWAP_SIGNATURE "PILOTFISH-SWAP-1"
struct swap_header {
    char signature[16]; /* no terminator */
    uint32_t page_size; /* 4096 */
    uint32_t pages;     /* of the whole disk area, header included */
    uint8_t uuid[16];
    uint32_t checksum; /* of the 40 bytes before it: FNV-1a, 32 bits */
};
