/* SPDX-License-Identifier: BSD-2-Clause */
/* A small sigma0 for tests: page faults and requests (interface.md 6.6) are answered from the
 * memory descriptors, IO faults with the ports asked for.  Everybody may have everything but what
 * the kernel keeps; nothing is accounted. */
#include "l4/syscalls.h"

enum {
    PAGE_BITS_4K = 12,
    ANYWHERE = 0x3fffff, /* an fpage's base field, all ones */
};
#define POOL_TOP    0x1000000u /* "anywhere" is given from here downwards */
#define POOL_BOTTOM 0x800000u

int main(void);

static L4_Word_t pool = POOL_TOP;

/* What the last descriptor says that has a byte of [start, last]; MEMDESC_UNDEFINED if none. */
static L4_Word_t memory_type(L4_Word_t start, L4_Word_t last)
{
    const struct kip *kip = L4_KernelInterface();
    const struct kip_memdesc *d = (const void *)((const char *)kip + (kip->memory_info >> 16));
    L4_Word_t type = MEMDESC_UNDEFINED;
    for (unsigned i = 0; i < (kip->memory_info & 0xffff); i++, d++) {
        if (!(d->low & MEMDESC_VIRTUAL) && (d->low & ~0x3ffu) <= last && (d->high | 0x3ffu) >= start) {
            type = d->low & 0xf;
        }
    }
    return type;
}

/* What page faults may have: devices must be asked for. */
static bool is_memory(L4_Word_t type)
{
    return type == MEMDESC_CONVENTIONAL || type >= 0xe;
}

static L4_Fpage_t whole(L4_Word_t base, unsigned log2_size)
{
    return L4_FpageAddRights(L4_FpageLog2(base, log2_size), L4_FullyAccessible);
}

static L4_Fpage_t anywhere(unsigned log2_size)
{
    if (log2_size < PAGE_BITS_4K || log2_size > 22) {
        return L4_Nilpage;
    }
    L4_Word_t base = (pool - (1u << log2_size)) & ~((1u << log2_size) - 1);
    if (base < POOL_BOTTOM) {
        return L4_Nilpage;
    }
    pool = base;
    return whole(base, log2_size);
}

static L4_Fpage_t request(L4_Fpage_t wanted)
{
    unsigned log2_size = L4_SizeLog2(wanted);
    if (wanted.raw >> 10 == ANYWHERE) {
        return anywhere(log2_size);
    }
    if (log2_size < PAGE_BITS_4K || log2_size > 31) {
        return L4_Nilpage;
    }
    L4_Word_t mask = (1u << log2_size) - 1, base = L4_Address(wanted) & ~mask;
    return memory_type(base, base | mask) == MEMDESC_RESERVED ? L4_Nilpage : whole(base, log2_size);
}

static L4_Fpage_t with_attribute(L4_Fpage_t page, L4_Word_t attribute)
{
    bool done = attribute == L4_DefaultMemory || L4_IsNilFpage(page) || L4_Set_PageAttribute(page, attribute);
    return done ? page : L4_Nilpage;
}

/* The answer to a message in MR1 and MR2, or false: no answer. */
static bool answer(L4_MsgTag_t tag)
{
    L4_Word_t first = L4_StoreMR(1), base = first & ~0xfffu;
    L4_Fpage_t page;
    switch (L4_Label(tag) & 0xfff0) {
    case L4_LABEL_PAGE_FAULT:
        if (!is_memory(memory_type(base, base))) {
            return false;
        }
        page = request(L4_FpageLog2(base, PAGE_BITS_4K));
        break;
    case L4_LABEL_SIGMA0:
        if (L4_UntypedWords(tag) != 2 || L4_TypedWords(tag) != 0) {
            return false;
        }
        page = with_attribute(request((L4_Fpage_t){first}), L4_StoreMR(2));
        base = L4_Address(page);
        break;
    case L4_LABEL_IO_FAULT:
        page = (L4_Fpage_t){first | L4_FullyAccessible};
        base = 0;
        break;
    case L4_LABEL_STOPPED: /* for want of kernel memory, which others may give back meanwhile */
        L4_Sleep(L4_TimePeriod(1000));
        page = L4_Nilpage;
        base = 0;
        break;
    default:
        return false;
    }
    L4_LoadMR(1, base | L4_ITEM_MAP);
    L4_LoadMR(2, page.raw);
    return true;
}

int main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        bool replying = !L4_IpcFailed(tag) && answer(tag);
        tag = replying ? L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from) : L4_Wait(&from);
    }
}
