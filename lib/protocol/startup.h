/* SPDX-License-Identifier: BSD-2-Clause */
/* The start-up record: what a task finds at its initial stack pointer.  The loader writes it; the
 * start-up code of the program reads it, and whoever asks pilotfish_startup().  Its creator may be
 * any task, so what it says is believed only in matters of the program itself. */
#pragma once

#include "protocol/ids.h"

enum { STARTUP_MAGIC = 0x50465354, STARTUP_VERSION = 1, STARTUP_ARGS_MAX = 6 * 1024 };

enum {
    STARTUP_QUIET = 1 << 0, /* drivers and servers print nothing but failures */
};

struct startup {
    L4_Word_t magic, version, flags;
    L4_Word_t task_id;                           /* 0: L4_Version(L4_Myself()) tells it */
    L4_ThreadId_t physmem, task_server, console; /* console: nilthread if there is none */
    L4_Word_t image_end;                         /* first address behind bss */
    L4_Word_t stack_start, stack_end;            /* half open */
    L4_Word_t dc_free, dc_end; /* free part of the designated container, page aligned, half open */
    L4_Word_t argc;
    L4_Word_t argv; /* address of argc pointers and a null, in this record's pages */
};
