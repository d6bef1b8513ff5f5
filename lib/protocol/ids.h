/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-known identities, and where things lie in every task.  For servers, libraries and
 * programs. */
#pragma once

#include "l4/types.h"

/* The task id is the version field of a task's thread ids.  Ids whose low six bits are zero do not
 * exist (they would look like local thread ids). */
enum {
    /* Physmem (sigma0) and the task server (root): both are made by the kernel. */
    TASK_ID_SYSTEM = 1,
    TASK_ID_FIRST = 2,
    TASK_ID_LAST = (1 << 14) - 1,
};

/* UserBase is 48 on this kernel, published in the KIP's ThreadInfo: sigma0 = 48, root = 50. */
enum { USER_BASE = 48 };
#define PHYSMEM_THREAD     L4_GlobalId(USER_BASE, 1)
#define TASK_SERVER_THREAD L4_GlobalId(USER_BASE + 2, 1)

/* Address space of a task.  The first page is never mapped.  Designated container: virtual
 * address = offset, and everything below is laid out in it except KIP and UTCBs (holes of the
 * container):
 *
 *   0x00001000  KIP
 *   0x00010000  UTCB area, 64 KiB: 128 threads; the first thread has slot 0
 *   0x00020000  program image: text, read-only data, data, bss
 *   + 1 page    guard (hole)
 *   + 256 pages stack of the first thread, or as many as the program asks for: -z stack-size=BYTES
 *   + 1..2 pages  start-up record (startup.h); initial SP = its address
 *   + ...       free pages of the designated container (implied zero) up to startup.dc_end
 *   0x10000000 .. 0xb0000000  regions managed by the task's pager
 */
enum {
    TASK_KIP_BASE = 0x1000,
    TASK_UTCB_BASE = 0x10000,
    TASK_UTCB_LOG2 = 16,
    TASK_THREADS_MAX = 128,
    TASK_IMAGE_BASE = 0x20000,
    TASK_STACK_PAGES = 256,    /* of the first thread, by default: 1 MiB */
    TASK_DC_FREE_PAGES = 1024, /* what the loader adds behind the start-up record, by default */
    TASK_REGIONS_BASE = 0x10000000,
};
#define TASK_REGIONS_END 0xb0000000u

enum { PAGE_SIZE = 4096, PAGE_SHIFT = 12 };

/* Handles are small numbers that have a meaning only together with the sender's task id. */
typedef uint32_t handle_t;
enum {
    HANDLE_NONE = 0,
    HANDLE_DC = 1, /* every task's designated container, all rights */
};

enum { /* rights in a handle */
       RIGHT_READ = 4,
       RIGHT_WRITE = 2,
       RIGHT_EXEC = 1,
       RIGHT_OWNER = 8, /* may destroy, zero and punch, and be made a designated container */
       RIGHT_ALL = 15,
};
