/* SPDX-License-Identifier: BSD-2-Clause */
/* Words and small helpers of the kernel.  Constants of the ABI come from lib/l4. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l4/types.h"
#include "l4/utcb.h"

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

/* Broken invariants of the kernel itself end the machine; nothing a user does may lead here. */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Functions that are kept small, and away from the paths of every call. */
#define RARE __attribute__((cold, noinline))

/* Written at boot only: read-only once the first thread runs. */
#define SEALED       __attribute__((section(".bss.sealed")))
#define SEALED_PAGES __attribute__((section(".bss.sealed_pages"), aligned(PAGE_BYTES)))

#define assert(condition)                                                                                    \
    do {                                                                                                     \
        if (__builtin_expect(!(condition), 0)) {                                                             \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition);                            \
        }                                                                                                    \
    } while (0)
