/* SPDX-License-Identifier: BSD-2-Clause */
#include "map_item.h"

#include "arch.h"

#include "io_ports.h"
#include "kdb/trace.h"
#include "space.h"
#include "superpage.h"

static uint64_t size_of(L4_Fpage_t f)
{
    unsigned log2 = L4_SizeLog2(f);
    if (log2 == 1) {
        return 1ull << 32; /* complete address space */
    }
    return log2 < PAGE_BITS || log2 > 32 ? 0 : 1ull << log2;
}

bool map_range(word_t send_base, L4_Fpage_t fpage, L4_Fpage_t window, struct map_range *out)
{
    uint64_t s = size_of(fpage), r = size_of(window);
    if (s == 0 || r == 0) {
        return false;
    }
    uint64_t from = L4_Address(fpage) & ~(s - 1), to = L4_Address(window) & ~(r - 1);
    uint64_t base = send_base & ~0x3ffu;
    if (s <= r) { /* all of the fpage, at the place in the window that the send base names */
        to |= base & (r - 1) & ~(s - 1);
    } else { /* the part of the fpage that the send base names, into all of the window */
        from |= base & (s - 1) & ~(r - 1);
        s = r;
    }
    debug_assert(from + s <= 1ull << 32 && to + s <= 1ull << 32 && ((from | to) & ~PAGE_MASK) == 0);
    *out = (struct map_range){.source = from, .destination = to, .bytes = s};
    return true;
}

enum map_result map_item(struct space *from, struct space *to, word_t base_word, L4_Fpage_t fpage,
                         L4_Fpage_t window)
{
    struct map_range range;
    if (L4_SizeLog2(fpage) == PAGE_BITS && window.raw == L4_CompleteAddressSpace.raw &&
        !tracing) { /* nearly always */
        return map_page(from, fpage.raw & PAGE_MASK, to, base_word & PAGE_MASK, L4_Rights(fpage),
                        (base_word & 0xe) == L4_ITEM_GRANT);
    }
    bool grant = (base_word & 0xe) == L4_ITEM_GRANT;
    if (L4_IsIoFpage(fpage)) {
        return map_ports(from, to, fpage, window, grant);
    }
    if (!map_range(base_word, fpage, window, &range)) {
        return MAP_OK;
    }
    if (range.destination + range.bytes > USER_END) {
        range.bytes = range.destination < USER_END ? USER_END - range.destination : 0;
    }
    if (from != sigma0_space && range.source + range.bytes > USER_END) {
        range.bytes = range.source < USER_END ? USER_END - range.source : 0;
    }
    trace_map(to, &range, L4_Rights(fpage), grant);
    for (uint64_t offset = 0; offset < range.bytes; offset += PAGE_BYTES) {
        if (from != sigma0_space) { /* skip what is not mapped */
            offset = arch_pte_next(from, (vaddr_t)(range.source + offset)) - range.source;
            if (offset >= range.bytes) {
                break;
            }
        }
        enum map_result result;
        vaddr_t source = (vaddr_t)(range.source + offset),
                destination = (vaddr_t)(range.destination + offset);
        if (((source | destination) & ~SUPERPAGE_MASK) == 0 && range.bytes - offset >= SUPERPAGE_BYTES &&
            map_superpage(from, source, to, destination, L4_Rights(fpage), grant, &result)) {
            offset += SUPERPAGE_BYTES - PAGE_BYTES;
        } else {
            result = map_page(from, source, to, destination, L4_Rights(fpage), grant);
        }
        if (result != MAP_OK) {
            return result;
        }
    }
    if (grant && L4_SizeLog2(fpage) != 1 && size_of(fpage) > range.bytes && from != sigma0_space) {
        /* the whole fpage leaves the granter, also what did not fit */
        (void)unmap_fpage(from, L4_FpageAddRights(fpage, L4_FullyAccessible), true);
    }
    return MAP_OK;
}
