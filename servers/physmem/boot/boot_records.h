/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's boot records (interface.md 7.2): what the boot loader loaded behind physmem and the
 * task server, and physmem's own command line.  For the boot alone. */
#pragma once

#include "boot/memory_map.h"
#include "l4/kip.h"

/* Reads physmem's own words: `quiet`, `asm=`. */
void boot_records_init(const struct kip *kip);

/* The boot modules in their order; NULL behind the last one. */
const struct bootrec_module *boot_module_first(void);
const struct bootrec_module *boot_module_next(const struct bootrec_module *m);
uint32_t boot_module_count(void);
/* How many windows may stay whether they are used or not (serving/segment_map.h); 0: all.  So many
 * if the word is not there. */
uint32_t boot_windows(uint32_t otherwise);

/* The frames in which the module lies.  It starts with its first one. */
struct range boot_module_frames(const struct bootrec_module *m);
bool frame_is_boot_module(frame_t f);
const char *boot_module_cmdline(const struct bootrec_module *m);

/* The frames of the records themselves, which are read for as long as physmem runs. */
struct range boot_records_frames(void);
