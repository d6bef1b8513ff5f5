/* SPDX-License-Identifier: BSD-2-Clause */
#include "map_item.h"

#include "arch.h"

#include "io_ports.h"
#include "kdb/trace.h"
#include "mapping_db_priv.h"
#include "space.h"
#include "strip.h"
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

/* The pages of the item, as far as both may have them. */
static RARE bool user_range(const struct space *from, word_t base_word, L4_Fpage_t fpage, L4_Fpage_t window,
                            struct map_range *range)
{
    if (!map_range(base_word, fpage, window, range)) {
        return false;
    }
    if (range->destination + range->bytes > USER_END) {
        range->bytes = range->destination < USER_END ? USER_END - range->destination : 0;
    }
    if (from != sigma0_space && range->source + range->bytes > USER_END) {
        range->bytes = range->source < USER_END ? USER_END - range->source : 0;
    }
    return true;
}

/* The offset of the next page that is mapped in the source, or may be. */
static uint64_t next_offset(const struct space *from, const struct map_range *range, uint64_t offset)
{
    if (from == sigma0_space || offset >= range->bytes) {
        return offset;
    }
    vaddr_t at = (vaddr_t)(range->source + offset), next = arch_pte_next(from, at, false);
    work_done(scan_cost(at, next));
    return next - range->source;
}

/* Maps what begins at an offset: a page, or a superpage.  Returns the offset behind it. */
static uint64_t map_step(struct space *from, struct space *to, const struct map_range *range, uint64_t offset,
                         word_t rights, bool grant, enum map_result *result)
{
    vaddr_t source = (vaddr_t)(range->source + offset), destination = (vaddr_t)(range->destination + offset);
    work_done(WORK_MAP);
    if (((source | destination) & ~SUPERPAGE_MASK) == 0 && range->bytes - offset >= SUPERPAGE_BYTES &&
        map_superpage(from, source, to, destination, rights, grant, result)) {
        return offset + SUPERPAGE_BYTES;
    }
    *result = map_page(from, source, to, destination, rights, grant);
    return offset + PAGE_BYTES;
}

static RARE enum map_result map_pages(struct space *from, struct space *to, const struct map_range *range,
                                      word_t rights, bool grant, struct map_progress *p)
{
    uint64_t offset = (uint64_t)p->next << PAGE_BITS;
    enum map_result result = MAP_OK;
    while (result == MAP_OK && (offset = next_offset(from, range, offset)) < range->bytes) {
        uint64_t behind = map_step(from, to, range, offset, rights, grant, &result);
        if (result == MAP_OK) {
            offset = behind;
            result = work_over() && offset < range->bytes ? MAP_MORE : MAP_OK;
        }
    }
    p->next = (word_t)(offset >> PAGE_BITS);
    return result;
}

/* The whole fpage leaves the granter, also what did not fit. */
static RARE enum map_result leave_granter(struct space *from, L4_Fpage_t fpage, struct map_progress *p)
{
    struct unmapping u = {.fpage = L4_FpageAddRights(fpage, L4_FullyAccessible), .next = p->next};
    bool done = unmap_range(from, &u, true);
    p->next = u.next;
    return done ? MAP_OK : MAP_MORE;
}

enum map_result map_item(struct space *from, struct space *to, word_t base_word, L4_Fpage_t fpage,
                         L4_Fpage_t window, struct map_progress *p)
{
    struct map_range range;
    if (L4_SizeLog2(fpage) == PAGE_BITS && window.raw == L4_CompleteAddressSpace.raw &&
        !tracing) { /* nearly always */
        return map_page(from, fpage.raw & PAGE_MASK, to, base_word & PAGE_MASK, L4_Rights(fpage),
                        (base_word & 0xe) == L4_ITEM_GRANT);
    }
    bool grant = (base_word & 0xe) == L4_ITEM_GRANT, ports = L4_IsIoFpage(fpage);
    if (!ports && !user_range(from, base_word, fpage, window, &range)) {
        return MAP_OK;
    }
    if (to->stripped) { /* that is a step of its own */
        return space_restore(to) ? MAP_MORE : MAP_NO_MEMORY;
    }
    if (!p->mapped) {
        if (!ports && p->next == 0) {
            trace_map(to, &range, L4_Rights(fpage), grant);
        }
        enum map_result result = ports ? map_ports(from, to, fpage, window, grant, p)
                                       : map_pages(from, to, &range, L4_Rights(fpage), grant, p);
        if (result != MAP_OK) {
            return result;
        }
        *p = (struct map_progress){.mapped = true};
    }
    bool left =
        ports ? ports_may_go(from, to, window) : L4_SizeLog2(fpage) != 1 && size_of(fpage) > range.bytes;
    return grant && left && from != sigma0_space ? leave_granter(from, fpage, p) : MAP_OK;
}

RARE struct map_progress map_from_fault(word_t base_word, L4_Fpage_t fpage, vaddr_t address)
{
    struct map_range range;
    struct map_progress p = {0};
    if (!L4_IsIoFpage(fpage) && map_range(base_word, fpage, L4_CompleteAddressSpace, &range) &&
        address - range.destination < range.bytes) {
        p.next = (word_t)((address - range.destination) >> PAGE_BITS);
    }
    return p;
}
