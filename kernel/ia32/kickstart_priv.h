/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of kickstart share.  They run one after the other before paging, on their own
 * stack, with nothing to call but each other; kickstart.c calls the two others.
 *
 * A step that cannot go on says why with boot_fail() and returns false; its callers return at once,
 * up to kickstart(). */
#pragma once

#include "kickstart.h"
#include "l4/kip.h"

#include <stdbool.h>
#include <stddef.h>

enum { PAGE = 4096 };

extern char kernel_end_physical[];

struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length,
        mmap_addr;
};

struct multiboot_module {
    uint32_t start, end, string, reserved;
};

/* ---- kickstart.c ---- */

uint32_t page_up(uint32_t a);
void copy(uint32_t to, uint32_t from, uint32_t bytes); /* the two may overlap */
void clear(uint32_t to, uint32_t bytes);
/* Notes the problem, which is the first.  file_name: command line of the module, or 0.  Returns
 * false. */
bool boot_fail(enum boot_error error, uint32_t start, uint32_t end);
bool boot_fail_module(enum boot_error error, uint32_t module, uint32_t file_name, uint32_t start,
                      uint32_t end);

/* ---- kickstart_modules.c: the boot modules, and the list of them that BootInfo is ---- */

/* Writes BootInfo into the pool, with the modules where the boot loader has put them.  From here on
 * nothing of the boot loader's own is needed. */
bool modules_list(const struct multiboot_info *info);
/* Moves the modules up under the pool, and BootInfo right below them. */
bool modules_move(void);
/* The BootInfo record of one of the two servers (by its number), and where its file lies. */
struct bootrec_simple_exec *modules_server(uint32_t number);

/* ---- kickstart_elf.c ---- */

/* Loads the server's file to the addresses that it is linked for, and says in its BootInfo record
 * where it is. */
bool server_load(uint32_t number);
