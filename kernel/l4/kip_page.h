/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel interface page: one page for all spaces, also holding the system-call stubs. */
#pragma once

#include "l4/kip.h"
#include "word.h"

struct kip *kip_page(void);

/* Appends a memory descriptor; half-open range of physical (or, with MEMDESC_VIRTUAL, virtual) addresses. */
void kip_add_memory(word_t type, uint64_t start, uint64_t end);

/* Fixed fields.  The caller (arch) then fills in servers, stubs, processor and boot info. */
void kip_init(word_t processor_khz);
