/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel interface page (interface.md 2): one page for all spaces, which also holds the
 * system-call stubs.  It is filled in at boot and read-only, for the kernel too, once the first
 * thread runs. */
#pragma once

#include "l4/kip.h"
#include "word.h"

struct kip *kip_page(void);

/* Appends a memory descriptor for a half-open range of physical (with MEMDESC_VIRTUAL: virtual)
 * addresses.  Later ones override earlier ones.  An empty range, and one beyond the page's room,
 * are left out. */
void kip_add_memory(word_t type, uint64_t start, uint64_t end);

/* Fills in the fixed fields.  The boot fills in servers, stubs, processor and boot info
 * afterwards. */
void kip_init(word_t processor_khz);
