/* SPDX-License-Identifier: BSD-2-Clause */
/* What the conformance tests are written with.  They run in a root task of their own and need
 * nothing but the X.2 ABI.
 *
 * A test is a function that a fresh thread, the tester, runs in the root task's space at priority
 * PRIO_TESTER.  It may make threads with the functions below; all of them are deleted when it ends.
 * The first thread (priority 255) supervises: a test that has not ended after WATCHDOG_US is
 * reported as hanging and the next one starts.
 *
 * Memory: all code and data of the image is shared with every space made here, one-to-one.
 * FRAME(i) are pages that only the root task has; addresses at and above WINDOW are mapped nowhere
 * at first. */
#pragma once

#include "ktap/ktap.h"
#include "l4/syscalls.h"

enum {
    PAGE_BITS = 12,
    PAGE_BYTES = 1 << PAGE_BITS,
    FRAME_COUNT = 256,
    HELPER_COUNT = 40,
    PRIO_PAGER = 200,
    PRIO_TESTER = 150,
    PRIO_HELPER = 100,
    SETTLE_US = 10 * 1000,
    SOON_US = 300 * 1000,
    WATCHDOG_US = 10 * 1000 * 1000,
};

#define FRAME(i)  (0x1000000u + (L4_Word_t)(i)*PAGE_BYTES)
#define WINDOW    0x20000000u
#define UTCB_AREA 0xbf000000u /* of every space; slot 0 belongs to the root's first thread */
#define KIP_AREA  0xbf300000u
#define SOON      L4_TimePeriod(SOON_US)

struct test {
    const char *file, *name;
    int line;
    void (*run)(void);
};

/* A test and the statement of the specification it checks; found through the section "tests". */
#define TEST(function, statement)                                                                            \
    static void test_##function(void);                                                                       \
    static const struct test function##_test = {__FILE__, statement, __LINE__, test_##function};             \
    __attribute__((section("tests"), used)) static const struct test *const function##_entry =               \
        &function##_test;                                                                                    \
    static void test_##function(void)

extern L4_ThreadId_t root_thread, sigma0_thread, pager_thread; /* known from the start */
extern L4_Word_t start_esp, start_eflags;                      /* at the root task's entry */
extern struct kip *kip;

/* ---- raw system calls: every register in and out ---- */

struct raw_regs {
    L4_Word_t eax, ecx, edx, ebx, esi, edi, ebp, eflags, esp_change;
};

void raw_call(L4_Word_t entry, struct raw_regs *r);
/* The address of a system call from its link in the KIP. */
L4_Word_t entry_of(L4_Word_t link);

/* ---- IPC by the tester that always comes back ---- */

L4_MsgTag_t send_soon(L4_ThreadId_t to, L4_MsgTag_t tag);
L4_MsgTag_t receive_soon(L4_ThreadId_t from);
L4_MsgTag_t wait_soon(L4_ThreadId_t *from);
L4_MsgTag_t call_soon(L4_ThreadId_t to, L4_MsgTag_t tag);
/* Sleeps long enough for every other thread to block or finish what it does. */
void settle(void);
void sleep_us(L4_Word64_t us);

/* ---- threads ---- */

/* An id whose number nobody has; deleted at the end of the test if a thread with it exists then. */
L4_ThreadId_t thread_id(void);
/* Where the thread's UTCB is to be, in whatever space it lives. */
L4_Word_t utcb_location(L4_ThreadId_t t);
L4_ThreadId_t local_id(L4_ThreadId_t t);
L4_Word_t stack_top(L4_ThreadId_t t);
L4_Word_t delete_thread(L4_ThreadId_t t);

/* Makes an initialised, empty space with the inactive thread t in it. */
bool make_space(L4_ThreadId_t t);

struct spawn {
    void (*entry)(void *arg);
    void *arg;
    L4_ThreadId_t space; /* a thread of the space; nil: this one */
    bool own_space;
    L4_ThreadId_t pager; /* from the first instruction of entry on; nil: pager_thread */
    unsigned prio;       /* 0: PRIO_HELPER */
};

/* A running thread; nilthread and a failed expectation if it could not be made. */
L4_ThreadId_t spawn_with(const struct spawn *s);
L4_ThreadId_t spawn(void (*entry)(void *), void *arg);
L4_ThreadId_t spawn_space(void (*entry)(void *), void *arg);
/* An entry: sleeps for ever. */
void sleeper(void *arg);
/* Takes the thread out of whatever it does and lets it run entry(arg) from the beginning. */
void restart_thread(L4_ThreadId_t t, void (*entry)(void *), void *arg);

/* ---- remote: runs functions for the tester, who is its pager and exception handler ---- */

enum outcome { DONE, FAULTED, RAISED, OTHER, TIMED_OUT };

struct remote {
    L4_ThreadId_t id, master;
    void (*function)(void *);
    void *arg;
    L4_MsgTag_t tag;  /* the last message from it */
    L4_Word_t mr[13]; /* its words */
};

bool remote_new(struct remote *r, bool own_space);
/* The same in the space of an existing thread. */
bool remote_new_in(struct remote *r, L4_ThreadId_t space);
bool remote_start(struct remote *r, void (*function)(void *), void *arg);
enum outcome remote_wait(struct remote *r);
enum outcome remote_run(struct remote *r, void (*function)(void *), void *arg);
/* Sends the reply that is in the MRs, and waits for the next message. */
enum outcome remote_reply(struct remote *r, L4_MsgTag_t tag);
/* Replies to a fault with one page of this space. */
enum outcome remote_reply_page(struct remote *r, L4_Word_t source, L4_Word_t rights);
/* Gives up what it does; it waits for the next function then. */
void remote_reset(struct remote *r);
/* One access; false if it faulted (r->tag, r->mr have the message; the access is given up). */
bool remote_read(struct remote *r, L4_Word_t address, L4_Word_t *value);
bool remote_write(struct remote *r, L4_Word_t address, L4_Word_t value);
bool remote_has(struct remote *r, L4_Word_t address);
/* For remotes to run: one access, a moment's sleep. */
void read_word(void *at);
void write_word(void *at);
void nap(void *unused);

/* Sends the remote a map or grant item (kind L4_ITEM_...) that it receives into the window; true if
 * both succeeded. */
bool remote_give(struct remote *r, L4_Word_t kind, L4_Fpage_t send, L4_Word_t base, L4_Fpage_t window);
/* The same between two remotes. */
bool remote_pass(struct remote *from, struct remote *to, L4_Word_t kind, L4_Fpage_t send, L4_Word_t base);
/* Maps one page of this space into the remote's. */
bool remote_map(struct remote *r, L4_Word_t source, L4_Word_t to, L4_Word_t rights);
/* Unmap by the remote; returns the fpage with its status. */
L4_Fpage_t remote_unmap(struct remote *r, L4_Fpage_t f, L4_Word_t control);

/* ---- job: one IPC with all its inputs and outputs, to be run by any thread of any space ---- */

struct job {
    L4_ThreadId_t to, from_spec;
    L4_Word_t timeouts;
    L4_MsgTag_t tag;
    L4_Word_t mr[64], br[33];
    L4_Word_t xfer_timeouts;
    L4_ThreadId_t virtual_sender;
    bool lipc;
    /* results */
    volatile bool done;
    L4_MsgTag_t result;
    L4_ThreadId_t from, actual_sender;
    L4_Word_t error, out[64];
};

/* All zero but for the partners; time-outs never. */
void job_send(struct job *j, L4_ThreadId_t to, L4_MsgTag_t tag);
void job_receive(struct job *j, L4_ThreadId_t from);
void job_run(void *job);
/* Waits until it is done; false after SOON_US. */
bool job_finish(struct job *j);
/* A thread here or in a space of its own that runs the job, and sleeps then. */
L4_ThreadId_t job_spawn(struct job *j, bool own_space);

/* ---- a system call with all its registers, to be run by any thread ---- */

struct call {
    L4_Word_t entry;
    struct raw_regs regs;
    L4_Word_t error;
};

void call_run(void *call);

/* ---- small things ---- */

static inline L4_Word_t peek(L4_Word_t address)
{
    return *(volatile L4_Word_t *)address;
}

static inline void poke(L4_Word_t address, L4_Word_t value)
{
    *(volatile L4_Word_t *)address = value;
}

static inline L4_Fpage_t page_rwx(L4_Word_t address)
{
    return L4_FpageAddRights(L4_FpageLog2(address, PAGE_BITS), L4_FullyAccessible);
}

static inline L4_Word_t now_us(void)
{
    return (L4_Word_t)L4_SystemClock();
}

/* EFLAGS without the arithmetic flags: 0x3202, IOPL 3; with ioports=mapped 0x202.  All threads have
 * the same IOPL. */
static inline L4_Word_t user_flags(void)
{
    L4_Word_t flags;
    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    return 0x202 | (flags & 0x3000);
}

static inline void out8(unsigned short port, L4_Word_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"((char)value), "Nd"(port));
}

static inline L4_Word_t in8(unsigned short port)
{
    unsigned char value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
