/* SPDX-License-Identifier: BSD-2-Clause */
/* The rights of the kernel's own pages (docs/kernel.md).
 *
 * Invariants, from the end of boot on: the kernel cannot write a page that it executes; users can
 * reach no page of the kernel but one, which they may read; and every space has the same pages
 * there, but for the I/O bitmap (port_map.h).  protection_check counts what is not so.  Called by
 * main.c, by tests and by the debugger. */
#pragma once

#include "arch.h"
#include "paging.h"

/* The last step of boot, while there is one page directory: from here on what is SEALED is
 * read-only, kernel pages are global where the processor can, and SMEP and SMAP are on where it has
 * them. */
void protection_init(pte_t *directory);

struct kernel_page {
    pte_t bits;   /* frame and PTE_ bits; 0: nothing is mapped */
    word_t bytes; /* 4 KiB or 4 MiB */
};
/* The page that a directory has at a kernel address. */
struct kernel_page protection_page(const pte_t *directory, word_t address);

/* How many of the invariants this directory and the processor's control registers break. */
unsigned protection_check(const pte_t *directory);
