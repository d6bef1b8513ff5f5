/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs before paging (kickstart.c) leaves for the kernel proper.  Physical addresses throughout. */
#pragma once

#include <stdint.h>

enum {
    BOOT_MODULES_MAX = 32,
    BOOT_TEXT_BYTES = 6144, /* all command lines together */
    BOOT_RANGES_MAX = 24,
    BOOT_FRAME_BYTES = 20, /* what the kernel keeps for each frame of RAM, out of its pool */
    RAM_START = 1 << 20,   /* RAM below is not used but for what sigma0 makes of it */
};

struct boot_module {
    uint32_t start, size;
    uint32_t cmdline; /* offset into text */
};

struct boot_range { /* from the BIOS memory map, half open */
    uint64_t start, end;
    uint32_t type; /* 1 = usable */
};

struct boot_image { /* an initial server, loaded */
    uint32_t low, high, entry;
};

struct boot_layout {
    uint32_t error;                /* 0, or index of a message in main.c */
    uint32_t directory;            /* page directory: read by boot.S */
    uint32_t page_size_extension;  /* CR4.PSE is on: the direct map uses 4 MiB pages */
    uint32_t memory_end;           /* end of the RAM that is used and mapped directly */
    uint32_t pool_start, pool_end; /* kernel memory, page tables of the direct map excluded */
    uint32_t reserved_start;       /* kernel-owned at the top: [reserved_start, pool_end) */
    uint32_t boot_info;            /* one page and more below the modules: BootInfo */
    uint32_t boot_info_bytes;
    uint32_t module_count; /* all, sigma0 and root included */
    uint32_t range_count;
    struct boot_module modules[BOOT_MODULES_MAX];
    struct boot_range ranges[BOOT_RANGES_MAX];
    struct boot_image sigma0, root;
    char cmdline[256]; /* the kernel's */
    char text[BOOT_TEXT_BYTES];
};

enum boot_error {
    BOOT_OK,
    BOOT_NOT_MULTIBOOT,
    BOOT_NO_MEMORY_MAP,
    BOOT_MEMORY_TOO_SMALL,
    BOOT_TOO_MANY_MODULES,
    BOOT_MODULES_MISSING, /* fewer than two modules: sigma0 and root */
    BOOT_BAD_SIGMA0,
    BOOT_BAD_ROOT,
    BOOT_ERROR_COUNT
};

/* Linked at physical addresses: reach it through the direct map. */
extern struct boot_layout boot_layout;
