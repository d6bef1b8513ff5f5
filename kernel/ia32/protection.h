/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own pages: no page that it executes is writable, none that a user may touch is the
 * kernel's to touch, and all but the I/O bitmap (port_map.h) are the same in every space
 * (docs/kernel.md). */
#pragma once

#include "arch.h"
#include "paging.h"

/* The last step of boot, while there is one page directory: from here on what is SEALED is
 * read-only, kernel pages are global, and the processor's means against accidents are on. */
void protection_init(pte_t *directory);

struct kernel_page {
    pte_t bits;   /* frame and PTE_ bits; 0: nothing is mapped */
    word_t bytes; /* 4 KiB or 4 MiB */
};
/* What a directory has at a kernel address. */
struct kernel_page protection_page(const pte_t *directory, word_t address);

/* How many rules this directory (and the processor's control registers) break: 0. */
unsigned protection_check(const pte_t *directory);
