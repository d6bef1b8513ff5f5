/* SPDX-License-Identifier: BSD-2-Clause */
/* The start-up record: what a task finds at its initial stack pointer.  Written by the loader. */
#pragma once

#include "protocol/ids.h"

enum { STARTUP_MAGIC = 0x50465354, STARTUP_VERSION = 1, STARTUP_ARGS_MAX = 6 * 1024 };

enum {
    STARTUP_QUIET = 1 << 0, /* programs print nothing of their own accord */
};

struct startup {
    L4_Word_t magic, version, flags;
    L4_Word_t task_id;                           /* 0 until known: use L4_Version(L4_Myself()) */
    L4_ThreadId_t physmem, task_server, console; /* console: nilthread = use KDB output */
    L4_Word_t image_end;                         /* first address behind bss */
    L4_Word_t stack_start, stack_end;            /* half open */
    L4_Word_t dc_free, dc_end; /* free part of the designated container, page aligned, half open */
    L4_Word_t argc;
    L4_Word_t argv; /* address of argc pointers and a null, in this record's pages */
};
