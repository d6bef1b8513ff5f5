/* SPDX-License-Identifier: BSD-2-Clause */
/* How far those things are that the kernel does in steps (work.h): what stands in the TCB of the
 * thread that goes on with them. */
#pragma once

#include "word.h"

/* What a READY thread goes on with when it runs next, before anything at user level. */
enum continuing {
    CONTINUES_NOTHING,
    CONTINUES_TRANSFER,  /* as the sender of a message (ipc.h) */
    CONTINUES_RECEIVING, /* with its receive phase (ipc.h) */
    CONTINUES_UNMAP,     /* its Unmap (unmap_call.h) */
    CONTINUES_REAPING,   /* what a ThreadControl has left to do (reaper.h) */
    CONTINUES_PRINTING,  /* a string for the console (kdb/printing.h) */
};

/* unmap_page for every page of an fpage.  Each page goes for itself: in between, others see that
 * some have gone and some have not. */
struct unmapping {
    L4_Fpage_t fpage; /* with the rights to revoke */
    word_t next;      /* the first page, or port, that is not done */
    word_t status;    /* so far */
};

/* A map or grant item. */
struct map_progress {
    word_t next; /* of the item, the first page that is not done; of an IO fpage, the first port */
    bool mapped; /* all is mapped, and `next' counts what leaves the granter */
};

/* A string that the kernel prints. */
struct printing {
    vaddr_t next; /* in the thread's space */
    word_t left;  /* at most so many bytes */
};

/* Frames that get a memory type: first those with a list of their own, then the lists of devices,
 * then sigma0's own entries. */
struct type_progress {
    enum { TYPE_BEGINS, TYPE_FRAMES, TYPE_DEVICES, TYPE_SIGMA0 } part;
    word_t next; /* in that part: a frame, a list, an address */
};

/* An Unmap of several fpages. */
struct unmap_call {
    struct unmapping now; /* of the fpage in message register `item' */
    uint8_t item;
    word_t control; /* the call's word, with the steps that are left */
};
