/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap disk: which driver serves it, and whether it bears our signature.  Without the signature it is not
 * used; it is never written then. */
#pragma once

#include "protocol/error.h"
#include "protocol/swap.h"
#include "types.h"

struct task;
struct request;

void swap_area_init(void);
bool swap_area_ready(void);       /* signature found, driver alive */
uint32_t swap_area_run_max(void); /* most pages in one request */

void swap_area_set_driver(struct task *t);
bool swap_area_is_driver(const struct task *t);
/* The driver announces its disk: page 0 is read. */
enum error swap_area_attach(uint32_t disk_pages, uint32_t run_max);
void swap_area_header_read(frame_t f, enum error e);
void swap_area_driver_gone(void);
