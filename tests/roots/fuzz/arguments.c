/* SPDX-License-Identifier: BSD-2-Clause */
/* Random arguments: every edge, and what makes calls succeed now and then. */
#include "fuzz.h"

L4_Word_t random_word(struct worker *w)
{
    L4_Word_t s = w->seed;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    w->seed = s ? s : 1;
    return s;
}

L4_Word_t below(struct worker *w, L4_Word_t n)
{
    return (random_word(w) >> 8) % n;
}

static L4_Word_t edge(struct worker *w)
{
    static const L4_Word_t edges[] = {
        0,          1,          0xfff,      0x1000,     0x3fffff,    0x400000,   0xbeffffff,  0xbf000000,
        0xbf000100, 0xbf01ffff, 0xbf300000, 0xbf300fff, 0xbfffffff,  0xbffffffd, 0xc0000000,  0xc0000001,
        0xc0100000, 0xff3fffff, 0xffc00000, 0xffffe000, 0xfffff000u, 0xfffffffc, 0xffffffffu,
    };
    return edges[below(w, sizeof(edges) / sizeof(edges[0]))];
}

static L4_Word_t scratch(struct worker *w)
{
    return REGION(w->index) + SCRATCH + below(w, SCRATCH / 2);
}

/* Boundaries between pages too. */
static L4_Word_t scratch_boundary(struct worker *w)
{
    return (scratch(w) & ~0xfffu) + 0x1000 - below(w, 20);
}

L4_Word_t any_address(struct worker *w)
{
    switch (below(w, 8)) {
    case 0:
        return edge(w);
    case 1:
        return KERNEL_BASE | random_word(w);
    case 2:
        return random_word(w);
    case 3:
        return WINDOW + (random_word(w) >> (32 - WINDOW_BITS));
    case 4:
        return scratch_boundary(w);
    default:
        return scratch(w);
    }
}

L4_Word_t target_address(struct worker *w)
{
    if (!w->privileged && below(w, 4) == 0) {
        return below(w, 2) ? edge(w) : random_word(w);
    }
    switch (below(w, 8)) {
    case 0:
        return KERNEL_BASE | random_word(w);
    case 1:
        return WINDOW + (random_word(w) >> (32 - WINDOW_BITS));
    case 2:
        return scratch_boundary(w);
    default:
        return scratch(w);
    }
}

/* Inside [base, base + 2^log2). */
static L4_Word_t fpage_in(struct worker *w, L4_Word_t base, unsigned log2, unsigned most)
{
    unsigned size = PAGE_BITS + below(w, most - PAGE_BITS + 1);
    L4_Word_t address = base + (random_word(w) & ((1u << log2) - 1) & ~((1u << size) - 1));
    return address | size << 4 | (random_word(w) & 7);
}

L4_Word_t any_io_fpage(struct worker *w)
{
    L4_Word_t junk = random_word(w);
    if (below(w, 4) == 0) {
        return (junk & ~0x3f0u) | 2 << 4;
    }
    unsigned log2 = below(w, 8) ? below(w, 5) : below(w, 18);
    return L4_IoFpage(PORTS - 4 + below(w, PORTS_COUNT + 8), log2).raw | (below(w, 8) ? 7 : junk & 7);
}

L4_Word_t any_fpage(struct worker *w)
{
    L4_Word_t choice = below(w, w->privileged ? 7 : 10);
    switch (choice) {
    case 0:
        return fpage_in(w, WINDOW, WINDOW_BITS, WINDOW_BITS);
    case 1:
        return fpage_in(w, KERNEL_BASE, 30, 30);
    case 2:
        return below(w, 2) ? 0 : random_word(w) & 7; /* nil */
    case 3:
        return any_io_fpage(w);
    case 7:
        return 0x10 | (random_word(w) & 7); /* complete */
    case 8:
        return random_word(w);
    case 9:
        return (edge(w) & ~0x3ffu) | below(w, 64) << 4 | (random_word(w) & 7);
    default:
        return fpage_in(w, REGION(w->index) + SCRATCH, REGION_BITS - 1, below(w, 4) ? 13 : REGION_BITS - 1);
    }
}

static L4_Word_t local_id(struct worker *w, unsigned first_slot)
{
    return UTCB_AREA + (first_slot + below(w, FIRST_SLOT + WORKERS)) * UTCB_SIZE + UTCB_MR0_OFFSET;
}

static L4_Word_t some_worker(struct worker *w)
{
    return worker_ids[below(w, WORKERS)].raw;
}

static L4_Word_t some_junk(struct worker *w)
{
    return relative_id(NO_JUNK + below(w, JUNK), 1 + below(w, 8) / 7).raw;
}

L4_Word_t any_id(struct worker *w)
{
    switch (below(w, 16)) {
    case 0:
        return L4_Myself().raw;
    case 1:
        return local_id(w, 0);
    case 2:
        return some_junk(w);
    case 3:
        return below(w, 20) << L4_VERSION_BITS | 1; /* interrupt, some of them none */
    case 4:
        return below(w, 2) ? L4_anythread.raw : L4_anylocalthread.raw;
    case 5:
        return some_worker(w) ^ 1u << below(w, 14); /* dead */
    case 6:
        return below(w, 2) ? 0 : random_word(w) | 1u << 31; /* thread numbers beyond the limit */
    case 7:
        return below(w, 4) ? server_id.raw : client_id.raw;
    case 8:
        return below(w, 8) == 0 ? root_id.raw : server_id.raw;
    case 9:
        return below(w, 2) ? L4_anylocalthread.raw : some_junk(w);
    default:
        return some_worker(w);
    }
}

L4_Word_t victim_id(struct worker *w)
{
    if (!w->privileged) {
        return any_id(w);
    }
    switch (below(w, 10)) {
    case 0:
        return local_id(w, FIRST_SLOT);
    case 1:
        return below(w, 20) << L4_VERSION_BITS | 1;
    case 2:
        return edge(w) & 0xff80003fu; /* nil, any, kernel's: no number that we use */
    case 3:
        return random_word(w) | 1u << 31;
    case 4:
    case 5:
        return some_worker(w);
    default:
        return some_junk(w);
    }
}

L4_Word_t harmless_id(struct worker *w)
{
    if (!w->privileged) {
        return any_id(w);
    }
    switch (below(w, 4)) {
    case 0:
        return root_id.raw;
    case 1:
        return edge(w) & 0xff80003fu;
    case 2:
        return random_word(w) | 1u << 31;
    default:
        return some_junk(w);
    }
}

L4_Word_t servant(struct worker *w)
{
    unsigned i = FIRST_SERVANT + below(w, SERVANTS);
    return below(w, 4) ? worker_ids[i].raw : UTCB_AREA + (FIRST_SLOT + i) * UTCB_SIZE + UTCB_MR0_OFFSET;
}

static L4_Word_t any_time(struct worker *w)
{
    L4_Word_t choice = below(w, 40);
    if (choice < 16) {
        return L4_ZeroTime.raw;
    }
    if (choice == 16) {
        return random_word(w) & 0xffff;
    }
    if (choice == 17) {
        return L4_Never.raw;
    }
    return L4_TimePeriod(1 + below(w, 3000)).raw;
}

L4_Word_t any_times(struct worker *w)
{
    L4_Word_t send = any_time(w);
    return send << 16 | any_time(w);
}

/* ---- messages ---- */

enum { STRING_GOES_ON = 1 << 9 }; /* another descriptor of the same string comes */

/* A string descriptor with its pointers; may be compound.  Short enough to stay in the region,
 * mostly. */
static unsigned string_item(struct worker *w, L4_Word_t *at, int step, unsigned room, bool target)
{
    unsigned pointers = below(w, 4) ? 0 : below(w, 16), used = 1;
    L4_Word_t length = below(w, 3) == 0 ? below(w, 8) : below(w, 0x6000);
    if (!w->privileged && below(w, 8) == 0) {
        length = random_word(w) >> 10;
    }
    at[0] = length << 10 | pointers << 4 | (random_word(w) & 7);
    if (below(w, 4) == 0) {
        at[0] |= STRING_GOES_ON;
    }
    for (unsigned i = 0; i <= pointers && used < room; i++, used++) {
        at[(int)used * step] = target ? target_address(w) : any_address(w);
    }
    return used;
}

/* Behind a string that goes on, a privileged worker puts no map item: taken for the string's, its
 * words would make the next item any fpage of the root task's. */
static void fill_items(struct worker *w, L4_Word_t *utcb, unsigned first, unsigned count)
{
    bool goes_on = false;
    for (unsigned i = first, end = first + count; i < end && i < UTCB_MR_COUNT;) {
        unsigned room = end < UTCB_MR_COUNT ? end - i : UTCB_MR_COUNT - i;
        if (room >= 2 && !goes_on && below(w, 2)) {
            static const L4_Word_t kinds[] = {L4_ITEM_MAP, L4_ITEM_GRANT};
            utcb[i] = (target_address(w) & ~0x3ffu) | kinds[below(w, 4) == 0] | (random_word(w) & 1);
            utcb[i + 1] = any_fpage(w);
            i += 2;
        } else {
            L4_Word_t *item = &utcb[i];
            i += string_item(w, item, 1, room, false);
            goes_on = w->privileged && (*item & STRING_GOES_ON);
        }
    }
}

/* Acceptor and buffers.  Nothing may come over the code and the control page as long as ports are
 * open: the worker would run into bytes that stop the machine. */
static void fill_buffers(struct worker *w, L4_Word_t *utcb)
{
    static const L4_Word_t whole_spaces[] = {0x10, 0x11};
    L4_Word_t choice = below(w, 6);
    L4_Word_t window = fpage_in(w, REGION(w->index) + SCRATCH, REGION_BITS - 1, REGION_BITS - 1);
    if (choice == 0) {
        window = 0;
    } else if (choice == 1) {
        window = fpage_in(w, WINDOW, WINDOW_BITS, WINDOW_BITS);
    } else if (choice == 2 && !w->ports_open && !w->privileged) {
        window = whole_spaces[below(w, 2)];
    } else if (choice == 3) {
        window = any_io_fpage(w);
    }
    utcb[UTCB_BR0] = (window & ~0xfu) | (random_word(w) & 3);
    for (unsigned i = 1; i < UTCB_BR_COUNT;) {
        i += string_item(w, &utcb[UTCB_BR0 - (int)i], -1, UTCB_BR_COUNT - i, true);
    }
}

/* Everything that an IPC reads from the UTCB; MR0 is the tag. */
void fill_message(struct worker *w)
{
    L4_Word_t *utcb = L4_Utcb();
    unsigned untyped = below(w, 2) ? below(w, 4) : below(w, 64);
    unsigned typed = below(w, 2) ? 0 : below(w, 4) ? below(w, 20) : below(w, 64);
    for (unsigned i = 1; i < UTCB_MR_COUNT; i++) {
        utcb[i] = random_word(w);
    }
    utcb[0] = (random_word(w) & 0xffff0000u) | typed << 6 | untyped;
    if (below(w, 4) == 0) {
        utcb[0] |= random_word(w) & 0xf000;
    }
    fill_items(w, utcb, untyped + 1, typed);
    fill_buffers(w, utcb);
    /* Not in the supervisor's name. */
    utcb[UTCB_VIRTUAL_SENDER] = w->privileged ? victim_id(w) : any_id(w);
    utcb[UTCB_XFER_TIMEOUTS] = any_times(w);
}
