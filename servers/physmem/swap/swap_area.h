/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap disk: whether there is one, and whether it bears our signature.
 *
 *   EXPECTED --signature found--> READY --the driver is gone--> LOST --signature found--> READY
 *       `---there is no disk---> NONE <---the driver is given up---'
 *
 * In EXPECTED (from the boot on) and LOST the disk is awaited: what needs it waits, memory does not
 * count as full for want of slots, and room is set aside for what brings the disk (back).  In NONE
 * what needs the disk is an error.  A disk may still be attached there.
 *
 * A disk without the signature is never written.  Once slots are laid out, only the disk with the
 * same header is accepted again.  driver.c moves the states; everybody may ask. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"
#include "protocol/swap.h"

/* Frames that are set aside for a disk that is expected: for the driver and its tables, should it
 * not have started yet, for the disk's header and for the first table of slots. */
enum { SWAP_AREA_FRAMES = 32 };

void swap_area_init(void);
bool swap_area_ready(void);       /* signature found, driver alive */
bool swap_area_awaited(void);     /* EXPECTED or LOST */
enum error swap_area_error(void); /* not ready: ERR_BUSY if it is awaited, else ERR_NO_SWAP */
uint32_t swap_area_run_max(void); /* most pages in one request */

/* The driver has a disk of so many pages, and takes up to run_max of them in a request.
 * ERR_ARGUMENT; ERR_ALREADY: there is a disk, or its header is being read.  Page 0 is to be read
 * next, and to be given to swap_area_header_read: frame f holds it if e is OK. */
enum error swap_area_begin(uint32_t disk_pages, uint32_t run_max);
void swap_area_header_read(frame_t f, enum error e);
/* The driver is gone: READY becomes LOST. */
void swap_area_lose(void);
/* There is no disk, and none is to come.  ERR_ALREADY: there is one, or its header is being
 * read. */
enum error swap_area_give_up(void);
