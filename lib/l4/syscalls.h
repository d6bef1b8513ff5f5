/* SPDX-License-Identifier: BSD-2-Clause */
/* L4 X.2 system calls and virtual registers, under the manual's names.  Any thread outside the
 * kernel may make the calls, and touches its own virtual registers only.  The first thread of a
 * space calls L4_Init() once before anything else here (crt0 does it). */
#pragma once

#include "l4/kip.h"
#include "l4/types.h"
#include "l4/utcb.h"

/* Absolute entry addresses, set by L4_Init from the KIP's system call links (lib/l4/init.c). */
extern L4_Word_t __L4_ipc, __L4_thread_control, __L4_space_control, __L4_unmap;
extern L4_Word_t __L4_exchange_registers, __L4_system_clock, __L4_thread_switch, __L4_schedule;
extern L4_Word_t __L4_memory_control, __L4_processor_control;
extern const struct kip *__L4_kip;

void L4_Init(void);

static inline const struct kip *L4_KernelInterface(void)
{
    return __L4_kip;
}

/* ---- virtual registers ---- */

static inline L4_Word_t *L4_Utcb(void)
{
    L4_Word_t *utcb;
    __asm__ volatile("movl %%gs:0, %0" : "=r"(utcb));
    return utcb;
}

static inline void L4_LoadMR(unsigned i, L4_Word_t w)
{
    ((volatile L4_Word_t *)L4_Utcb())[i] = w;
}

static inline L4_Word_t L4_StoreMR(unsigned i)
{
    return ((volatile L4_Word_t *)L4_Utcb())[i];
}

static inline L4_Word_t L4_Tcr(int index)
{
    return ((volatile L4_Word_t *)L4_Utcb())[index];
}

static inline void L4_SetTcr(int index, L4_Word_t w)
{
    ((volatile L4_Word_t *)L4_Utcb())[index] = w;
}

static inline L4_ThreadId_t L4_Myself(void)
{
    return (L4_ThreadId_t){L4_Tcr(UTCB_MY_GLOBAL_ID)};
}

static inline L4_ThreadId_t L4_MyLocalId(void)
{
    return (L4_ThreadId_t){(L4_Word_t)L4_Utcb()};
}

static inline L4_Word_t L4_ErrorCode(void)
{
    return L4_Tcr(UTCB_ERROR_CODE);
}

static inline L4_ThreadId_t L4_Pager(void)
{
    return (L4_ThreadId_t){L4_Tcr(UTCB_PAGER)};
}

static inline void L4_Set_Pager(L4_ThreadId_t t)
{
    L4_SetTcr(UTCB_PAGER, t.raw);
}

static inline void L4_Set_ExceptionHandler(L4_ThreadId_t t)
{
    L4_SetTcr(UTCB_EXCEPTION_HANDLER, t.raw);
}

static inline void L4_Set_VirtualSender(L4_ThreadId_t t)
{
    L4_SetTcr(UTCB_VIRTUAL_SENDER, t.raw);
}

static inline L4_ThreadId_t L4_ActualSender(void)
{
    return (L4_ThreadId_t){L4_Tcr(UTCB_VIRTUAL_SENDER)};
}

/* Sets what the next receive accepts: a window for map items, or with L4_Nilpage untyped words
 * only. */
static inline void L4_Accept(L4_Fpage_t window)
{
    L4_SetTcr(UTCB_BR0, window.raw & ~0xfu);
}

/* ---- IPC.  The tag goes in and comes back in a register; MR1.. are in the UTCB. ---- */

static inline L4_MsgTag_t L4_Ipc(L4_ThreadId_t to, L4_ThreadId_t from_spec, L4_Word_t timeouts,
                                 L4_MsgTag_t tag, L4_ThreadId_t *from)
{
    L4_Word_t *utcb = L4_Utcb();
    L4_Word_t sender = to.raw, spec = from_spec.raw;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_ipc\n\tpopl %%ebp"
                     : "+a"(sender), "+c"(timeouts), "+d"(spec), "+S"(tag.raw), "+D"(utcb)
                     :
                     : "ebx", "memory", "cc");
    if (from) {
        from->raw = sender;
    }
    return tag;
}

/* Sends to a thread and waits for its answer; neither phase has a time-out. */
static inline L4_MsgTag_t L4_Call(L4_ThreadId_t to, L4_MsgTag_t tag)
{
    return L4_Ipc(to, to, L4_Timeouts(L4_Never, L4_Never), tag, 0);
}

static inline L4_MsgTag_t L4_Send_Timeout(L4_ThreadId_t to, L4_MsgTag_t tag, L4_Time_t send)
{
    return L4_Ipc(to, L4_nilthread, L4_Timeouts(send, L4_Never), tag, 0);
}

static inline L4_MsgTag_t L4_Send(L4_ThreadId_t to, L4_MsgTag_t tag)
{
    return L4_Send_Timeout(to, tag, L4_Never);
}

/* Sends with a zero time-out: the message reaches only a thread that is waiting already. */
static inline L4_MsgTag_t L4_Reply(L4_ThreadId_t to, L4_MsgTag_t tag)
{
    return L4_Send_Timeout(to, tag, L4_ZeroTime);
}

static inline L4_MsgTag_t L4_Receive_Timeout(L4_ThreadId_t from, L4_Time_t receive)
{
    return L4_Ipc(L4_nilthread, from, L4_Timeouts(L4_Never, receive), (L4_MsgTag_t){0}, 0);
}

static inline L4_MsgTag_t L4_Wait_Timeout(L4_Time_t receive, L4_ThreadId_t *from)
{
    return L4_Ipc(L4_nilthread, L4_anythread, L4_Timeouts(L4_Never, receive), (L4_MsgTag_t){0}, from);
}

static inline L4_MsgTag_t L4_Wait(L4_ThreadId_t *from)
{
    return L4_Wait_Timeout(L4_Never, from);
}

/* Replies with a zero send time-out, then waits for anybody. */
static inline L4_MsgTag_t L4_ReplyWait(L4_ThreadId_t to, L4_MsgTag_t tag, L4_ThreadId_t *from)
{
    return L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, L4_Never), tag, from);
}

static inline void L4_Sleep(L4_Time_t t)
{
    (void)L4_Receive_Timeout(L4_Myself(), t);
}

/* ---- the other system calls ---- */

enum { L4_UNMAP_FLUSH = 0x40 };

/* L4_Unmap, with EAX as it comes back, which only our kernel says something by
 * (kernel_memory.h). */
static inline L4_Word_t l4_unmap(L4_Word_t control)
{
    L4_Word_t *utcb = L4_Utcb();
    L4_Word_t mr0 = utcb[0];
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_unmap\n\tpopl %%ebp"
                     : "+a"(control), "+S"(mr0), "+D"(utcb)
                     :
                     : "ebx", "edx", "memory", "cc");
    L4_LoadMR(0, mr0);
    return control;
}

/* The fpages are in MR0..MRk with k = control[5:0]; afterwards the rights bits of MR0..MRk tell how
 * they were accessed. */
static inline void L4_Unmap(L4_Word_t control)
{
    (void)l4_unmap(control);
}

/* Takes the rights in f from all to whom the caller has mapped the fpage.  Returns f with the
 * status bits. */
static inline L4_Fpage_t L4_UnmapFpage(L4_Fpage_t f)
{
    L4_LoadMR(0, f.raw);
    L4_Unmap(0);
    return (L4_Fpage_t){L4_StoreMR(0)};
}

/* The same, and takes them from the caller's own space too. */
static inline L4_Fpage_t L4_Flush(L4_Fpage_t f)
{
    L4_LoadMR(0, f.raw);
    L4_Unmap(L4_UNMAP_FLUSH);
    return (L4_Fpage_t){L4_StoreMR(0)};
}

enum { /* ExchangeRegisters control */
       L4_EXREGS_HALT = 1 << 0,
       L4_EXREGS_ABORT_RECEIVE = 1 << 1,
       L4_EXREGS_ABORT_SEND = 1 << 2,
       L4_EXREGS_SP = 1 << 3,
       L4_EXREGS_IP = 1 << 4,
       L4_EXREGS_FLAGS = 1 << 5,
       L4_EXREGS_USER_HANDLE = 1 << 6,
       L4_EXREGS_PAGER = 1 << 7,
       L4_EXREGS_SET_HALT = 1 << 8,
       L4_EXREGS_DELIVER = 1 << 9,
       L4_EXREGS_START = 0x11e,
};

struct l4_registers {
    L4_Word_t control, sp, ip, flags, user_handle;
    L4_ThreadId_t pager;
};

/* *r holds the new values for what r->control names, and afterwards the old values and the thread's
 * state.  Returns nilthread on an error. */
static inline L4_ThreadId_t L4_ExchangeRegisters(L4_ThreadId_t dest, struct l4_registers *r)
{
    L4_Word_t result = dest.raw;
    struct l4_registers *block = r;
    __asm__ volatile("pushl %%ebp\n\tpushl %%ecx\n\t"
                     "movl 4(%%ecx), %%edx\n\tmovl 8(%%ecx), %%esi\n\tmovl 12(%%ecx), %%edi\n\t"
                     "movl 16(%%ecx), %%ebx\n\tmovl 20(%%ecx), %%ebp\n\tmovl 0(%%ecx), %%ecx\n\t"
                     "call *__L4_exchange_registers\n\t"
                     "xchgl %%ebp, 0(%%esp)\n\t"
                     "movl %%ecx, 0(%%ebp)\n\tmovl %%edx, 4(%%ebp)\n\tmovl %%esi, 8(%%ebp)\n\t"
                     "movl %%edi, 12(%%ebp)\n\tmovl %%ebx, 16(%%ebp)\n\tpopl 20(%%ebp)\n\t"
                     "popl %%ebp"
                     : "+a"(result), "+c"(block)
                     :
                     : "ebx", "edx", "esi", "edi", "memory", "cc");
    return (L4_ThreadId_t){result};
}

/* For threads of the privileged spaces.  Returns 1, or 0 with the reason in ErrorCode. */
static inline L4_Word_t L4_ThreadControl(L4_ThreadId_t dest, L4_ThreadId_t space, L4_ThreadId_t scheduler,
                                         L4_ThreadId_t pager, L4_Word_t utcb_location)
{
    L4_Word_t result = dest.raw, c = pager.raw, d = scheduler.raw, s = space.raw, i = utcb_location;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_thread_control\n\tpopl %%ebp"
                     : "+a"(result), "+c"(c), "+d"(d), "+S"(s), "+D"(i)
                     :
                     : "ebx", "memory", "cc");
    return result;
}

/* For threads of the privileged spaces.  Sets the KIP and UTCB areas of a space that has no active
 * thread yet. */
static inline L4_Word_t L4_SpaceControl(L4_ThreadId_t space, L4_Word_t control, L4_Fpage_t kip_area,
                                        L4_Fpage_t utcb_area, L4_ThreadId_t redirector)
{
    L4_Word_t result = space.raw, c = control, d = kip_area.raw, s = utcb_area.raw, i = redirector.raw;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_space_control\n\tpopl %%ebp"
                     : "+a"(result), "+c"(c), "+d"(d), "+S"(s), "+D"(i)
                     :
                     : "ebx", "memory", "cc");
    return result;
}

/* MemoryControl of one fpage. words[] gets what ECX, EDX, EBX and ESI are afterwards. */
static inline L4_Word_t l4_memory_control(L4_Fpage_t f, L4_Word_t attribute, L4_Word_t words[4])
{
    L4_Word_t result = 0, s = f.raw & ~(L4_Word_t)L4_FullyAccessible, i = 0;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_memory_control\n\tpopl %%ebp"
                     : "+a"(result), "=b"(words[2]), "=c"(words[0]), "=d"(words[1]), "+S"(s), "+D"(i)
                     : "c"(attribute)
                     : "memory", "cc");
    words[3] = s;
    return result;
}

/* For sigma0 alone: sets how these frames are cached from now on in all spaces (an L4_...Memory).
 * Returns 1, or 0 with the reason in ErrorCode: 5 if there are no such frames or attribute, 8 if
 * there are too many attributes or there is too little kernel memory. */
static inline L4_Word_t L4_Set_PageAttribute(L4_Fpage_t f, L4_Word_t attribute)
{
    L4_Word_t ignored[4];
    return l4_memory_control(f, attribute, ignored);
}

/* A word of all ones leaves its value unchanged.  Returns the thread's state, or 0 on an error. */
static inline L4_Word_t L4_Schedule(L4_ThreadId_t dest, L4_Word_t time, L4_Word_t processor, L4_Word_t prio,
                                    L4_Word_t preemption)
{
    L4_Word_t result = dest.raw, c = prio, d = time, s = processor, i = preemption;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_schedule\n\tpopl %%ebp"
                     : "+a"(result), "+c"(c), "+d"(d), "+S"(s), "+D"(i)
                     :
                     : "ebx", "memory", "cc");
    return result;
}

static inline L4_Word_t L4_Set_Priority(L4_ThreadId_t dest, L4_Word_t prio)
{
    return L4_Schedule(dest, ~0u, ~0u, prio & 0xff, ~0u);
}

static inline void L4_ThreadSwitch(L4_ThreadId_t dest)
{
    __asm__ volatile("call *__L4_thread_switch" : : "a"(dest.raw) : "memory", "cc");
}

static inline void L4_Yield(void)
{
    L4_ThreadSwitch(L4_nilthread);
}

/* Returns the microseconds since boot. */
static inline L4_Word64_t L4_SystemClock(void)
{
    L4_Word_t lo, hi;
    __asm__ volatile("call *__L4_system_clock" : "=a"(lo), "=d"(hi) : : "ecx", "esi", "edi", "memory", "cc");
    return (L4_Word64_t)hi << 32 | lo;
}

/* ---- debugger calls (interface.md 7.6) ---- */

static inline void L4_KDB_PrintChar(int c)
{
    __asm__ volatile("int3\n\tcmpb $0, %%al" : : "a"(c) : "cc");
}

static inline void L4_KDB_PrintString(const char *s)
{
    __asm__ volatile("int3\n\tcmpb $1, %%al" : : "a"(s) : "memory", "cc");
}

static inline int L4_KDB_ReadChar(void)
{
    int c;
    __asm__ volatile("int3\n\tcmpb $8, %%al" : "=a"(c) : : "memory", "cc");
    return c;
}
