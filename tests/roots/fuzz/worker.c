/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker: one random operation after the other.  Most faults and exceptions end in its being
 * started anew. */
#include "fuzz.h"

static void violation(struct worker *w, int line, L4_Word_t detail)
{
    w->detail = detail;
    w->violation = (L4_Word_t)line;
}

static void random_registers(struct worker *w)
{
    L4_Word_t *regs = &w->regs.eax;
    for (unsigned i = 0; i < 7; i++) {
        switch (below(w, 4)) {
        case 0:
            regs[i] = any_id(w);
            break;
        case 1:
            regs[i] = any_address(w);
            break;
        default:
            regs[i] = random_word(w);
        }
    }
    w->regs.edi = (L4_Word_t)L4_Utcb();
}

static void call(struct worker *w, enum link link)
{
    raw_call(links[link], &w->regs);
    if (w->regs.esp_change) {
        violation(w, __LINE__, link);
    }
}

/* ---- the system calls ---- */

static void ipc_registers(struct worker *w)
{
    random_registers(w);
    fill_message(w);
    w->regs.eax = below(w, 3) ? any_id(w) : 0;
    w->regs.edx = below(w, 3) ? any_id(w) : below(w, 2) ? w->regs.eax : ~0u;
    w->regs.ecx = any_times(w);
    w->regs.esi = L4_StoreMR(0);
}

static void do_ipc(struct worker *w)
{
    ipc_registers(w);
    call(w, LINK_IPC);
    if (w->regs.edi != (L4_Word_t)L4_Utcb()) {
        violation(w, __LINE__, w->regs.edi);
    }
}

/* As servers and clients do: these meet. */
static void do_plain_ipc(struct worker *w)
{
    random_registers(w);
    L4_SetTcr(UTCB_BR0, 0);
    w->regs.eax = below(w, 3) ? worker_ids[below(w, WORKERS)].raw : 0;
    w->regs.edx = below(w, 2) && w->regs.eax ? w->regs.eax : ~0u;
    w->regs.ecx = L4_Timeouts(L4_TimePeriod(below(w, 2000)), L4_TimePeriod(below(w, 2) ? 2000 : 0)) |
                  (below(w, 8) == 0 ? 0x8000u : 0);
    w->regs.esi = (random_word(w) & 0xffff0000u) | below(w, 64);
    if (below(w, 4) == 0) {
        w->regs.eax = server_id.raw;
    }
    call(w, LINK_IPC);
}

/* Ports change hands, where two of these meet. */
static void do_port_ipc(struct worker *w)
{
    random_registers(w);
    L4_SetTcr(UTCB_BR0, L4_IoFpage(0, 16).raw);
    L4_LoadMR(1, below(w, 3) ? L4_ITEM_MAP : L4_ITEM_GRANT);
    L4_LoadMR(2, any_io_fpage(w));
    w->regs.eax = below(w, 2) ? worker_ids[below(w, WORKERS)].raw : 0;
    w->regs.edx = ~0u;
    w->regs.ecx = L4_Timeouts(L4_TimePeriod(below(w, 2000)), L4_TimePeriod(2000));
    w->regs.esi = 2 << 6;
    call(w, LINK_IPC);
}

/* A call that a servant answers, perhaps with a page or ports. */
static void do_call_servant(struct worker *w)
{
    random_registers(w);
    L4_Word_t words = below(w, 2) ? below(w, 4) : below(w, 61);
    bool item = below(w, 3) == 0;
    L4_LoadMR(words + 1, L4_ITEM_MAP);
    L4_LoadMR(words + 2, any_fpage(w));
    L4_SetTcr(UTCB_BR0, below(w, 2) ? 0 : L4_FpageLog2(REGION(w->index) + SCRATCH, REGION_BITS - 1).raw);
    w->regs.eax = w->regs.edx = servant(w);
    w->regs.ecx = L4_Timeouts(below(w, 2) ? L4_ZeroTime : L4_TimePeriod(2000), L4_Never);
    w->regs.esi = (random_word(w) & 0xffff0000u) | (item ? 2 << 6 : 0) | words;
    call(w, LINK_IPC);
}

/* A fault in a page of its own that was there a moment ago. */
static void do_fault_at_servant(struct worker *w)
{
    L4_Word_t page = REGION(w->index) + SCRATCH + below(w, SCRATCH / PAGE_BYTES) * PAGE_BYTES;
    if (w->privileged) {
        return;
    }
    L4_SetTcr(UTCB_PAGER, servant(w));
    L4_Flush(L4_FpageAddRights(L4_FpageLog2(page, PAGE_BITS), L4_FullyAccessible));
    if (below(w, 2)) {
        *(volatile L4_Word_t *)page = 1;
    } else {
        (void)*(volatile L4_Word_t *)page;
    }
    L4_SetTcr(UTCB_PAGER, root_id.raw);
}

/* An exception that a servant answers with each register complemented, or with a few words, and
 * these are what they were.  Not of a privileged worker: a servant that sends it another worker's
 * exception instead of an answer makes it go on as that one, with the root task's rights. */
static void do_exception_at_servant(struct worker *w)
{
    if (w->privileged) {
        return;
    }
    random_registers(w);
    struct l4_raw_regs before = w->regs;
    L4_Set_ExceptionHandler((L4_ThreadId_t){servant(w)});
    raw_call((L4_Word_t)undefined_stub, &w->regs);
    L4_Set_ExceptionHandler(root_id);
    const struct l4_raw_regs *r = &w->regs;
    const L4_Word_t changed[] = {r->eax ^ before.eax, r->ecx ^ before.ecx, r->edx ^ before.edx,
                                 r->esi ^ before.esi, r->edi ^ before.edi, r->ebx ^ before.ebx,
                                 r->ebp ^ before.ebp};
    for (unsigned i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        if (changed[i] != 0 && changed[i] != ~0u) {
            violation(w, __LINE__, changed[i]);
        }
    }
}

/* A privileged worker's victim may run in the root task's space: with another stack or other flags
 * it must not go on with the code that it is in, nor may its pager be one that maps whatever it
 * likes. */
static void do_exchange_registers(struct worker *w)
{
    random_registers(w);
    w->regs.eax = victim_id(w);
    w->regs.ecx = random_word(w) & (below(w, 4) ? 0x3ff : ~0u);
    if (w->privileged && (w->regs.ecx & (L4_EXREGS_SP | L4_EXREGS_FLAGS))) {
        w->regs.ecx |= L4_EXREGS_IP;
    }
    w->regs.edx = target_address(w);
    w->regs.esi = below(w, 2) ? KERNEL_BASE | random_word(w) : WINDOW + below(w, 0x100000);
    w->regs.ebp = below(w, 2) ? root_id.raw : harmless_id(w);
    call(w, LINK_EXCHANGE_REGISTERS);
}

/* A privileged worker makes threads in the root task's space only under numbers of their own, and
 * starts none there: they would run the supervisor's code.  Nor in the witnesses' spaces. */
static void safe_thread_control(struct worker *w)
{
    w->regs.eax = victim_id(w);
    w->regs.esi = below(w, 4) == 0 ? 0 : below(w, 4) ? w->regs.eax : victim_id(w);
    bool in_root = w->regs.esi == worker_ids[0].raw || w->regs.esi == worker_ids[PRIVILEGED - 1].raw ||
                   w->regs.esi >> 20 == UTCB_AREA >> 20;
    if (in_root) {
        w->regs.eax = relative_id(NO_ROOT_JUNK + below(w, ROOT_JUNK), 1 + below(w, 2)).raw;
        w->regs.esi = L4_Myself().raw;
        w->regs.ecx = below(w, 2) ? 0 : root_id.raw;
    }
}

static void do_thread_control(struct worker *w)
{
    random_registers(w);
    w->regs.eax = victim_id(w);
    w->regs.esi = any_id(w);
    w->regs.edx = below(w, 2) ? any_id(w) : root_id.raw;
    w->regs.ecx = below(w, 2) ? any_id(w) : below(w, 2) ? root_id.raw : 0;
    if (w->privileged) {
        safe_thread_control(w);
    }
    w->regs.edi = below(w, 4) == 0   ? random_word(w)
                  : below(w, 2) == 0 ? ~0u
                                     : UTCB_AREA + (FIRST_SLOT + WORKERS + below(w, 20)) * UTCB_SIZE;
    call(w, LINK_THREAD_CONTROL);
    if (!w->privileged && w->regs.eax) {
        violation(w, __LINE__, w->regs.eax);
    }
}

static void do_space_control(struct worker *w)
{
    random_registers(w);
    w->regs.eax = victim_id(w);
    if (w->privileged && (w->regs.eax & 0x3f) == 0) {
        w->regs.eax = 0;
    }
    if (w->privileged &&
        (w->regs.eax == worker_ids[0].raw || w->regs.eax == worker_ids[PRIVILEGED - 1].raw)) {
        return; /* the root task's space: no redirector for the supervisor */
    }
    w->regs.edx = below(w, 4) == 0 ? any_fpage(w) : L4_FpageLog2(KIP_AREA, PAGE_BITS).raw;
    w->regs.esi = below(w, 4) == 0 ? any_fpage(w) : L4_FpageLog2(UTCB_AREA, UTCB_LOG2).raw;
    w->regs.edi = below(w, 2) ? 0 : any_id(w);
    w->regs.ecx = below(w, 4) ? w->regs.ecx
                              : KERNEL_QUOTA | (below(w, 2) ? KERNEL_WATCH : 0) |
                                    (below(w, 2) ? below(w, 64) : KERNEL_QUOTA_NONE);
    call(w, LINK_SPACE_CONTROL);
    if (!w->privileged && w->regs.eax) {
        violation(w, __LINE__, w->regs.eax);
    }
}

static void do_schedule(struct worker *w)
{
    random_registers(w);
    w->regs.eax = victim_id(w);
    w->regs.ecx = below(w, 2) ? ~0u : below(w, 150) | (below(w, 4) ? 0 : random_word(w) << 8);
    w->regs.edx = below(w, 2) ? ~0u : below(w, 2) ? any_times(w) : random_word(w);
    w->regs.esi = below(w, 2) ? ~0u : random_word(w);
    w->regs.edi = below(w, 2) ? ~0u : random_word(w) & 0x00ffffff;
    call(w, LINK_SCHEDULE);
}

static void do_unmap(struct worker *w)
{
    random_registers(w);
    for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
        L4_LoadMR(i, any_fpage(w));
    }
    w->regs.esi = L4_StoreMR(0);
    w->regs.eax = below(w, 2) ? below(w, 4) | (random_word(w) & 0x40) : random_word(w);
    call(w, LINK_UNMAP);
}

static void do_other_call(struct worker *w)
{
    random_registers(w);
    switch (below(w, 6)) {
    case 0: /* sigma0 alone may do this */
        w->regs.ecx = below(w, 2) ? w->regs.ecx : KERNEL_MEMORY_LEND + below(w, 2);
        call(w, LINK_MEMORY_CONTROL);
        if (!w->privileged && w->regs.eax) {
            violation(w, __LINE__, w->regs.eax);
        }
        break;
    case 1:
        call(w, LINK_PROCESSOR_CONTROL);
        if (!w->privileged && w->regs.eax) {
            violation(w, __LINE__, w->regs.eax);
        }
        break;
    case 2:
        call(w, LINK_SYSTEM_CLOCK);
        break;
    default:
        w->regs.eax = any_id(w);
        call(w, LINK_THREAD_SWITCH);
    }
}

/* ---- the processor ---- */

/* Vectors of system calls that could hurt the root task are left to the functions above. */
static void do_int(struct worker *w)
{
    L4_Word_t n = below(w, 256);
    random_registers(w);
    if ((n >= 0x30 && n < 0x40 && (w->privileged || n == 0x30)) || n == 3) {
        n = 0x38;
    }
    raw_call((L4_Word_t)int_stubs + n * 4, &w->regs);
}

static L4_Word_t any_flags(struct worker *w)
{
    enum { ALWAYS = 0x3202, ODD = 0x244dd5, TRAP = 0x100, INTERRUPTS = 0x200 };
    L4_Word_t flags = ALWAYS | (random_word(w) & ODD);
    if (below(w, 4)) {
        flags &= ~(L4_Word_t)TRAP;
    }
    if (!w->ports_open && below(w, 4) == 0) {
        flags = random_word(w) & ~(L4_Word_t)TRAP;
    }
    return flags;
}

static void any_selectors(struct worker *w)
{
    static const L4_Word_t good[] = {0, 1, 2, 3, 0x1b, 0x23, 0x2b, 0x1a, 0x23, 0x23, 0x23, 0x23};
    for (unsigned i = 0; i < 4; i++) {
        w->selectors[i] =
            below(w, 12) == 0 ? random_word(w) & 0xffff : good[below(w, sizeof(good) / sizeof(good[0]))];
    }
}

/* sysenter and the stubs with flags and segment registers that no compiler makes. */
static void do_odd_registers(struct worker *w)
{
    ipc_registers(w);
    w->regs.edi = below(w, 2) ? w->regs.edi : random_word(w);
    any_selectors(w);
    w->regs.eflags = any_flags(w);
    switch (below(w, 4)) {
    case 0:
        raw_call_selectors(w, links[LINK_IPC]);
        break;
    case 1:
        w->regs.eax = any_id(w);
        raw_call_selectors(w, links[LINK_THREAD_SWITCH]);
        break;
    case 2: /* a call that the fast path takes */
        w->regs.eax = w->regs.edx = server_id.raw;
        w->regs.esi = below(w, 64);
        w->regs.ecx = L4_Timeouts(L4_ZeroTime, L4_Never);
        raw_sysenter(w);
        break;
    default:
        raw_sysenter(w);
    }
}

/* Return addresses where nothing is: sysexit must not mind. */
static void do_lost_sysenter(struct worker *w)
{
    L4_Word_t ip = below(w, 2) ? KERNEL_BASE | random_word(w) : WINDOW + below(w, 0x10000);
    L4_Word_t to = any_id(w), times = L4_Timeouts(L4_ZeroTime, L4_ZeroTime);
    L4_Word_t sp = below(w, 2) ? any_address(w) : KERNEL_BASE | random_word(w);
    __asm__ volatile("pushl %%ebp\n\tmovl %4, %%ebp\n\tsysenter"
                     :
                     : "a"(to), "b"(ip), "c"(times), "d"(0), "r"(sp), "S"(0)
                     : "memory");
}

static void do_kip(struct worker *w)
{
    L4_Word_t base, version, flags, id;
    __asm__ volatile(".byte 0xf0, 0x90" : "=a"(base), "=c"(version), "=d"(flags), "=S"(id));
    if (base != KIP_AREA && w->privileged) {
        violation(w, __LINE__, base);
    }
}

static void do_debugger(struct worker *w)
{
    random_registers(w);
    w->regs.eax = any_address(w) | 0xfff;
    if (below(w, 2)) {
        w->regs.eax = KERNEL_BASE | random_word(w);
    }
    w->regs.ecx = random_word(w) & (below(w, 2) ? 0xff : ~0u);
    unsigned stub = below(w, KDB_STUBS);
    raw_call((L4_Word_t)kdb_stubs + stub * 8, &w->regs);
}

/* Kernel memory; the page at 0xffc00000 is where gs:0 is. */
static void do_probe(struct worker *w)
{
    L4_Word_t address = KERNEL_BASE | random_word(w);
    bool write = below(w, 2);
    if (address >> PAGE_BITS == 0xffc00000u >> PAGE_BITS && !write) {
        return;
    }
    if (write) {
        *(volatile char *)address = 0;
    } else {
        (void)*(volatile char *)address;
    }
    violation(w, __LINE__, address);
}

/* Outside of PORTS no access may succeed; reading only, where it might. */
static void do_ports(struct worker *w)
{
    bool any = !w->ports_open && below(w, 4) == 0;
    unsigned short port = (unsigned short)(any ? random_word(w) : PORTS + below(w, PORTS_COUNT));
    bool allowed = w->ports_open || (port >= PORTS && port + 4u <= PORTS + PORTS_COUNT);
    switch (below(w, 3)) {
    case 0:
        allowed = allowed || (port >= PORTS && port < PORTS + PORTS_COUNT);
        __asm__ volatile("inb %w0, %%al" : : "Nd"(port) : "eax");
        break;
    case 1:
        allowed = true;
        __asm__ volatile("outb %%al, %w0" : : "Nd"((unsigned short)(PORTS + port % PORTS_COUNT)), "a"(0));
        break;
    default:
        __asm__ volatile("inl %w0, %%eax" : : "Nd"(port) : "eax");
    }
    if (!allowed) {
        violation(w, __LINE__, port);
    }
}

static void do_touch(struct worker *w)
{
    for (unsigned i = 0; i < 8; i++) {
        L4_Word_t address = REGION(w->index) + SCRATCH + below(w, SCRATCH - 4);
        if (below(w, 2)) {
            *(volatile L4_Word_t *)address = random_word(w);
        } else {
            (void)*(volatile L4_Word_t *)address;
        }
    }
    if (below(w, 4) == 0) {
        (void)*(volatile char *)(WINDOW + (random_word(w) >> (32 - WINDOW_BITS)));
    }
}

/* What is in the FPU stays there, whoever runs in between.  Without kernel memory for it, its
 * instructions are exceptions, and a handler may pass them by: then nothing is stored. */
static void do_fpu(struct worker *w)
{
    L4_Word_t in = random_word(w) & 0x7fffffff, out = ~in;
    __asm__ volatile("fninit\n\tfildl %0" : : "m"(in));
    random_registers(w);
    w->regs.eax = below(w, 2) ? 0 : any_id(w);
    call(w, LINK_THREAD_SWITCH);
    __asm__ volatile("fistpl %0" : "+m"(out));
    if (out != in && out != ~in) {
        violation(w, __LINE__, out);
    }
    if (below(w, 4) == 0) { /* exceptions, pending ones too */
        unsigned short control = (unsigned short)random_word(w);
        __asm__ volatile("fldcw %0\n\tfldz\n\tfld1\n\tfdivp" : : "m"(control));
        call(w, LINK_THREAD_SWITCH);
        __asm__ volatile("fninit");
    }
}

/* The kernel reads these itself.  A privileged worker's pager and exception handler are what it
 * believes in. */
static void do_control_registers(struct worker *w)
{
    static const int indices[] = {UTCB_PAGER,         UTCB_EXCEPTION_HANDLER, UTCB_MY_GLOBAL_ID,
                                  UTCB_PREEMPT_FLAGS, UTCB_PROCESSOR_NO,      UTCB_ERROR_CODE};
    L4_SetTcr(indices[below(w, 6)], harmless_id(w));
    if (!w->privileged && below(w, 16) == 0) {
        L4_Word_t *utcb = L4_Utcb();
        for (int i = -(UTCB_MR0_OFFSET / 4); i < UTCB_MR_COUNT; i++) {
            utcb[i] = random_word(w);
        }
    }
}

/* ---- all ---- */

static void step(struct worker *w)
{
    static void (*const common[])(struct worker *) = {
        do_ipc,
        do_ipc,
        do_ipc,
        do_ipc,
        do_plain_ipc,
        do_plain_ipc,
        do_plain_ipc,
        do_unmap,
        do_unmap,
        do_touch,
        do_touch,
        do_fpu,
        do_kip,
        do_exchange_registers,
        do_schedule,
        do_thread_control,
        do_space_control,
        do_other_call,
        do_ports,
        do_port_ipc,
        do_call_servant,
        do_call_servant,
        do_fault_at_servant,
        do_exception_at_servant,
    };
    static void (*const rare[])(struct worker *) = {
        do_int,   do_odd_registers,     do_odd_registers,      do_lost_sysenter, do_debugger,
        do_probe, do_control_registers, do_exchange_registers, do_strip,
    };
    L4_Word_t choice = below(w, 6) == 0 ? 0x100 + below(w, sizeof(rare) / sizeof(rare[0]))
                                        : below(w, sizeof(common) / sizeof(common[0]));
    w->last = choice;
    w->calls++;
    if (choice >= 0x100) {
        rare[choice - 0x100](w);
    } else {
        common[choice](w);
    }
}

void worker_main(struct worker *w)
{
    L4_Set_ExceptionHandler(root_id);
    for (;;) {
        step(w);
    }
}
