/* SPDX-License-Identifier: BSD-2-Clause */
/* The UTCB: offsets relative to the UTCB pointer, which is the address of MR0 and the local thread
 * id.  For syscalls.h, the kernel, and whoever reads a UTCB of his own space. */
#pragma once

enum {
    UTCB_SIZE = 512,
    UTCB_MR0_OFFSET = 256, /* from the UTCB's base to the UTCB pointer */
    UTCB_MR_COUNT = 64,
    UTCB_BR_COUNT = 33,
};

/* Word indices relative to the UTCB pointer (multiply by four for bytes). */
enum {
    UTCB_THREAD_WORD0 = -4,
    UTCB_THREAD_WORD1 = -5,
    UTCB_VIRTUAL_SENDER = -6, /* in: VirtualSender; out: ActualSender */
    UTCB_INTENDED_RECEIVER = -7,
    UTCB_XFER_TIMEOUTS = -8,
    UTCB_ERROR_CODE = -9,
    UTCB_PREEMPT_FLAGS = -10,
    UTCB_EXCEPTION_HANDLER = -11,
    UTCB_PAGER = -12,
    UTCB_USER_HANDLE = -13,
    UTCB_PROCESSOR_NO = -14,
    UTCB_MY_GLOBAL_ID = -15,
    UTCB_BR0 = -16, /* BRn at UTCB_BR0 - n */
};
