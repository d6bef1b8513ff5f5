/* SPDX-License-Identifier: BSD-2-Clause */
/* L4 X.2 data types on IA-32 (manual chapters 1 and 2), under the manual's names.  Pure, for
 * everybody, the kernel included: nothing here makes a system call. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t L4_Word_t;
typedef uint64_t L4_Word64_t;

/* ---- thread ids: global = number[31:14] | version[13:0]; local = the UTCB pointer ---- */

typedef struct {
    L4_Word_t raw;
} L4_ThreadId_t;

#define L4_nilthread      ((L4_ThreadId_t){0})
#define L4_anythread      ((L4_ThreadId_t){~0u})
#define L4_anylocalthread ((L4_ThreadId_t){~0x3fu})

enum { L4_VERSION_BITS = 14, L4_VERSION_MASK = (1 << L4_VERSION_BITS) - 1 };

static inline L4_ThreadId_t L4_GlobalId(L4_Word_t number, L4_Word_t version)
{
    return (L4_ThreadId_t){number << L4_VERSION_BITS | (version & L4_VERSION_MASK)};
}

static inline L4_Word_t L4_ThreadNo(L4_ThreadId_t t)
{
    return t.raw >> L4_VERSION_BITS;
}

static inline L4_Word_t L4_Version(L4_ThreadId_t t)
{
    return t.raw & L4_VERSION_MASK;
}

static inline bool L4_IsNilThread(L4_ThreadId_t t)
{
    return t.raw == 0;
}

static inline bool L4_IsThreadEqual(L4_ThreadId_t a, L4_ThreadId_t b)
{
    return a.raw == b.raw;
}

/* Returns true for local ids and for anylocalthread, false for nilthread. */
static inline bool L4_IsLocalId(L4_ThreadId_t t)
{
    return t.raw != 0 && (t.raw & 0x3f) == 0;
}

/* ---- fpages: base[31:10] | log2 size[9:4] | rights[2:0] ---- */

typedef struct {
    L4_Word_t raw;
} L4_Fpage_t;

enum {
    L4_eXecutable = 1,
    L4_Writable = 2,
    L4_Readable = 4,
    L4_ReadWriteOnly = 6,
    L4_ReadeXecOnly = 5,
    L4_FullyAccessible = 7,
};

#define L4_Nilpage              ((L4_Fpage_t){0})
#define L4_CompleteAddressSpace ((L4_Fpage_t){0x10})

static inline L4_Fpage_t L4_FpageLog2(L4_Word_t base, unsigned log2_size)
{
    return (L4_Fpage_t){(base & ~0x3ffu) | (L4_Word_t)log2_size << 4};
}

static inline L4_Fpage_t L4_FpageAddRights(L4_Fpage_t f, L4_Word_t rights)
{
    return (L4_Fpage_t){f.raw | (rights & 7)};
}

static inline L4_Word_t L4_Rights(L4_Fpage_t f)
{
    return f.raw & 7;
}

static inline unsigned L4_SizeLog2(L4_Fpage_t f)
{
    return f.raw >> 4 & 0x3f;
}

static inline L4_Word_t L4_Address(L4_Fpage_t f)
{
    return f.raw & ~0x3ffu;
}

static inline bool L4_IsNilFpage(L4_Fpage_t f)
{
    return (f.raw & ~7u) == 0;
}

/* ---- IO fpages: first port[31:16] | log2 count[15:10] | 2[9:4] | rights[2:0] ---- */

static inline L4_Fpage_t L4_IoFpage(L4_Word_t port, unsigned log2_count)
{
    return (L4_Fpage_t){port << 16 | (L4_Word_t)log2_count << 10 | 2 << 4};
}

static inline bool L4_IsIoFpage(L4_Fpage_t f)
{
    return L4_SizeLog2(f) == 2;
}

static inline L4_Word_t L4_IoFpagePort(L4_Fpage_t f)
{
    return f.raw >> 16;
}

static inline unsigned L4_IoFpageSizeLog2(L4_Fpage_t f)
{
    return f.raw >> 10 & 0x3f;
}

/* ---- times (16 bits): period m * 2^e microseconds ---- */

typedef struct {
    uint16_t raw;
} L4_Time_t;

#define L4_Never    ((L4_Time_t){0})
#define L4_ZeroTime ((L4_Time_t){0x0400})

/* Returns the shortest period that can be represented and is not below us microseconds; ZeroTime
 * for 0. */
static inline L4_Time_t L4_TimePeriod(L4_Word64_t us)
{
    unsigned e = 0;
    if (us == 0) {
        return L4_ZeroTime;
    }
    while (us >= 1024) {
        us = (us + 1) >> 1;
        e++;
    }
    return e > 31 ? L4_Never : (L4_Time_t){(uint16_t)(e << 10 | us)};
}

static inline L4_Word_t L4_Timeouts(L4_Time_t send, L4_Time_t receive)
{
    return (L4_Word_t)send.raw << 16 | receive.raw;
}

/* ---- message tag: label[31:16] | flags[15:12] | t[11:6] | u[5:0] ---- */

typedef struct {
    L4_Word_t raw;
} L4_MsgTag_t;

enum {
    L4_TAG_PROPAGATED = 1 << 12, /* P */
    L4_TAG_REDIRECTED = 1 << 13, /* R */
    L4_TAG_XCPU = 1 << 14,       /* X */
    L4_TAG_ERROR = 1 << 15,      /* E */
};

static inline L4_MsgTag_t L4_MsgTag(L4_Word_t label, L4_Word_t untyped, L4_Word_t typed)
{
    return (L4_MsgTag_t){label << 16 | typed << 6 | untyped};
}

static inline L4_Word_t L4_Label(L4_MsgTag_t tag)
{
    return tag.raw >> 16;
}

static inline L4_Word_t L4_UntypedWords(L4_MsgTag_t tag)
{
    return tag.raw & 0x3f;
}

static inline L4_Word_t L4_TypedWords(L4_MsgTag_t tag)
{
    return tag.raw >> 6 & 0x3f;
}

static inline bool L4_IpcFailed(L4_MsgTag_t tag)
{
    return (tag.raw & L4_TAG_ERROR) != 0;
}

static inline bool L4_IpcSucceeded(L4_MsgTag_t tag)
{
    return !L4_IpcFailed(tag);
}

static inline bool L4_IpcPropagated(L4_MsgTag_t tag)
{
    return (tag.raw & L4_TAG_PROPAGATED) != 0;
}

/* ---- typed items ---- */

enum {
    L4_ITEM_MAP = 0x8,
    L4_ITEM_GRANT = 0xa,
};

/* ---- attributes of MemoryControl: how the processor caches pages ---- */

enum {
    L4_DefaultMemory = 0,
    L4_WriteBackMemory = 1,
    L4_WriteThroughMemory = 2,
    L4_UncacheableMemory = 4,
    L4_WriteCombiningMemory = 5,
    L4_WriteProtectedMemory = 8,
};

/* ---- labels of messages that the kernel makes (label field, low four bits may carry rwx) ---- */

enum {
    L4_LABEL_PAGE_FAULT = 0xffe0, /* | access; MR1 address, MR2 instruction pointer */
    L4_LABEL_INTERRUPT = 0xfff0,
    L4_LABEL_EXCEPTION = 0xffb0, /* 12 words, see interface.md 6.5 */
    L4_LABEL_PREEMPTION = 0xffd0,
    L4_LABEL_IO_FAULT = 0xff80, /* | access */
    L4_LABEL_SIGMA0 = 0xffa0,
    L4_LABEL_STOPPED = 0xff70, /* | enum l4_stopped, see kernel_memory.h; MR2 instruction pointer */
};

/* ---- ErrorCode TCR after a failed control call ---- */

enum {
    L4_ErrNoPrivilege = 1,
    L4_ErrInvalidThread = 2,
    L4_ErrInvalidSpace = 3,
    L4_ErrInvalidScheduler = 4,
    L4_ErrInvalidParam = 5,
    L4_ErrUtcbArea = 6,
    L4_ErrKipArea = 7,
    L4_ErrNoMem = 8,
};

/* ErrorCode after a failed IPC: bit 0 is the phase (0 send, 1 receive), bits 3:1 are one of these,
 * and the rest is an offset. */
enum {
    L4_IpcTimeout = 1,
    L4_IpcNonExisting = 2,
    L4_IpcCanceled = 3,
    L4_IpcMsgOverflow = 4,
    L4_IpcXferTimeoutOwn = 5,
    L4_IpcXferTimeoutPartner = 6,
    L4_IpcAborted = 7,
};
/* Set beside L4_IpcMsgOverflow if a map item found no kernel memory: without it the receiver has
 * not accepted the message. */
#define L4_IpcNoMemory 0x80000000u
