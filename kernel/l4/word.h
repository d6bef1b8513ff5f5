/* SPDX-License-Identifier: BSD-2-Clause */
/* Words, addresses and page sizes, for every file of the kernel.  Constants of the ABI come from
 * lib/l4. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l4/types.h"
#include "l4/utcb.h"
#include "panic.h"

typedef uint32_t word_t;
typedef uint32_t paddr_t; /* physical address */
typedef uint32_t vaddr_t; /* user virtual address */
typedef uint32_t ticks_t; /* timer ticks since boot, wraps; compare with tick_before() */

enum { PAGE_BITS = 12, PAGE_BYTES = 1 << PAGE_BITS };
#define PAGE_MASK (~(word_t)(PAGE_BYTES - 1))

/* The larger page, on processors that have it: the KIP says so (page_info). */
enum { SUPERPAGE_BITS = 22, SUPERPAGE_BYTES = 1 << SUPERPAGE_BITS };
#define SUPERPAGE_MASK (~(word_t)(SUPERPAGE_BYTES - 1))

/* User addresses are below this; the KIP and UTCB areas of the initial servers too. */
#define USER_END 0xc0000000u

/* Written at boot only: read-only once the first thread runs. */
#define SEALED       __attribute__((section(".bss.sealed")))
#define SEALED_PAGES __attribute__((section(".bss.sealed_pages"), aligned(PAGE_BYTES)))
