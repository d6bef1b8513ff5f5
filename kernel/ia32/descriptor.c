/* SPDX-License-Identifier: BSD-2-Clause */
/* The GDT with its two segments for the kernel and three for users, the IDT, the three task state
 * segments, and the copies of the stubs in the KIP. */
#include "descriptor.h"

#include "arch.h"
#include "clock.h"
#include "cpu.h"
#include "entry.h"
#include "l4/kip_page.h"
#include "paging.h"
#include "port_map.h"
#include "trap.h"
#include "tss.h"

#include <string.h>

/* Aligned so that it does not lie across two pages. */
struct main_tss main_tss __attribute__((aligned(256)));

static uint64_t gdt[9];
static uint64_t idt[256] SEALED;
extern char exception_stubs[], irq_stubs[], syscall_stubs[], sysenter_entry[], sysenter_fast[];
extern char kip_stubs[], kip_stubs_end[], kip_stub_ipc_sysenter[], kip_stub_clock[];

enum { KIP_STUBS_OFFSET = 0x400 };

union user_words user_words __attribute__((aligned(PAGE_BYTES)));

static uint64_t segment(uint32_t base, uint32_t limit, uint32_t access, uint32_t flags)
{
    uint32_t low = (base << 16) | (limit & 0xffff);
    uint32_t high =
        (base & 0xff000000) | (flags << 20) | (limit & 0xf0000) | (access << 8) | (base >> 16 & 0xff);
    return (uint64_t)high << 32 | low;
}

static uint64_t gate(const void *handler, uint32_t type)
{
    uint32_t address = (uint32_t)handler;
    return (uint64_t)((address & 0xffff0000) | type << 8) << 32 | (uint32_t)KERNEL_CS << 16 |
           (address & 0xffff);
}

static void load_tables(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) g = {sizeof(gdt) - 1, (uint32_t)gdt}, i = {sizeof(idt) - 1, (uint32_t)idt};
    __asm__ volatile("lgdt %0\n\tlidt %1\n\t"
                     "ljmp %2, $1f\n1:\n\t"
                     "movl %3, %%eax\n\tmovl %%eax, %%ss\n\t"
                     "movl %4, %%eax\n\tmovl %%eax, %%ds\n\tmovl %%eax, %%es\n\tmovl %%eax, %%fs\n\t"
                     "movl %5, %%eax\n\tltr %%ax"
                     :
                     : "m"(g), "m"(i), "i"(KERNEL_CS), "i"(KERNEL_DS), "i"(USER_DS), "i"(TSS_SEL)
                     : "eax", "memory");
}

/* With SMAP each entry clears the user's AC, which would suspend it; without, the gate points
 * behind that. */
static uint64_t stub_gate(const char *stubs, unsigned n, uint32_t type)
{
    return gate(stubs + n * STUB_BYTES + (cpu.smap ? 0 : CLAC_BYTES), type);
}

static void build_idt(void)
{
    enum { KERNEL_GATE = 0x8e, USER_GATE = 0xee, TASK_GATE = 0x85 };
    for (unsigned v = 0; v < 32; v++) {
        bool user = v == 3 || v == 4; /* int3 and into are the user's to execute */
        idt[v] = stub_gate(exception_stubs, v, user ? USER_GATE : KERNEL_GATE);
    }
    idt[2] = (uint64_t)(TASK_GATE << 8) << 32 | (uint32_t)NMI_TSS_SEL << 16;
    idt[8] = (uint64_t)(TASK_GATE << 8) << 32 | (uint32_t)DOUBLE_FAULT_TSS_SEL << 16;
    for (unsigned n = 0; n < 16; n++) {
        idt[VECTOR_IRQ_BASE + n] = stub_gate(irq_stubs, n, KERNEL_GATE);
    }
    for (unsigned n = 0; n < SYSCALL_COUNT; n++) {
        idt[VECTOR_IPC + n] = stub_gate(syscall_stubs, n, USER_GATE);
    }
}

static void build_gdt(void)
{
    enum { BIG_32 = 0xc, BYTES_32 = 0x4 };
    gdt[KERNEL_CS / 8] = segment(0, 0xfffff, 0x9b, BIG_32);
    gdt[KERNEL_DS / 8] = segment(0, 0xfffff, 0x93, BIG_32);
    gdt[USER_CS / 8] = segment(0, 0xfffff, 0xfb, BIG_32);
    gdt[USER_DS / 8] = segment(0, 0xfffff, 0xf3, BIG_32);
    gdt[USER_GS / 8] = segment(UTCB_WORD_ADDRESS, 3, 0xf1, BYTES_32);
    struct tss_place place = port_map_tss();
    gdt[TSS_SEL / 8] = segment(place.base, place.limit, 0x89, 0);
    gdt[DOUBLE_FAULT_TSS_SEL / 8] = segment((uint32_t)&double_fault_tss, sizeof(struct tss) - 1, 0x89, 0);
    gdt[NMI_TSS_SEL / 8] = segment((uint32_t)&nmi_tss, sizeof(struct tss) - 1, 0x89, 0);
    main_tss.tss.ss0 = KERNEL_DS;
    main_tss.tss.kernel_eflags = EFLAGS_KERNEL & (user_eflags | ~(uint32_t)FLAG_IOPL);
    main_tss.tss.io_map = place.io_map;
    emergency_init();
}

static void write_msr(uint32_t msr, uint32_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"(value), "d"(0));
}

/* Copies the stubs into the KIP, and enters their offsets as its links. */
static void install_stubs(void)
{
    struct kip *k = kip_page();
    char *page = (char *)k;
    size_t bytes = (size_t)(kip_stubs_end - kip_stubs);
    assert(KIP_STUBS_OFFSET + bytes <= PAGE_BYTES);
    memcpy(page + KIP_STUBS_OFFSET, kip_stubs, bytes);
    word_t *links[SYSCALL_COUNT] = {
#define LINK(NAME, name) [SYSCALL_##NAME] = &k->name,
        SYSTEM_CALLS(LINK)
#undef LINK
    };
    for (unsigned n = 0; n < SYSCALL_COUNT; n++) {
        *links[n] = KIP_STUBS_OFFSET + n * KIP_STUB_BYTES;
    }
    if (cpu.sysenter) {
        k->ipc = KIP_STUBS_OFFSET + (word_t)(kip_stub_ipc_sysenter - kip_stubs);
    }
    k->lipc = k->ipc;
    /* The precision of time-outs and of the clock, as time periods of X.2. */
    k->clock_info = TICK_AT_MOST_US << 16 | TICK_AT_MOST_US;
    if (user_words.clock_scale) {
        k->system_clock = KIP_STUBS_OFFSET + (word_t)(kip_stub_clock - kip_stubs);
        k->clock_info = TICK_AT_MOST_US << 16 | 1;
    }
}

void descriptor_init(bool fast_ipc)
{
    enum { MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP = 0x175, MSR_SYSENTER_EIP = 0x176 };
    build_gdt();
    build_idt();
    load_tables();
    if (cpu.sysenter) {
        write_msr(MSR_SYSENTER_CS, KERNEL_CS);
        write_msr(MSR_SYSENTER_ESP, (uint32_t)&main_tss.tss.kernel_eflags);
        write_msr(MSR_SYSENTER_EIP, (uint32_t)(fast_ipc ? sysenter_fast : sysenter_entry));
    }
    install_stubs();
}

void descriptor_switch(struct tcb *t)
{
    debug_assert(t->regs.ss == USER_DS && t == current);
    main_tss.tss.esp0 = (uint32_t)(&t->regs + 1);
    user_words.utcb = t->local_id;
}
