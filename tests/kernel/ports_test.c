/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports on the machine: bitmaps of spaces, and which ports an instruction wants. */
#include "ktest.h"

#include "ia32/cpu.h"
#include "ia32/entry.h"
#include "ia32/port_map.h"
#include "ia32/protection.h"
#include "l4/io_ports.h"

#include <string.h>

enum { LAST = PORT_COUNT - 1, CODE = 0x10000 };

static enum map_result give(struct space *to, word_t port, unsigned log2)
{
    return map_whole(sigma0_space, to, L4_ITEM_MAP, L4_IoFpage(port, log2), L4_CompleteAddressSpace);
}

void test_ports(void)
{
    if (!io_ports_mapped) {
        ktap_skip_rest("machine: booted without ioports=mapped");
        return;
    }
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    EXPECT_EQ(arch_user_flags(a), 0x202);
    EXPECT_EQ(arch_ports_open(a->space, 0, LAST), 0);
    word_t before = a->space->kmem_bytes;
    EXPECT_EQ(give(a->space, 0x3f8, 3), MAP_OK);
    EXPECT_EQ(arch_ports_open(a->space, 0, LAST), 8);
    EXPECT_EQ(arch_ports_open(a->space, 0x3f8, 0x3ff), 8);
    EXPECT_LE(a->space->kmem_bytes - before, 2 * PAGE_BYTES + 32);
    EXPECT_EQ(give(a->space, 0, 16), MAP_OK);
    EXPECT_EQ(arch_ports_open(a->space, 0, LAST), PORT_COUNT);
    EXPECT_EQ(arch_ports_open(b->space, 0, LAST), 0);
    EXPECT_EQ(io_ports_check(), 0);
    EXPECT_EQ(protection_check(a->space->directory), 0);
    pte_t *window = arch_kernel_address(a->space->directory[UTCB_WORD_ADDRESS >> 22] & PAGE_MASK);
    window[MAP_PAGE] |= PTE_GLOBAL; /* it would stay in the TLB of the next space */
    EXPECT_EQ(protection_check(a->space->directory), 1);
    window[MAP_PAGE] &= ~(pte_t)PTE_GLOBAL;
    (void)unmap_fpage(a->space, L4_FpageAddRights(L4_IoFpage(0x3fc, 1), L4_FullyAccessible), true);
    EXPECT_EQ(arch_ports_open(a->space, 0, LAST), PORT_COUNT - 2);
    EXPECT_EQ(arch_ports_open(a->space, 0x3fc, 0x3fd), 0);
    EXPECT_EQ(io_ports_check(), 0);
    ktest_delete(b);
    ktest_delete(a); /* and the footprint is as it was */
    EXPECT_EQ(port_slab.objects, 0);
}

/* The IO fpage that the code faults for, 0 = none: without rights. */
static word_t wanted(struct tcb *t, const char *code, size_t bytes, word_t dx)
{
    char *page = arch_kernel_address(KTEST_FRAME);
    memset(page, 0x90, PAGE_BYTES);
    memcpy(page, code, bytes);
    t->regs.eip = CODE;
    t->regs.edx = 0xabcd0000 | dx;
    schedule_remove(t);
    if (!port_fault(t)) {
        schedule_wake(t);
        return 0;
    }
    EXPECT_EQ(t->state, THREAD_SENDING);
    word_t fpage = t->fault_words[1] & ~0xfu;
    EXPECT_EQ(t->tag, 0xff860002);
    EXPECT_EQ(t->fault_words[2], CODE);
    ipc_abort(t, L4_IpcCanceled);
    return fpage;
}

void test_port_faults(void)
{
    static const struct {
        const char *code;
        word_t bytes, dx, port, log2, none;
    } cases[] = {
        {"\xec", 1, 0x60, 0x60, 0, 0},           /* in al, dx */
        {"\xef", 1, 0xcf8, 0xcf8, 2, 0},         /* out dx, eax */
        {"\x66\xed", 2, 0x1f0, 0x1f0, 1, 0},     /* in ax, dx */
        {"\xe4\x71", 2, 0x60, 0x71, 0, 0},       /* in al, 0x71 */
        {"\x66\xe7\xfe", 3, 0x60, 0xfe, 1, 0},   /* out 0xfe, ax */
        {"\xf3\x66\x6d", 3, 0x1f0, 0x1f0, 1, 0}, /* rep insw */
        {"\xf2\x2e\x6e", 3, 0x378, 0x378, 0, 0}, /* repne cs outsb */
        {"\x64\x67\x6f", 3, 0x170, 0x170, 2, 0}, /* fs outsl, 16-bit address */
        {"\xed", 1, 0x61, 0x61, 0, 0},           /* not aligned: one port after the other */
        {"\xed", 1, 0x2fd, 0x2ff, 0, 0},         /* two are there */
        {"\xed", 1, 0xfffd, 0, 0, 1},            /* beyond the last */
        {"\xec", 1, 0x2fd, 0, 0, 1},             /* it is there */
        {"\xf4", 1, 0x60, 0, 0, 1},              /* hlt */
        {"\xfa", 1, 0x60, 0, 0, 1},              /* cli */
        {"\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\xec", 16, 0x60, 0, 0, 1},
    };
    if (!io_ports_mapped) {
        ktap_skip_rest("machine: booted without ioports=mapped");
        return;
    }
    struct tcb *t = ktest_thread(60), *pager = ktest_thread(61);
    REQUIRE(t && pager);
    *tcb_tcr(t, UTCB_PAGER) = pager->global_id; /* which does not receive */
    (void)map_page_whole(sigma0_space, KTEST_FRAME, t->space, CODE, L4_FullyAccessible, false);
    EXPECT_EQ(give(t->space, 0x2fc, 1), MAP_OK);
    EXPECT_EQ(give(t->space, 0x2fe, 0), MAP_OK);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        word_t expected = cases[i].none ? 0 : L4_IoFpage(cases[i].port, cases[i].log2).raw;
        EXPECT_EQ(wanted(t, cases[i].code, cases[i].bytes, cases[i].dx), expected);
    }
    ktest_delete(t);
    ktest_delete(pager);
}
