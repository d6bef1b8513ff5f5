/* SPDX-License-Identifier: BSD-2-Clause */
/* The same faults, exceptions and messages whichever path of the kernel takes them
 * (kernel/l4/ipc_plain.c): a root task that lets threads of three spaces fault, raise exceptions
 * and send each other words and pages at random, and prints a hash of all that they see.  Run with
 * and without the kernel's word `slowipc', it must print the same lines, but for those that begin
 * with `time': these say how long some cases take that have a plain path. */
#include "base/format.h"
#include "l4/kdb.h"
#include "paths.h"

enum {
    ROUNDS = 3000,
    LINES = 10,
    STACK_BYTES = 4096,
    PAGES = 16,
    PAGE_BYTES = 1 << PAGE_LOG2,
    REPEATS = 1000,
    /* Threads.  Servers are pagers and exception handlers too. */
    ROOT = 0,
    SERVER_1,
    SERVER_2, /* both in the root task's space; the second one is the redirector, if there is one */
    SERVER_A, /* in space A */
    SERVER_B, /* in space B */
    SUBJECT,  /* faults when told to, in the root task's space */
    SUBJECT_A,
    /* Is made ready and stays so while others do IPC; in sigma0's space, whose faults the kernel
     * answers. */
    THIRD,
    THREADS,
    /* Labels. */
    MESSAGE = 0x100,
    TOUCH,
    RAISE,
    UNMAP,
    CLASS = 0xfff0, /* of a fault: without its access */
};
#define REGION    0x70000000u /* where pages are mapped; nothing else is there */
#define USER_END  0xc0000000u
#define MOST_MRS  (UTCB_MR_COUNT - 1u)
#define LONG_TIME 0x7fffu /* 71 years */

enum measured { NOTHING, EMPTY_REPLIES, MAP_REPLIES, FORWARDING, EXCEPTIONS, MAP_ITEMS };

static L4_ThreadId_t id[THREADS];
static char stacks[THREADS][STACK_BYTES] __attribute__((aligned(4096)));
static volatile L4_Word_t pages[PAGES][PAGE_BYTES / sizeof(L4_Word_t)] __attribute__((aligned(4096)));
static volatile L4_Word_t order;    /* hash of who ran when */
static volatile L4_Word_t attempts; /* faults since the last command */
static volatile L4_Word_t solve_at; /* so many are answered at random before one is answered well */
static volatile L4_Word_t redirecting;
static volatile enum measured measured;

static bool one_in(unsigned n)
{
    return random_word() % n == 0;
}

static L4_MsgTag_t step(unsigned who, L4_Word_t to, L4_Word_t from, L4_Word_t tag, L4_Word_t timeouts,
                        L4_ThreadId_t *sender)
{
    struct registers r = {.eax = to, .ecx = timeouts, .edx = from, .esi = tag, .edi = (L4_Word_t)L4_Utcb()};
    L4_MsgTag_t result;
    if (measured) {
        raw_ipc(&r);
        sender->raw = r.eax;
        result.raw = r.esi;
    } else {
        result = hashed_ipc(who, r, sender);
    }
    order = order * 31 + who;
    return result;
}

/* ---- messages ---- */

/* Any place is good for the complete space too. */
static L4_Word_t random_place(void)
{
    static const L4_Word_t bases[] = {REGION,    REGION,   REGION,   REGION,
                                      UTCB_AREA, KIP_AREA, USER_END, 0xfff00000};
    return bases[random_word() % 8] + random_word() % PAGES * PAGE_BYTES;
}

/* A page that the sender has, may have, or has not. */
static L4_Fpage_t random_source(void)
{
    volatile L4_Word_t *page = pages[random_word() % PAGES];
    L4_Word_t at = (L4_Word_t)page;
    switch (random_word() % 6) {
    case 0:
        at = random_place();
        break;
    case 1:
        at = REGION + random_word() % PAGES * PAGE_BYTES;
        break;
    case 2:
        page[1]++;
        break;
    case 3:
        hash(ROOT, page[1]);
        break;
    case 4: /* read-only, with what was derived from it */
        hash(ROOT, page[1]);
        (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(at, PAGE_LOG2), L4_Writable));
        break;
    default:
        break;
    }
    L4_Word_t rights = one_in(2) ? L4_FullyAccessible : random_word() % 8;
    return L4_FpageAddRights(L4_FpageLog2(at, one_in(12) ? random_word() % 15 : PAGE_LOG2), rights);
}

/* A map item, now and then a grant item, behind u words; the words of it. */
static L4_Word_t random_item(L4_Word_t u, L4_Word_t place)
{
    L4_Word_t type = one_in(8) ? L4_ITEM_GRANT : L4_ITEM_MAP;
    L4_Fpage_t page = random_source();
    if (u + 2 <= MOST_MRS) {
        L4_LoadMR(u + 1, place | type | random_word() % 2 | (one_in(4) ? random_word() & 0xff0 : 0));
        L4_LoadMR(u + 2, page.raw);
    }
    return 2;
}

static L4_Fpage_t random_window(void)
{
    L4_Word_t at = REGION + random_word() % PAGES * PAGE_BYTES;
    switch (random_word() % 8) {
    case 0:
        return L4_Nilpage;
    case 1:
        return L4_CompleteAddressSpace;
    case 2:
        return (L4_Fpage_t){one_in(2) ? REGION | 0x10 : random_word() % 16};
    case 3:
        return L4_FpageLog2(at, 22);
    case 4:
        return L4_FpageLog2(at, random_word() % 13);
    case 5:
        return L4_FpageLog2(random_place(), PAGE_LOG2);
    default:
        return L4_FpageLog2(at, PAGE_LOG2 + random_word() % 5);
    }
}

static L4_Word_t random_timeouts(void)
{
    static const L4_Word_t times[] = {0, 0, 0, 0, LONG_TIME, LONG_TIME << 16, 0x400u << 16};
    return times[random_word() % 7];
}

/* ---- servers ---- */

/* Maps something with the reply to a fault; from the third time on what was asked for. */
static L4_Word_t answer_fault(L4_Word_t label, L4_Word_t address)
{
    L4_Word_t place = address & -(L4_Word_t)PAGE_BYTES, kind = random_word() % 8;
    volatile L4_Word_t *page = pages[random_word() % PAGES];
    if (address - REGION >= PAGES * PAGE_BYTES) { /* code, stack or data */
        page = (volatile L4_Word_t *)place;
    } else if (++attempts < solve_at) {
        if (measured) {
            page = pages[0];
            L4_LoadMR(1, place | L4_ITEM_MAP);
            L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2((L4_Word_t)page, PAGE_LOG2), L4_ReadeXecOnly).raw);
            return measured == MAP_REPLIES ? 2 << 6 : 0;
        }
        if (kind == 0) {
            return random_word() % 4;
        }
        if (kind == 1) {
            return random_item(0, place) << 6 | random_item(2, place + PAGE_BYTES) << 6 | 2u << 6;
        }
        L4_Word_t u = one_in(4) ? random_word() % 64 : 0;
        return u | random_item(u, place) << 6;
    }
    page[label & L4_Writable ? 1 : 2] |= 0;
    L4_LoadMR(1, place | L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2((L4_Word_t)page, PAGE_LOG2), L4_FullyAccessible).raw);
    return 2 << 6;
}

/* Any registers, but the instruction is skipped: each is two bytes long.  No single steps. */
static L4_Word_t answer_exception(L4_Word_t ip)
{
    enum { TRAP_FLAG = 0x100 };
    L4_Word_t u = random_word() % 15;
    if (++attempts < solve_at) {
        u = 0;
    }
    if (u == 0 && attempts >= solve_at) {
        u = 1;
    }
    L4_LoadMR(1, ip + 2);
    for (unsigned i = 2; u && i <= 14; i++) {
        L4_LoadMR(i, i == 2 ? random_word() & ~(L4_Word_t)TRAP_FLAG : random_word());
    }
    return u | (one_in(10) ? (L4_Word_t)L4_TAG_XCPU : 0);
}

static L4_Word_t answer_message(unsigned who, L4_Word_t u)
{
    if (measured) {
        return 0;
    }
    if (u % 5 == 0) { /* a little work for the FPU */
        volatile double x = u;
        x = x * 1.5;
        hash(who, (L4_Word_t)x);
    }
    L4_Word_t tag = u | random_word() << 16 | (u % 7 == 0 ? (L4_Word_t)L4_TAG_XCPU : 0);
    bool leaves_by_redirector = redirecting && who == SERVER_A;
    return one_in(2) && !leaves_by_redirector ? tag | random_item(u, random_place()) << 6 : tag;
}

static L4_Word_t answer_unmap(void)
{
    L4_Word_t control = L4_StoreMR(2), page = L4_StoreMR(1);
    L4_LoadMR(0, page);
    L4_Unmap(control);
    L4_LoadMR(1, L4_StoreMR(0));
    return 1;
}

static bool subject_of(unsigned who, L4_ThreadId_t from)
{
    L4_ThreadId_t subject = id[who == SERVER_A ? SUBJECT_A : SUBJECT];
    L4_Word_t local = UTCB_AREA + UTCB_SIZE * (who == SERVER_A ? 1u : SUBJECT) + UTCB_MR0_OFFSET;
    return who != SERVER_B && (from.raw == subject.raw || from.raw == local);
}

/* The answer to a message, or what it is passed on with: its tag, and in *to its receiver. */
static L4_Word_t answer(unsigned who, L4_MsgTag_t tag, L4_ThreadId_t from, L4_Word_t *to)
{
    L4_Word_t label = L4_Label(tag), u = L4_UntypedWords(tag);
    *to = L4_IpcFailed(tag) ? 0 : from.raw;
    if (L4_IpcFailed(tag)) {
        return 0;
    }
    if (tag.raw & L4_TAG_REDIRECTED) {
        *to = L4_Tcr(UTCB_INTENDED_RECEIVER);
        L4_Set_VirtualSender(from);
        return (tag.raw & 0xffff003f) | L4_TAG_PROPAGATED;
    }
    bool forwards = measured ? measured == FORWARDING : one_in(3);
    if ((label & CLASS) == L4_LABEL_PAGE_FAULT && forwards && subject_of(who, from)) {
        *to = id[SERVER_B].raw;
        L4_Set_VirtualSender(one_in(2) ? from : id[who == SERVER_A ? SUBJECT_A : SUBJECT]);
        return (tag.raw & 0xffff003f) | L4_TAG_PROPAGATED;
    }
    if ((label & CLASS) == L4_LABEL_PAGE_FAULT) {
        return answer_fault(label, L4_StoreMR(1));
    }
    if (label == L4_LABEL_EXCEPTION) {
        return answer_exception(L4_StoreMR(1));
    }
    return label == UNMAP ? answer_unmap() : answer_message(who, u ? L4_StoreMR(1) % 64 : 0);
}

static void serve(unsigned who)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = step(who, 0, L4_anythread.raw, 0, 0, &from);
    for (;;) {
        L4_Word_t to, reply = answer(who, tag, from, &to);
        L4_Accept(measured ? L4_CompleteAddressSpace : random_window());
        tag = step(who, to, L4_anythread.raw, reply, measured ? 0 : random_timeouts(), &from);
    }
}

/* ---- subjects ---- */

static volatile L4_Word_t raised[10], stack_pointer; /* registers after an exception */

static void raise_with(L4_Word_t kind)
{
    /* The flags are set first, because IPC leaves any flags behind. */
    __asm__ volatile(
        "pushl %%ebp\n\tmovl %%esp, stack_pointer\n\tpushl $2\n\tpopfl\n\t"
        "movl $3, %%edi\n\tmovl $4, %%esi\n\tmovl $5, %%ebp\n\tmovl $6, %%ebx\n\txorl %%ecx, %%ecx\n\t"
        "cmpl $1, %%eax\n\tja 3f\n\tje 2f\n\t"
        "divl %%ecx\n\tjmp 4f\n"
        "2:\tud2\n\tjmp 4f\n"
        "3:\tint $0x42\n"
        "4:\tmovl %%edi, raised\n\tmovl %%esi, raised+4\n\tmovl %%ebp, raised+8\n\t"
        "movl %%esp, raised+12\n\tmovl %%ebx, raised+16\n\tmovl %%edx, raised+20\n\t"
        "movl %%ecx, raised+24\n\tmovl %%eax, raised+28\n\t"
        "movl stack_pointer, %%esp\n\tpushfl\n\tpopl raised+32\n\tcld\n\tpopl %%ebp"
        : "+a"(kind)
        :
        : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
}

static void raise(unsigned who)
{
    raise_with(L4_StoreMR(1) % 3);
    raised[3] -= raised[3] == stack_pointer ? stack_pointer : 0;
    for (int i = 0; i < 9; i++) {
        hash(who, raised[i]);
    }
}

static void touch(unsigned who)
{
    volatile L4_Word_t *page = (volatile L4_Word_t *)L4_StoreMR(1);
    if (L4_StoreMR(2)) {
        page[1]++;
    }
    hash(who, page[0]);
    hash(who, page[1]);
    hash(who, attempts);
}

static void be_subject(unsigned who)
{
    L4_ThreadId_t from, pager = L4_Pager();
    L4_MsgTag_t tag = step(who, 0, L4_anythread.raw, 0, 0, &from);
    for (;;) {
        L4_ThreadId_t helper = {L4_StoreMR(3)};
        if (L4_Label(tag) == TOUCH) {
            L4_Set_Pager(helper);
            touch(who);
            L4_Set_Pager(pager);
        } else {
            L4_Set_ExceptionHandler(helper);
            raise(who);
        }
        tag = step(who, from.raw, L4_anythread.raw, 0, 0, &from);
    }
}

static void server_1(void)
{
    serve(SERVER_1);
}

static void server_2(void)
{
    serve(SERVER_2);
}

static void server_a(void)
{
    serve(SERVER_A);
}

static void server_b(void)
{
    serve(SERVER_B);
}

static void subject(void)
{
    be_subject(SUBJECT);
}

static void subject_a(void)
{
    be_subject(SUBJECT_A);
}

static void third(void)
{
    L4_ThreadId_t from;
    for (;;) {
        (void)step(THIRD, 0, id[ROOT].raw, 0, 0, &from);
    }
}

/* ---- the root thread ---- */

/* Mostly its global id; in the same space sometimes its local id, or one that is none. */
static L4_Word_t name_of(unsigned who)
{
    bool here = who == SERVER_1 || who == SERVER_2 || who == SUBJECT;
    return here && one_in(3) ? UTCB_AREA + who * UTCB_SIZE + UTCB_MR0_OFFSET : id[who].raw;
}

static L4_MsgTag_t call(L4_Word_t to, L4_Word_t tag)
{
    L4_ThreadId_t from;
    return step(ROOT, to, to, tag, measured ? 0 : random_timeouts(), &from);
}

static void do_message(void)
{
    L4_Word_t to = name_of(SERVER_1 + random_word() % 4), u = random_word() % (one_in(2) ? 64 : 8);
    for (unsigned i = 1; i <= MOST_MRS; i++) {
        L4_LoadMR(i, random_word());
    }
    if (one_in(12)) { /* nobody's id */
        to = one_in(2) ? UTCB_AREA + random_word() % 256 * 64 : to + (1u << L4_VERSION_BITS << 9);
        if ((to & (UTCB_SIZE - 1)) == UTCB_MR0_OFFSET) {
            to += 64;
        }
    }
    L4_Word_t tag = (MESSAGE + random_word() % 2 * 8) << 16 | u;
    tag |= one_in(2) ? random_item(u, random_place()) << 6 : 0;
    L4_Accept(random_window());
    (void)call(to, tag);
}

static unsigned random_helper(unsigned subject_thread)
{
    static const unsigned helpers[] = {SERVER_1, SERVER_2, SERVER_B, SERVER_A};
    /* what SERVER_A maps goes no further than the redirector */
    return helpers[random_word() % (redirecting && subject_thread == SUBJECT ? 3 : 4)];
}

static void command(unsigned subject_thread, L4_Word_t label, L4_Word_t mr1, L4_Word_t mr2, L4_Word_t helper)
{
    attempts = 0;
    solve_at = measured ? REPEATS : random_word() % 4;
    L4_LoadMR(1, mr1);
    L4_LoadMR(2, mr2);
    L4_LoadMR(3, helper);
    L4_Accept(L4_Nilpage);
    must(L4_IpcSucceeded(call(id[subject_thread].raw, label << 16 | 3)));
}

static void do_subject(L4_Word_t label)
{
    unsigned who = one_in(2) ? SUBJECT : SUBJECT_A, helper = random_helper(who);
    L4_Word_t mr1 = label == RAISE ? random_word() : REGION + random_word() % PAGES * PAGE_BYTES;
    command(who, label, mr1, random_word() % 2, who == SUBJECT ? name_of(helper) : id[helper].raw);
}

static void do_unmap(void)
{
    L4_Word_t at = one_in(3) ? random_place() : (L4_Word_t)pages[random_word() % PAGES];
    L4_LoadMR(1, L4_FpageAddRights(L4_FpageLog2(at, PAGE_LOG2), random_word() % 8).raw);
    L4_LoadMR(2, one_in(2) ? L4_UNMAP_FLUSH : 0);
    (void)call(id[SERVER_1 + random_word() % 4].raw, (L4_Word_t)UNMAP << 16 | 2);
}

static void set_redirector(void)
{
    redirecting = one_in(3);
    must(L4_SpaceControl(id[SERVER_A], 0, L4_Nilpage, L4_Nilpage, redirecting ? id[SERVER_2] : L4_anythread));
}

static void round(void)
{
    L4_Word_t kind = random_word() % 16;
    if (one_in(3)) { /* THIRD is ready while the others talk, and before those of less priority */
        L4_ThreadId_t from;
        (void)step(ROOT, id[THIRD].raw, 0, 0, 0, &from);
    }
    if (kind < 6) {
        do_message();
    } else if (kind < 11) {
        do_subject(TOUCH);
    } else if (kind < 13) {
        do_subject(RAISE);
    } else if (kind == 13) {
        do_unmap();
    } else if (kind == 14) {
        (void)L4_Set_Priority(id[SERVER_1 + random_word() % 6], 195 + random_word() % 8);
    } else {
        set_redirector();
    }
    for (unsigned i = 0; i < THREADS; i++) {
        hash(ROOT, L4_Schedule(id[i], ~0u, ~0u, ~0u, ~0u));
    }
    hash(ROOT, order);
}

static void print_state(unsigned round_number)
{
    char line[80];
    must(L4_KDB_Check() == 0);
    for (unsigned i = 0; i < THREADS; i++) {
        format(line, sizeof(line), "round %u thread %u hash %08x\n", round_number, i, (unsigned)hashes[i]);
        L4_KDB_PrintString(line);
    }
    static const uint8_t exact[] = {KDB_IPCS, KDB_FAULTS, KDB_SPACE_SWITCHES, KDB_MAPS, KDB_UNMAPS};
    for (unsigned i = 0; i < sizeof exact; i++) {
        format(line, sizeof(line), "counter %u is %u\n", exact[i], (unsigned)L4_KDB_Counter(exact[i]));
        L4_KDB_PrintString(line);
    }
}

static L4_Word_t time_stamp(void)
{
    L4_Word_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low;
}

/* How long REPEATS of a plain case take. */
static void measure(const char *name, enum measured what, L4_Word_t helper)
{
    char line[80];
    measured = what;
    L4_Word_t start = time_stamp();
    if (what == MAP_ITEMS) {
        for (unsigned i = 0; i < REPEATS; i++) {
            L4_LoadMR(1, REGION | L4_ITEM_MAP);
            L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2((L4_Word_t)pages[0], PAGE_LOG2), L4_Writable).raw);
            (void)call(helper, 2u << 6);
        }
    } else if (what == EXCEPTIONS) {
        command(SUBJECT, RAISE, 1, 0, helper);
    } else {
        command(SUBJECT, TOUCH, REGION, 1, helper);
    }
    format(line, sizeof(line), "time %s %u\n", name, (unsigned)(time_stamp() - start));
    L4_KDB_PrintString(line);
    measured = NOTHING;
    must(L4_Flush(L4_FpageAddRights(L4_FpageLog2(REGION, 22), L4_FullyAccessible)).raw);
}

static void measure_all(void)
{
    (void)L4_SpaceControl(id[SERVER_A], 0, L4_Nilpage, L4_Nilpage, L4_anythread);
    for (unsigned i = SERVER_1; i <= SUBJECT_A; i++) {
        (void)L4_Set_Priority(id[i], 200);
    }
    for (unsigned i = SERVER_1; i <= SERVER_B;
         i++) { /* from now on they wait with the window for measuring */
        measured = MAP_ITEMS;
        (void)call(id[i].raw, 0);
        measured = NOTHING;
    }
    pages[0][1]++;
    (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(REGION, 22), L4_FullyAccessible));
    measure("fault, empty reply", EMPTY_REPLIES, id[SERVER_1].raw);
    measure("fault, map", MAP_REPLIES, id[SERVER_B].raw);
    measure("fault, propagated", FORWARDING, id[SERVER_1].raw);
    measure("exception", EXCEPTIONS, id[SERVER_B].raw);
    measure("map item", MAP_ITEMS, id[SERVER_B].raw);
    measure("map item to local id", MAP_ITEMS, UTCB_AREA + SERVER_1 * UTCB_SIZE + UTCB_MR0_OFFSET);
}

static void start_all(void)
{
    static void (*const entries[THREADS])(void) = {0,        server_1, server_2,  server_a,
                                                   server_b, subject,  subject_a, third};
    id[ROOT] = L4_Myself();
    for (unsigned i = SERVER_1; i < THREADS; i++) {
        id[i] = L4_GlobalId(64 + i, 1);
        L4_ThreadId_t space = i == SUBJECT_A                   ? id[SERVER_A]
                              : i == SERVER_A || i == SERVER_B ? id[i]
                              : i == THIRD                     ? L4_Pager()
                                                               : id[ROOT];
        L4_Word_t slot = i == SERVER_A || i == SERVER_B ? 0 : i == THIRD || i == SUBJECT_A ? 1 : i;
        start_thread(id[i], space, UTCB_AREA + slot * UTCB_SIZE, entries[i], stacks[i] + STACK_BYTES);
        /* nobody is ever preempted, whatever the clock says */
        must(L4_Schedule(id[i], 0, ~0u, i == THIRD ? 198 : 195 + i, ~0u));
    }
}

int main(void)
{
    (void)L4_Schedule(L4_Myself(), 0, ~0u, 200, ~0u);
    for (unsigned i = 0; i < PAGES; i++) {
        pages[i][0] = i;
    }
    start_all();
    for (unsigned i = 1; i <= ROUNDS; i++) {
        round();
        if (i % (ROUNDS / LINES) == 0) {
            print_state(i);
        }
    }
    measure_all();
    for (unsigned i = SERVER_1; i < THREADS; i++) { /* the kernel looks who still waits for whom */
        must(L4_ThreadControl(id[i], L4_nilthread, L4_nilthread, L4_nilthread, ~0u));
    }
    must(L4_KDB_Check() == 0);
    end_machine(0);
    return 0;
}
