/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of physmem (sigma0): owner of all frames, keeper of containers, last-resort pager,
 * swapper.
 *
 * Calling: L4_Call to PHYSMEM_THREAD with untyped words only.  The sender is known by its task id
 * alone.  Every call is answered in the event that receives it (label PHYSMEM_REPLY, MR1 = enum
 * error), except what is marked PARKED: faults, and pulls; and a call that needs a frame while none
 * is free, but some are on their way to the disk.  It waits for its turn among the faults, and is
 * then made.  ERR_NO_MEMORY: nothing can come; ERR_BUSY, from any call: there is not even memory to
 * let it wait, and the caller asks again (the stubs of lib/client do).  Neither the swap driver,
 * nor the task server while a disk is lost or does not answer, waits so.
 *
 * physmem replies with a zero time-out and sends to nobody unasked; a caller must wait in the same
 * IPC (call).  A new message of a thread, or in its name, removes what was parked for it.  Unknown
 * labels are answered ERR_UNKNOWN; malformed counts of words ERR_ARGUMENT.  No call takes long:
 * what could is cut, and the answer says how much was done, or ERR_BUSY.  Page numbers and counts
 * are in pages of 4 KiB; ranges that wrap are ERR_RANGE. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

enum physmem_label {
    PHYSMEM_REPLY = 0x1fe,
    /* The answer to a fault: nothing (u = 0), or one map item.  A thread that did not fault drops
     * it. */
    PHYSMEM_ANSWER = 0x1ff,

    /* A pager hands a fault on by propagation (flag P, VirtualSender = the faulting thread) and
     * sends only.  MR1 = fault address, MR2 = handle, MR3 = page in the container, MR4 = access
     * wanted (rwx) | region's rights << 4.  PARKED: the faulting thread itself is answered, with
     * PHYSMEM_ANSWER, when the page is in memory.  If something is wrong, a note is kept for the
     * thread, and it is answered without a mapping.  A message without flag P, whose thread has
     * died meanwhile, is dropped and counted. */
    PHYSMEM_FORWARD = 0x100,

    /* The kernel's own page-fault message (label 0xFFEx) from a thread whose pager is physmem is a
     * last-resort fault.  It is served 1:1 from the designated container.  PARKED.  One that cannot
     * be served is never answered; the task is reported broken (PHYSMEM_NOTICE_PULL). */

    /* MR1 = thread id (of the sender's task) -> MR2 = the note's error (OK = nothing wrong: forward
     * again), MR3 = its address.  The note is gone afterwards. */
    PHYSMEM_ASK = 0x101,

    /* Parked faults of the sender's task at addresses MR1 <= a < MR2 are answered empty.
     * -> MR2 = how many. */
    PHYSMEM_FORGET_RANGE = 0x102,
    /* From the task server, or from a task for its own threads, after thread MR1 has been deleted:
     * everything that is kept for that id is dropped. */
    PHYSMEM_FORGET_THREAD = 0x103,

    /* ---- containers ---- */
    /* MR1 = size in pages (1 .. 2^20), MR2 = flags -> MR2 = handle, with all rights. */
    PHYSMEM_CREATE = 0x110,
    /* MR1 = handle (OWNER).  The container is destroyed; other handles to it answer ERR_DEAD.
     * ERR_BUSY: it is dead already, but not all of it is gone yet; the caller calls again. */
    PHYSMEM_DESTROY = 0x111,
    /* MR1 = handle, but not HANDLE_DC.  The handle is given up; the last one takes the container
     * with it.  ERR_BUSY: the handle is dead already, but what it was good for is not yet unmapped
     * or gone; the caller calls again. */
    PHYSMEM_CLOSE = 0x112,
    /* MR1 = handle, MR2 = task id, MR3 = rights (a subset of the handle's, without OWNER)
     * -> MR2 = a handle of that other task.  The sender is charged for it, and it goes with the
     * sender's task. */
    PHYSMEM_SHARE = 0x113,
    /* MR1 = source handle (READ), MR2 = first page, MR3 = destination handle (WRITE), MR4 = first
     * page, MR5 = count.  Copy-on-write copy: holes become holes, implied zeros implied zeros.  The
     * two ranges may not overlap in one container. -> MR2 = pages done, from the first on, also on
     * error.  As many as one event can do, which may be none: if it is OK and fewer than MR5, the
     * caller calls again for the rest. */
    PHYSMEM_COPY = 0x114,
    /* MR1 = handle (WRITE), MR2 = first, MR3 = count: the pages become implied zeros.
     * -> MR2 = pages done, as for PHYSMEM_COPY. */
    PHYSMEM_ZERO = 0x115,
    /* MR1 = handle (OWNER), MR2 = first, MR3 = count: the pages become holes.
     * -> MR2 = pages done, as for PHYSMEM_COPY. */
    PHYSMEM_PUNCH = 0x116,
    /* MR1 = handle, MR2 = first page.  Looks at the pages from there on, as far as one event goes.
     * -> MR2 = size in pages, MR3 = rights, MR4 = pages in memory, MR5 = pages on swap only,
     * MR6 = the first page that was not looked at: the size if there is none. */
    PHYSMEM_STAT = 0x117,
    /* MR1 = handle, MR2 = first page, MR3 = count (1 ..  PHYSMEM_MAP_MAX), MR4 = rights, MR5 =
     * address where page MR2 goes (page aligned, in the range of users).  Pages that are in memory
     * or implied zero are mapped, from the first on; the first page that is neither ends it, and
     * the rest comes by faults.  The caller accepts map items. -> MR2 = pages mapped; map items
     * follow.  An error only if the first page is an implied zero that cannot be made real:
     * ERR_QUOTA, ERR_NO_ROOM, ERR_NO_MEMORY. */
    PHYSMEM_MAP = 0x118,

    /* ---- knowledge ---- */
    PHYSMEM_MEMORY_INFO = 0x120, /* -> MR2.. = struct memory_info */
    /* MR1 = task id (0 = the sender's) -> MR2.. = struct task_memory.  ERR_PERMISSION: the sender
     * is neither that task nor one that has made it, directly or not.  Task 1 has made all. */
    PHYSMEM_TASK_INFO = 0x121,

    /* ---- the task server alone (others: ERR_PERMISSION) ---- */
    /* MR1 = new task id, MR2 = task id of the container's holder, MR3 = its handle (OWNER),
     * MR4 = quota in pages (0 = none): the container leaves its holder and becomes the new task's
     * HANDLE_DC.  A quota is taken from the holder's as long as the task, or one that it has made,
     * exists; without one all that the task has is charged to the holder.
     * ERR_BUSY: what the holder has mapped is not all unmapped yet; the caller calls again.
     * Already a designated container: ERR_ALREADY.  Not larger than TASK_IMAGE_BASE: ERR_RANGE.
     * More than the holder has left: ERR_QUOTA. */
    PHYSMEM_TASK_NEW = 0x130,
    /* MR1 = task id, whose threads the task server has deleted: all that the task has is given
     * back. -> MR2 = frames, MR3 = slots, MR4 = containers given back by this call.  ERR_BUSY, with
     * these words: there is more; the caller calls again. */
    PHYSMEM_TASK_DELETE = 0x131,
    /* MR1 = task id of a swap driver: every page it has is brought in and stays.  ERR_BUSY while
     * pages are being read: the caller asks again. */
    PHYSMEM_WIRE = 0x132,
    /* MR1 = task id: that task may send the messages of protocol/swap.h.  0: there is no swap
     * driver, and none will come; what is on its disk is out of reach. */
    PHYSMEM_SET_DRIVER = 0x133,
    /* MR1 = index of a boot module (0 = the first behind sigma0 and root) -> MR2 = handle
     * (READ|EXEC|OWNER, for the task server), MR3 = size in bytes, MR4 = bytes of command line,
     * MR5.. = command line.
     * No such module: ERR_NOT_FOUND. */
    PHYSMEM_MODULE = 0x134,
    /* PARKED until there is something to tell -> MR2 = enum physmem_notice, MR3 = task id,
     * MR4 = thread id, MR5 = address, MR6 = enum error, MR7 = instruction pointer. */
    PHYSMEM_NOTICE_PULL = 0x135,
    /* MR1 = task id, MR2 = flags: the task begins to move out; PHYSMEM_TASK_INFO tells how far it
     * is.  ERR_ALREADY, ERR_WIRED, ERR_NO_TASK, ERR_NO_SWAP, ERR_PERMISSION (task id 1). */
    PHYSMEM_OUTSWAP = 0x136,
    /* MR1 = task id: the pages that it had in memory when it went out are brought back. */
    PHYSMEM_INSWAP = 0x137,
    /* MR1 = task id, MR2 = page of its designated container: physical address -> MR2.  Wired tasks
     * only. */
    PHYSMEM_PHYS_ADDR = 0x138,
    /* Whole-state check. -> MR2 = number of violations, MR3 = line in check.c of the first one. */
    PHYSMEM_CHECK = 0x139,
    /* The kernel has had no memory for a thread or a space of the task MR1 (0 = a new one): physmem
     * lends it frames, or takes mappings of the task away, which fault in again.  Any task may ask
     * for itself.  OK: the caller makes its system call again, a bounded number of times.
     * ERR_BUSY: no frame is free, nor is one on its way, and the caller asks again.
     * ERR_KERNEL_MEMORY: the kernel gets none, or it has memory and a space without mappings is at
     * its quota. */
    PHYSMEM_KERNEL_MEMORY = 0x13c,
    /* Tests.  MR1 = task id, MR2 = page of its DC that is on swap only: damage what is known of its
     * contents. */
    PHYSMEM_DEBUG_DAMAGE = 0x13a,
    /* Tests.  MR1 = task id, MR2 = flags: all its pages that may be taken for their frames are,
     * however young they are. -> MR2 = how many.  ERR_NO_TASK, ERR_ARGUMENT, ERR_NO_SWAP,
     * ERR_NO_ROOM, and ERR_NO_MEMORY: no room for more requests to the disk just now. */
    PHYSMEM_DEBUG_EVICT = 0x13d,
    /* Tests.  MR1 = ticks of about a millisecond (0 .. PHYSMEM_HOLD_MAX): for so long the swap
     * driver gets no requests, they are queued.  -> MR2 = 1 if it got none until now. */
    PHYSMEM_DEBUG_HOLD = 0x13e,
    /* MR1 = handle, MR2 = first page, MR3 = count: the pages that are real are brought in and stay,
     * and so do those that become real there later: they belong to the restart set, with which a
     * swap driver can be started again while its disk is out of reach.  ERR_BUSY while pages are
     * being read: the caller asks again.  ERR_NO_MEMORY: a few such ranges are all there may
     * be. */
    PHYSMEM_KEEP = 0x13f,
    /* -> one map item: the IO fpage of all ports.  The caller accepts it. */
    PHYSMEM_PORTS = 0x13b,
    /* MR1 = task id (0: there is none any more), MR2 = handle (OWNER) of the container that holds
     * the Segment Map, kept from one segmap to the next.  The task may from then on send the
     * messages of protocol/segmap.h; the container's pages appear in it at the address that
     * SEGMAP_OPEN tells.  ERR_NO_TASK, errors of the handle, ERR_ARGUMENT: fewer than 64 or more
     * than SEGMAP_PAGES_MAX pages; ERR_ALREADY: another task that lives is segmap. */
    PHYSMEM_SET_SEGMAP = 0x148,
};

enum { PHYSMEM_MAP_MAX = 30 }; /* map items that fit a message behind its label and two words */

enum { PHYSMEM_CREATE_HOLES = 1 }; /* all holes instead of all implied zeros */

enum physmem_outswap_flag {
    /* Stays out until INSWAP; otherwise the first fault after it is out wakes it. */
    OUTSWAP_HOLD = 1,
    /* For tests: only the designated container, with the pager, is evicted; the task is not out. */
    OUTSWAP_DC_ONLY = 2,
};

/* The task server pulls again after so long, so that a request that the swap driver never ends is
 * noticed though nobody else sends anything. */
enum { PHYSMEM_NOTICE_PULL_US = 4 * 1000 * 1000 };

enum { PHYSMEM_HOLD_MAX = 60 * 1000 };

enum physmem_evict_flag { EVICT_KEEP_DC = 1 /* not those of its designated container */ };

enum physmem_notice {
    NOTICE_BROKEN = 1, /* a last-resort fault cannot be served: the task is to be ended */
    NOTICE_OUT = 2,    /* an outswap is complete */
    NOTICE_IN = 3,     /* an outswapped task was woken or asked back */
    /* Windows are to leave physmem's memory, and there is no segmap: it is to be started.  All
     * other words are 0.  Said once until PHYSMEM_SET_SEGMAP is called. */
    NOTICE_SEGMAP = 4,
};

struct memory_info { /* frames and pages; counters since boot */
    L4_Word_t frames_total, frames_free, frames_wired, frames_resident;
    L4_Word_t frames_transit;              /* being read or written */
    L4_Word_t slots_total, slots_used;     /* pages of the swap disk without its header */
    L4_Word_t pages_promised, pages_limit; /* reserved against swap and frames; the bound */
    L4_Word_t faults, pages_read, pages_written;
    L4_Word_t reads, writes;      /* requests to the disk */
    L4_Word_t zero_fills, copies; /* implied zeros made real; copy-on-write breaks */
    L4_Word_t depth_max;          /* deepest recursion seen: rounds at physmem for one fault */
    L4_Word_t parked;             /* faults parked now */
    L4_Word_t dropped;            /* forged or stale messages */
    L4_Word_t evictions, io_errors;
    L4_Word_t frames_lent;     /* to the kernel; among those wired */
    L4_Word_t overlaps;        /* requests that the driver got while it had others */
    L4_Word_t swap_ready;      /* 1 = the swap disk can be used */
    L4_Word_t frames_image;    /* of those wired: physmem's image and frame table, boot records */
    L4_Word_t frames_tables;   /* of those wired: physmem's tables, and what it has lent */
    L4_Word_t lookups, stores; /* done by segmap */
    /* Containers that have ended, but for windows of which the Segment Map has records: their pages
     * still count, in slots and promises too, and are given up as segmap gets to it. */
    L4_Word_t containers_left;
    L4_Word_t map_pages; /* of the Segment Map; among those promised */
    /* So many windows stay in memory, used or not; 0: all do, and there is no Segment Map. */
    L4_Word_t windows_stay;
};

enum task_memory_state { TASK_MEMORY_IN = 0, TASK_MEMORY_GOING_OUT = 1, TASK_MEMORY_OUT = 2 };

struct task_memory {
    L4_Word_t state;             /* enum task_memory_state */
    L4_Word_t frames, frames_dc; /* that it pays for: all; of these, in its DC (its pager) */
    L4_Word_t swapped;           /* pages that it pays for, on swap only */
    L4_Word_t promised, quota;   /* pages reserved; its own bound or 0 */
    L4_Word_t containers, wired; /* wired: 1 = wired task */
    L4_Word_t faults, faults_dc; /* served for it: all, last-resort */
    L4_Word_t stub_bytes;        /* what physmem itself keeps for the task */
    L4_Word_t shared;            /* pages it refers to that others pay for, wherever they are */
    L4_Word_t wired_frames;      /* of its pages, those whose frames are not to be had */
    L4_Word_t charged;           /* pages promised, tables and records: what its quota is for */
};
