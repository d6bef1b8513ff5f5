/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap disk: whether there is one, and whether it bears our signature.
 *
 *   NONE --begin--> READING_HEADER --signature found--> READY --end--> NONE
 *                         `--none, or the wrong disk--> NONE
 *
 * A disk without the signature is never written.  Once slots are laid out, only the disk with the
 * same header is accepted again.  driver.c moves the states; everybody may ask whether the disk is
 * ready. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"
#include "protocol/swap.h"

void swap_area_init(void);
bool swap_area_ready(void);       /* signature found, driver alive */
uint32_t swap_area_run_max(void); /* most pages in one request */

/* The driver has a disk of so many pages, and takes up to run_max of them in a request.
 * ERR_ARGUMENT; ERR_ALREADY: there is a disk.  Page 0 is to be read next, and to be given to
 * swap_area_header_read: frame f holds it if e is OK. */
enum error swap_area_begin(uint32_t disk_pages, uint32_t run_max);
void swap_area_header_read(frame_t f, enum error e);
/* The disk can be used no longer. */
void swap_area_end(void);
