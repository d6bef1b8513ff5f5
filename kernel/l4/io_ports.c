/* SPDX-License-Identifier: BSD-2-Clause */
#include "io_ports.h"

#include "arch.h"
#include "kmem.h"
#include "space.h"
#include "work.h"

struct port_node {
    struct port_node *next, *prev;
    struct space *space; /* which has the ports, and pays for the node */
    uint32_t depth;      /* 1: the ports come from sigma0 */
    uint16_t first, last;
};

struct range {
    word_t first, last;
};

bool io_ports_mapped SEALED;
struct kslab port_slab = KSLAB_UNCLEARED(struct port_node);
static struct port_node *nodes;

/* ---- the list ---- */

static void node_insert(struct port_node *after, struct port_node *m)
{
    struct port_node *next = after ? after->next : nodes;
    assert(m->depth >= 1 && m->depth <= (after ? after->depth : 0) + 1 && m->first <= m->last);
    m->prev = after;
    m->next = next;
    *(after ? &after->next : &nodes) = m;
    if (next) {
        next->prev = m;
    }
}

static void node_remove(struct port_node *m)
{
    assert((m->prev ? m->prev->next : nodes) == m && (!m->next || m->next->prev == m));
    *(m->prev ? &m->prev->next : &nodes) = m->next;
    if (m->next) {
        m->next->prev = m->prev;
    }
}

static struct port_node *node_new(struct space *space, uint32_t depth, word_t first, word_t last)
{
    struct port_node *m = port_slab.objects < PORT_NODES_MOST ? kslab_alloc(&port_slab, space) : NULL;
    if (m) {
        *m = (struct port_node){
            .space = space, .depth = depth, .first = (uint16_t)first, .last = (uint16_t)last};
    }
    return m;
}

/* The node behind m and all nodes below m, or NULL. */
static struct port_node *run_end(const struct port_node *m)
{
    struct port_node *end = m->next;
    while (end && end->depth > m->depth) {
        end = end->next;
    }
    return end;
}

/* The first of the space's nodes, in the order of ports, that has a port from `port' on.  NULL:
 * there is none. */
static struct port_node *node_from(const struct space *space, word_t port)
{
    struct port_node *found = NULL;
    for (struct port_node *m = nodes; m; m = m->next) {
        work_done(WORK_PASS);
        if (m->space == space && m->last >= port && (!found || m->first < found->first)) {
            found = m;
        }
    }
    return found;
}

/* ---- cutting ---- */

/* Makes nodes for the parts from `at' on, in a list of their own, in the same order.  false: there
 * is no memory. */
static bool make_upper_parts(const struct port_node *m, const struct port_node *end, word_t at,
                             struct port_node **parts)
{
    struct port_node **tail = parts;
    *parts = NULL;
    for (; m != end; m = m->next) {
        if (m->first >= at || m->last < at) {
            continue;
        }
        *tail = node_new(m->space, m->depth, at, m->last);
        if (!*tail) {
            for (struct port_node *p = *parts, *next; p; p = next) {
                next = p->next;
                kslab_free(&port_slab, p, p->space);
            }
            return false;
        }
        tail = &(*tail)->next;
    }
    return true;
}

/* Divides m and all nodes below it: the ports from `at' on become nodes behind the run.  Returns
 * the upper part of m.  NULL: there is no memory, and nothing has changed. */
static struct port_node *split(struct port_node *m, word_t at)
{
    assert(m->first < at && at <= m->last);
    struct port_node *end = run_end(m), *parts, *behind = m;
    if (!make_upper_parts(m, end, at, &parts)) {
        return NULL;
    }
    struct port_node *upper = parts;
    while (behind->next != end) {
        behind = behind->next;
    }
    while (m != upper) {
        struct port_node *next = m->next, *moved = m;
        if (m->first >= at) {
            node_remove(m);
        } else if (m->last >= at) {
            m->last = (uint16_t)(at - 1);
            moved = parts;
            parts = parts->next;
        } else {
            moved = NULL;
        }
        if (moved) {
            node_insert(behind, moved);
            behind = moved;
        }
        m = next == end ? upper : next; /* `upper' is in front of `end' since the first turn */
    }
    assert(!parts && upper->first == at);
    return upper;
}

/* Takes m and all nodes below it away, those below first.  Returns the node behind.  NULL may also
 * mean that the step is over: then *more is set, and m is still there. */
static struct port_node *delete_run(struct port_node *m, bool *more)
{
    struct port_node *d = m, *before, *behind;
    do {
        if (work_over()) {
            *more = true;
            return NULL;
        }
        while (d->next && d->next->depth > d->depth) {
            d = d->next;
        }
        work_done(WORK_NODE + (d->last - d->first) / PORTS_AT_ONCE);
        before = d == m ? NULL : d->prev;
        behind = d->next;
        (void)arch_ports_set(d->space, d->first, d->last, false);
        node_remove(d);
        kslab_free(&port_slab, d, d->space);
        d = before;
    } while (d);
    return behind;
}

/* Cuts the part that lies in the range out of *m and all nodes below it; *m becomes that part.
 * false: there is no memory, and *m holds more than that. */
static bool cut_out(struct port_node **m, struct range r)
{
    assert(*m);
    if ((*m)->first < r.first) {
        struct port_node *upper = split(*m, r.first);
        if (!upper) {
            return false;
        }
        *m = upper;
    }
    return (*m)->last <= r.last || split(*m, r.last + 1);
}

/* Takes away the part of m, and of all nodes below it, that lies in the range, or m whole.  As
 * delete_run. */
static struct port_node *delete_part(struct port_node *m, struct range r, bool *more)
{
    work_done(WORK_PASS);
    if (m->last < r.first || m->first > r.last) {
        return run_end(m);
    }
    (void)cut_out(&m, r);
    return delete_run(m, more);
}

/* ---- mapping ---- */

static struct range range_of(L4_Fpage_t f)
{
    word_t log2 = L4_IoFpageSizeLog2(f), count = log2 > 16 ? 0 : 1u << log2;
    if (count == 0) {
        return (struct range){1, 0};
    }
    word_t first = L4_IoFpagePort(f) & ~(count - 1);
    return (struct range){first, first + count - 1};
}

static struct range meet(struct range a, struct range b)
{
    return (struct range){a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last};
}

static bool is_below(const struct port_node *above, const struct port_node *m)
{
    const struct port_node *end = run_end(above);
    for (const struct port_node *d = above; d && d != end; d = d->next) {
        if (d == m) {
            return true;
        }
    }
    return false;
}

/* Maps ports of source (NULL: of sigma0) that `to' does not have. */
static enum map_result map_part(struct port_node *source, struct space *to, struct range r)
{
    work_done(WORK_MAP + (int32_t)((r.last - r.first) / PORTS_AT_ONCE));
    struct port_node *m = node_new(to, source ? source->depth + 1 : 1, r.first, r.last);
    if (!m || !arch_ports_set(to, r.first, r.last, true)) {
        if (m) {
            kslab_free(&port_slab, m, to);
        }
        return MAP_NO_MEMORY;
    }
    node_insert(source, m);
    return MAP_OK;
}

/* Grants ports of source that `to' does not have: `to' takes the place of their owner in the
 * tree. */
static enum map_result grant_part(struct port_node *source, struct space *to, struct range r)
{
    if (!kmem_affordable(to, sizeof *source) || !arch_ports_set(to, r.first, r.last, true)) {
        return MAP_NO_MEMORY;
    }
    struct port_node *m = source;
    if (!cut_out(&m, r)) {
        (void)arch_ports_set(to, r.first, r.last, false);
        return MAP_NO_MEMORY;
    }
    (void)arch_ports_set(m->space, r.first, r.last, false);
    assert(m->first == r.first && m->last == r.last);
    kmem_move_charge(m->space, to, sizeof *m);
    m->space = to;
    return MAP_OK;
}

/* The first part of the range that belongs to one node on either side; it is cut from the front of
 * *r. */
static struct range next_part(const struct port_node *source, const struct port_node *present,
                              struct range *r)
{
    struct range part = *r;
    if (source) {
        part = meet(part, (struct range){source->first, source->last});
    }
    if (present && present->first > part.first) {
        part = meet(part, (struct range){0, present->first - 1u});
    } else if (present) {
        part = meet(part, (struct range){present->first, present->last});
    }
    r->first = part.last + 1;
    return part;
}

bool ports_may_go(const struct space *from, const struct space *to, L4_Fpage_t window)
{
    return io_ports_mapped && from != to && to != sigma0_space &&
           (L4_IsIoFpage(window) || window.raw == L4_CompleteAddressSpace.raw);
}

/* Maps or grants what begins at r->first and lies within one node on either side, and cuts it from
 * the front of *r. */
static enum map_result map_next(struct space *from, struct space *to, bool grant, struct range *r)
{
    struct port_node *source = from == sigma0_space ? NULL : node_from(from, r->first);
    if (from != sigma0_space && (!source || source->first > r->last)) {
        r->first = r->last + 1;
        return MAP_OK;
    }
    if (source && source->first > r->first) {
        r->first = source->first;
    }
    struct port_node *present = node_from(to, r->first);
    struct range left = *r, part = next_part(source, present, &left);
    bool there = present && present->first <= part.first, more = false;
    if (there && grant && is_below(source, present)) {
        (void)delete_part(present, part, &more);
        there = false;
    }
    enum map_result result = more    ? MAP_MORE
                             : there ? MAP_OK
                             : grant ? grant_part(source, to, part)
                                     : map_part(source, to, part);
    if (result == MAP_OK) {
        *r = left;
    }
    return result;
}

enum map_result map_ports(struct space *from, struct space *to, L4_Fpage_t fpage, L4_Fpage_t window,
                          bool grant, struct map_progress *p)
{
    if (!ports_may_go(from, to, window)) {
        return MAP_OK;
    }
    struct range r = meet(range_of(fpage), (struct range){p->next, PORT_COUNT - 1});
    if (L4_IsIoFpage(window)) {
        r = meet(r, range_of(window));
    }
    enum map_result result = MAP_OK;
    while (r.first <= r.last && result == MAP_OK) {
        result = work_over() ? MAP_MORE : map_next(from, to, grant && from != sigma0_space, &r);
    }
    p->next = r.first;
    return result;
}

/* ---- unmapping ---- */

/* Takes the ports in the range from all nodes from `first' on that are deeper than limit.  false:
 * the step is over. */
static bool delete_below(struct port_node *first, uint32_t limit, struct range r)
{
    bool more = false;
    for (struct port_node *m = first; m && m->depth > limit;) {
        m = delete_part(m, r, &more);
    }
    return !more;
}

bool unmap_ports(struct space *space, struct unmapping *u, bool flush)
{
    struct range r = meet(range_of(u->fpage), (struct range){u->next, PORT_COUNT - 1});
    if (L4_Rights(u->fpage) == 0) {
        return true;
    }
    if (space == sigma0_space) {
        return delete_below(nodes, 0, r);
    }
    while (r.first <= r.last) {
        struct port_node *m = node_from(space, r.first);
        if (!m || m->first > r.last) {
            return true;
        }
        struct range part = meet(r, (struct range){m->first, m->last});
        bool more = work_over();
        if (!more && flush) {
            (void)delete_part(m, part, &more);
        } else if (!more) {
            more = !delete_below(m->next, m->depth, part);
        }
        u->next = more ? part.first : part.last + 1;
        if (more) {
            return false;
        }
        r.first = part.last + 1;
    }
    return true;
}

bool unmap_all_ports(struct space *space)
{
    bool more = false;
    for (struct port_node *m = nodes; m;) {
        work_done(WORK_PASS);
        m = m->space == space ? delete_run(m, &more) : m->next;
    }
    return !more;
}

/* ---- checking ---- */

static size_t node_check(const struct port_node *m, const struct port_node *before)
{
    const struct port_node *above = before;
    if (m->prev != before || m->depth == 0 || m->first > m->last ||
        m->depth > (before ? before->depth : 0) + 1) {
        return 1;
    }
    while (above && above->depth >= m->depth) {
        above = above->prev;
    }
    return (above && (m->first < above->first || m->last > above->last)) ||
           arch_ports_open(m->space, m->first, m->last) != m->last - m->first + 1u;
}

size_t io_ports_check(void)
{
    size_t bad = 0, count = 0;
    const struct port_node *before = NULL;
    for (const struct port_node *m = nodes; m; before = m, m = m->next) {
        bad += node_check(m, before);
        count++;
    }
    for (const struct space *s = io_ports_mapped ? all_spaces : NULL; s; s = s->next) {
        word_t open = 0;
        for (const struct port_node *m = nodes; m; m = m->next) {
            open += m->space == s ? m->last - m->first + 1u : 0;
        }
        bad += s != sigma0_space && open != arch_ports_open(s, 0, PORT_COUNT - 1);
    }
    return bad + (count != port_slab.objects);
}
