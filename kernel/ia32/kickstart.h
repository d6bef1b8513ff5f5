/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs before paging (kickstart*.c) leaves for the kernel proper: how physical memory is laid
 * out, or why the machine cannot boot.  All addresses are physical, all ranges half open.
 *
 * Kickstart alone writes boot_layout; main.c and what it starts read it, until the first thread
 * runs: its page is ordinary memory then. */
#pragma once

#include <stdint.h>

enum {
    BOOT_SERVERS = 2, /* sigma0 and the root task: the first boot modules */
    BOOT_RANGES_MAX = 40,
    BOOT_CMDLINE_BYTES = 1024,
    BOOT_NAME_BYTES = 32,
    BOOT_FRAME_BYTES = 8, /* what the kernel keeps for each frame of RAM, out of its pool */
    RAM_START = 1 << 20,  /* RAM below is not used but for what sigma0 makes of it */
};

struct boot_range { /* from the BIOS memory map */
    uint64_t start, end;
    uint32_t type; /* 1 = usable */
};

struct boot_image { /* an initial server, loaded */
    uint32_t low, high, entry;
    uint32_t file, file_end; /* its boot module, whose memory is free again */
};

/* Why the machine cannot boot.  `module' counts from 0; start and end are the numbers that the text
 * (boot_problem.c) speaks of. */
enum boot_error {
    BOOT_OK,
    BOOT_NOT_MULTIBOOT,
    BOOT_NO_MEMORY_MAP,
    BOOT_MEMORY_TOO_SMALL,  /* start: KiB that there are, end: KiB that the kernel alone needs */
    BOOT_MODULES_MISSING,   /* start: how many there are */
    BOOT_LIST_TOO_LONG,     /* start: bytes of names and arguments, end: of the kernel's memory */
    BOOT_MODULES_TOO_LARGE, /* start: KiB of all modules, end: KiB that there are for them */
    BOOT_MODULE_TOO_HIGH,   /* start: where the module lies, end: where it must go */
    BOOT_NOT_ELF,
    BOOT_NOT_IA32,
    BOOT_NOT_EXECUTABLE,
    BOOT_CUT_SHORT,
    BOOT_NOTHING_TO_LOAD,
    BOOT_WRONG_ORDER,
    BOOT_ON_KERNEL, /* start, end: of the segment; so in what follows */
    BOOT_ON_SIGMA0,
    BOOT_BEYOND_ROOM, /* start: KiB below the modules, end: KiB that the segment goes up to */
    BOOT_NOT_RAM,
    BOOT_ENTRY_OUTSIDE, /* start: the entry point */
    BOOT_ERROR_COUNT
};

struct boot_problem {
    uint32_t error; /* enum boot_error */
    uint32_t module;
    uint32_t start, end;
    char name[BOOT_NAME_BYTES]; /* of the module's file */
};

struct boot_layout {
    struct boot_problem problem;
    uint32_t directory;                     /* page directory: read by boot.S */
    uint32_t page_size_extension;           /* CR4.PSE is on: the direct map uses 4 MiB pages */
    uint32_t memory_end;                    /* end of the RAM that is used and mapped directly */
    uint32_t pool_start, pool_end;          /* kernel memory without tables of the direct map */
    uint32_t reserved_start;                /* the kernel's at the top: up to pool_end */
    uint32_t loan_start;                    /* [loan_start, pool_end) may go to sigma0 */
    uint32_t boot_info, boot_info_bytes;    /* whole pages right below the modules: BootInfo */
    uint32_t modules_start;                 /* all boot modules: [modules_start, reserved_start) */
    uint32_t pool_least_kib, pool_most_kib; /* what kmem= may ask for */
    uint32_t pool_refused;                  /* kmem= asked for something else; not done */
    uint32_t range_count;
    struct boot_range ranges[BOOT_RANGES_MAX];
    struct boot_image servers[BOOT_SERVERS]; /* sigma0, root task */
    char cmdline[BOOT_CMDLINE_BYTES];        /* the kernel's, cut if it is longer */
};

/* Linked at physical addresses: reach it through the direct map. */
extern struct boot_layout boot_layout;
