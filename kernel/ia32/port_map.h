/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports of a space: the I/O permission bitmap behind the TSS.
 *
 * With ioports=mapped the TSS is reached at a page of its own in the kernel's last 4 MiB; the two
 * pages behind it are the bitmap.  Every space shows the same page there, where all ports are
 * closed, until it gets ports: then it has a page table of its own for these 4 MiB, with bitmap
 * pages of its own.  So loading CR3 switches the ports too. */
#pragma once

#include "l4/tcb.h"
#include "paging.h"

/* Where the TSS is as the processor shall see it, and how far the bitmap behind it reaches. */
struct tss_place {
    uint32_t base, limit;
    uint16_t io_map;
};

enum { TSS_PAGE = 1, MAP_PAGE = 2, END_PAGE = 4 }; /* of the window at UTCB_WORD_ADDRESS */

/* Does a kernel address show the bitmap?  Its pages differ from space to space, so they are not
 * global. */
static inline bool port_map_shows(word_t address)
{
    word_t page = (address - UTCB_WORD_ADDRESS) >> PAGE_BITS;
    return page >= MAP_PAGE && page <= END_PAGE;
}

/* From now on ports are mapped, and IOPL is 0.  main.c calls it after paging_init and before the
 * first space is made. */
RARE void port_map_init(void);
RARE struct tss_place port_map_tss(void);

/* Does it have a page table of its own there? */
RARE bool port_map_is_own(const struct space *space);

/* Gives the pages of a space back.  The space is not current, and ends. */
RARE void port_map_destroy(struct space *space);

/* A general protection exception of t without an error code.  true: it came for want of ports, and
 * the pager has been asked for them. */
RARE bool port_fault(struct tcb *t);
