/* SPDX-License-Identifier: BSD-2-Clause */
/* Servants answer what workers send them: faults with a page, exceptions with registers, messages
 * with messages, or pass them on in the sender's name; now and then wrongly or not at all.  They
 * wait openly and for ever, as the kernel's plain paths want it.  The lender runs in sigma0's space
 * and lends the kernel memory. */
#include "fuzz.h"

enum { SELDOM = 24, BIGGEST = 17, UD2_BYTES = 2, IP = 1, FIRST_GENERAL = 5, SP = 8, LAST_GENERAL = 12 };

static bool may_answer(L4_Word_t address)
{
    bool scratch = address - REGION(0) < REGION(WORKERS) - REGION(0) && (address & SCRATCH);
    return scratch || address - WINDOW < 1u << WINDOW_BITS;
}

/* A page of the servant's own, there now. */
static L4_Word_t own_page(struct worker *w)
{
    L4_Word_t page = REGION(w->index) + SCRATCH + below(w, SCRATCH / PAGE_BYTES) * PAGE_BYTES;
    *(volatile L4_Word_t *)page = page;
    return page;
}

static void load_item(struct worker *w, unsigned i, L4_Word_t to, unsigned log2)
{
    bool grant = below(w, SELDOM) == 0;
    L4_LoadMR(i, (to & ~0xfffu) | (grant ? L4_ITEM_GRANT : L4_ITEM_MAP));
    L4_Word_t page = below(w, SELDOM) ? own_page(w) : WINDOW;
    L4_LoadMR(i + 1, L4_FpageAddRights(L4_FpageLog2(page & ~((1u << log2) - 1), log2),
                                       below(w, 8) ? L4_FullyAccessible : L4_ReadeXecOnly)
                         .raw);
}

static L4_MsgTag_t answer_fault(struct worker *w, L4_Word_t address)
{
    unsigned untyped = below(w, 6) ? 0 : below(w, 60);
    if (below(w, SELDOM) == 0) {
        load_item(w, 1, address, PAGE_BITS + below(w, BIGGEST - PAGE_BITS + 1));
        load_item(w, 3, address, PAGE_BITS);
        return L4_MsgTag(0, 0, 4);
    }
    load_item(w, untyped + 1, address, PAGE_BITS);
    return L4_MsgTag(random_word(w) & 0xffff, untyped, 2);
}

/* Behind the instruction, with every register complemented; or as much of it as the reply's
 * words. */
static L4_MsgTag_t answer_exception(struct worker *w)
{
    L4_LoadMR(IP, L4_StoreMR(IP) + UD2_BYTES);
    for (unsigned i = FIRST_GENERAL; i <= LAST_GENERAL; i++) {
        L4_LoadMR(i, i == SP ? L4_StoreMR(i) : ~L4_StoreMR(i));
    }
    return L4_MsgTag(0, below(w, 8) ? LAST_GENERAL : 1 + below(w, LAST_GENERAL), 0);
}

static L4_MsgTag_t answer_ports(struct worker *w, L4_Fpage_t wanted)
{
    L4_Word_t first = L4_IoFpagePort(wanted), bytes = 1u << L4_IoFpageSizeLog2(wanted);
    if (first >= PORTS && first + bytes <= PORTS + PORTS_COUNT) {
        __asm__ volatile("inb %w0, %%al" : : "Nd"((unsigned short)first) : "eax");
    }
    L4_LoadMR(1, below(w, SELDOM) ? L4_ITEM_MAP : L4_ITEM_GRANT);
    L4_LoadMR(2, wanted.raw | L4_FullyAccessible);
    return L4_MsgTag(0, 0, 2);
}

static L4_MsgTag_t answer_message(struct worker *w, L4_MsgTag_t tag)
{
    switch (below(w, 4)) {
    case 0:
        fill_message(w);
        return (L4_MsgTag_t){L4_StoreMR(0)};
    case 1:
        load_item(w, 1 + L4_UntypedWords(tag) % 60, REGION(below(w, WORKERS)) + SCRATCH, PAGE_BITS);
        return L4_MsgTag(0, L4_UntypedWords(tag) % 60, 2);
    default:
        return L4_MsgTag(0, L4_UntypedWords(tag), 0);
    }
}

/* To somebody else who answers, in the name of who asked. */
static L4_MsgTag_t pass_on(struct worker *w, L4_ThreadId_t from, L4_MsgTag_t tag, L4_ThreadId_t *to)
{
    *to = below(w, SELDOM) ? (L4_ThreadId_t){servant(w)} : (L4_ThreadId_t){any_id(w)};
    L4_SetTcr(UTCB_VIRTUAL_SENDER, below(w, SELDOM) ? from.raw : any_id(w));
    return (L4_MsgTag_t){(tag.raw & 0xffff0fffu) | L4_TAG_PROPAGATED};
}

/* In *to: to whom; nobody: no answer. */
static L4_MsgTag_t answer(struct worker *w, L4_ThreadId_t *to, L4_MsgTag_t tag)
{
    L4_Word_t label = L4_Label(tag);
    bool fault = (label & 0xfff8) == L4_LABEL_PAGE_FAULT;
    if (below(w, 2 * SELDOM) == 0 || (fault && !may_answer(L4_StoreMR(1)))) {
        *to = L4_nilthread;
        return (L4_MsgTag_t){0};
    }
    if (below(w, 8) == 0) {
        return pass_on(w, *to, tag, to);
    }
    if (fault) {
        return answer_fault(w, L4_StoreMR(1));
    }
    if ((label & 0xfff0) == L4_LABEL_IO_FAULT) {
        return answer_ports(w, (L4_Fpage_t){L4_StoreMR(1)});
    }
    return label == L4_LABEL_EXCEPTION ? answer_exception(w) : answer_message(w, tag);
}

/* What may come: nothing, pages, ports. */
static void open_window(struct worker *w)
{
    L4_Word_t scratch = L4_FpageLog2(REGION(w->index) + SCRATCH, REGION_BITS - 1).raw;
    L4_Word_t choice = below(w, 8);
    L4_SetTcr(UTCB_BR0, choice == 0 ? L4_IoFpage(0, 16).raw : choice < 4 ? scratch : 0);
}

void servant_main(struct worker *w)
{
    L4_Set_ExceptionHandler(root_id);
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        L4_ThreadId_t to = from;
        w->calls++;
        L4_MsgTag_t reply = L4_IpcFailed(tag) ? tag : answer(w, &to, tag);
        open_window(w);
        tag = L4_IpcFailed(tag) || L4_IsNilThread(to) ? L4_Wait(&from) : L4_ReplyWait(to, reply, &from);
    }
}

/* ---- the lender, which also changes how frames are cached ---- */

/* Frames that are nobody's. */
static L4_Word_t lendable(struct worker *w)
{
    unsigned size = PAGE_BITS + below(w, 5);
    L4_Word_t offset = below(w, LEND_BYTES) & ~((1u << size) - 1);
    return L4_FpageLog2(LEND + offset, size).raw;
}

/* The kernel's, in a machine of 64 MiB; none, devices. */
static L4_Word_t not_lendable(struct worker *w)
{
    static const L4_Word_t starts[] = {0x108000,   0x118000,   0x3ff8000,  0xa0000,   0x4000000,
                                       0x80000000, 0xc0000000, 0xfee00000, 0xfffff000};
    L4_Word_t start = starts[below(w, sizeof(starts) / sizeof(starts[0]))];
    return below(w, 8) == 0 ? 0x10 | (random_word(w) & 0xf)
                            : L4_FpageLog2(start, PAGE_BITS + below(w, 4)).raw;
}

/* What is lent from the boot on; the nil fpage only asks. */
static L4_Word_t lent_at_boot(struct worker *w)
{
    static L4_Word_t pages = ~0u; /* who is made anew does not ask again */
    if (pages == ~0u) {
        w->regs = (struct l4_raw_regs){.ecx = KERNEL_MEMORY_LEND, .edi = (L4_Word_t)L4_Utcb()};
        raw_call(links[LINK_MEMORY_CONTROL], &w->regs);
        pages = w->regs.ebx;
    }
    return pages;
}

void lender_main(struct worker *w)
{
    L4_Word_t most = lent_at_boot(w) + LEND_BYTES / PAGE_BYTES;
    for (;;) {
        bool good = below(w, 4) != 0, type = below(w, 4) == 0;
        L4_Word_t attribute = type ? below(w, 10) : KERNEL_MEMORY_LEND + below(w, 2);
        L4_Word_t last = below(w, 4) ? 0 : below(w, UTCB_MR_COUNT);
        for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
            L4_LoadMR(i, good ? lendable(w) & ~3u : not_lendable(w) & ~3u);
        }
        L4_Word_t mr0 = L4_StoreMR(0);
        w->regs = (struct l4_raw_regs){.eax = good || below(w, 4) ? last : random_word(w) | UTCB_MR_COUNT,
                                       .ecx = attribute,
                                       .esi = L4_StoreMR(0),
                                       .edi = (L4_Word_t)L4_Utcb()};
        raw_call(links[LINK_MEMORY_CONTROL], &w->regs);
        w->calls++;
        bool nonsense = w->regs.eax && (w->regs.ecx > w->regs.edx || w->regs.ebx > most);
        if ((!good && !type && w->regs.eax) || nonsense || w->regs.esp_change) {
            w->detail = mr0;
            w->violation = __LINE__;
        }
        L4_Sleep(L4_TimePeriod(1 + below(w, 1000)));
    }
}
