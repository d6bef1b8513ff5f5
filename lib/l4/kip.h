/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel interface page as it is laid out on 32-bit machines.  The kernel writes it at boot,
 * and it is mapped read-only into every space: any program may read it. */
#pragma once

#include "l4/types.h"

enum { KIP_MAGIC = 0x4be6344c };

struct kip_server {              /* initial server: filled in by the boot code */
    L4_Word_t sp, ip, low, high; /* high is exclusive */
};

struct kip {
    L4_Word_t magic, api_version, api_flags, kernel_desc; /* 00 */
    L4_Word_t kdebug[4];                                  /* 10 init, entry, low, high */
    struct kip_server sigma0, sigma1, root;               /* 20 */
    L4_Word_t reserved_50;
    L4_Word_t memory_info;       /* 54 n[15:0], descriptor offset [31:16] */
    L4_Word_t kdebug_config[2];  /* 58 */
    L4_Word_t legacy_memory[16]; /* 60 main, reserved 0..1, dedicated 0..4 */
    L4_Word_t reserved_a0[2];    /* a0 */
    L4_Word_t utcb_info;         /* a8 m[9:0] a[15:10] s[21:16] */
    L4_Word_t kip_area_info;     /* ac s[5:0] */
    L4_Word_t reserved_b0[2];    /* b0 */
    L4_Word_t boot_info;         /* b8 physical address or 0 */
    L4_Word_t proc_desc;         /* bc byte offset */
    L4_Word_t clock_info;        /* c0 */
    L4_Word_t thread_info;       /* c4 t[7:0] system base[19:8] user base[31:20] */
    L4_Word_t page_info;         /* c8 size mask[31:10] rwx[2:0] */
    L4_Word_t processor_info;    /* cc */
    L4_Word_t space_control, thread_control, processor_control, memory_control; /* d0 */
    L4_Word_t ipc, lipc, unmap, exchange_registers;                             /* e0 */
    L4_Word_t system_clock, thread_switch, schedule, reserved_fc[5];            /* f0 */
    L4_Word_t arch_syscall[4];                                                  /* 110 */
};

_Static_assert(sizeof(struct kip) == 0x120, "the KIP header is 0x120 bytes long");

/* Memory descriptor: low | v[9] | subtype[7:4] | type[3:0]; high inclusive to its 1 KiB granule. */
struct kip_memdesc {
    L4_Word_t low, high;
};

enum {
    MEMDESC_UNDEFINED = 0,
    MEMDESC_CONVENTIONAL = 1,
    MEMDESC_RESERVED = 2,
    MEMDESC_DEDICATED = 3,
    MEMDESC_SHARED = 4,
    MEMDESC_LOAN = 0x12,      /* subtype << 4 | type: reserved, and sigma0 may take it back */
    MEMDESC_BOOT_INFO = 0x1e, /* the same */
    MEMDESC_MODULE = 0x2e,
    MEMDESC_ARCH = 0x0f,
    MEMDESC_VIRTUAL = 1 << 9,
};

/* Boot info (interface.md 7.2). */
enum {
    BOOTINFO_MAGIC = 0x14b0021d,
    BOOTREC_MODULE = 1,
    BOOTREC_SIMPLE_EXEC = 2,
    BOOTREC_MULTIBOOT = 0x102,
};

struct bootinfo {
    L4_Word_t magic, version, size, first, count, reserved[3];
};

struct bootrec_head {
    L4_Word_t type, version, next; /* next: byte offset from this record */
};

struct bootrec_module {
    struct bootrec_head head;
    L4_Word_t start, size, cmdline; /* cmdline: byte offset from this record, 0 = none */
};

struct bootrec_simple_exec {
    struct bootrec_head head;
    L4_Word_t text_p, text_v, text_size, data_p, data_v, data_size, bss_p, bss_v, bss_size;
    L4_Word_t ip, flags, label, cmdline;
};
