/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/window.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "room/slab.h"

enum { FRAMES_PER_WINDOW_HEAD = 4, WINDOW_HEADS_PER_GROUP_HEAD = 16, WORD_BITS = 32, WINDOWS_PER_MARK = 4 };
enum { GATHERED_AT_A_TIME = 32 }; /* heads */

struct finder window_finder;
bool windows_scattered;
static struct finder group_finder;
static struct slab windows;
static uint32_t made; /* counted round */
/* Heads of window_finder that the hand, and window_gather_some, came to last. */
static uint32_t hand, gathered;
static uint32_t unmoved; /* heads that were gathered, since a window moved, or went */

static void give(struct window *w)
{
    slab_free(&windows, w);
    windows_scattered = slab_is_scattered(&windows);
    unmoved = 0;
}

static uint32_t heads_for(uint32_t frames)
{
    uint32_t heads = 4 * WINDOW_HEADS_PER_GROUP_HEAD;
    while (heads < frames / FRAMES_PER_WINDOW_HEAD) {
        heads *= 2;
    }
    return heads;
}

uint32_t window_heads(uint32_t frames)
{
    return heads_for(frames) + heads_for(frames) / WINDOW_HEADS_PER_GROUP_HEAD;
}

void window_init(void *heads, uint32_t frames)
{
    struct found **first = heads;
    uint32_t count = heads_for(frames);
    finder_init(&window_finder, first, count);
    finder_init(&group_finder, first + count, count / WINDOW_HEADS_PER_GROUP_HEAD);
    hand = gathered = unmoved = made = 0;
    windows_scattered = false;
    slab_init(&windows, sizeof(struct window));
}

/* ---- groups ---- */

static uint32_t index_in_group(uint32_t page)
{
    return page / WINDOW_PAGES % GROUP_WINDOWS;
}

static bool test(const uint32_t *bits, uint32_t i)
{
    return bits[i / WORD_BITS] >> i % WORD_BITS & 1;
}

static void assign(uint32_t *bits, uint32_t i, bool value)
{
    uint32_t bit = 1u << i % WORD_BITS;
    bits[i / WORD_BITS] = value ? bits[i / WORD_BITS] | bit : bits[i / WORD_BITS] & ~bit;
}

/* Bits first .. end. */
static void assign_range(uint32_t *bits, uint32_t first, uint32_t end, bool value)
{
    for (uint32_t i = first; i < end;) {
        uint32_t stop = (i | (WORD_BITS - 1)) + 1, bit = i % WORD_BITS;
        stop = stop < end ? stop : end;
        uint32_t mask = (stop - i == WORD_BITS ? ~0u : (1u << (stop - i)) - 1) << bit;
        bits[i / WORD_BITS] = value ? bits[i / WORD_BITS] | mask : bits[i / WORD_BITS] & ~mask;
        i = stop;
    }
}

/* The bit in a group's marks of the window and its three neighbours. */
static uint16_t mark_of(uint32_t i)
{
    return (uint16_t)(1u << i / WINDOWS_PER_MARK);
}

static void trim_mark(struct group *g, uint32_t i)
{
    uint32_t four = ((1u << WINDOWS_PER_MARK) - 1) << i / WINDOWS_PER_MARK * WINDOWS_PER_MARK % WORD_BITS;
    if ((g->there[i / WORD_BITS] & g->holes_or_away[i / WORD_BITS] & four) == 0) {
        g->found.marks &= (uint16_t)~mark_of(i);
    }
}

static struct group *find_group(const struct page_home *h, uint32_t page)
{
    return (struct group *)finder_find(&group_finder, h, page / GROUP_PAGES);
}

static enum error make_group(struct page_home *h, uint32_t page, struct group **result)
{
    void *object;
    enum error e = slab_alloc_small(sizeof(struct group), &object);
    if (e == OK) {
        *result = object;
        (*result)->holes_or_away[0] = (*result)->holes_or_away[1] = h->missing == ENTRY_HOLE ? ~0u : 0;
        finder_add(&group_finder, &(*result)->found, h, page / GROUP_PAGES);
        h->groups++;
    }
    return e;
}

static void free_group(struct page_home *h, struct group *g)
{
    ASSERT(g->there[0] == 0 && g->there[1] == 0 && h->groups > 0);
    finder_remove(&group_finder, &g->found);
    slab_free_small(g);
    h->groups--;
}

void window_drop_group(struct page_home *h, uint32_t page)
{
    struct group *g = find_group(h, page);
    if (g) {
        free_group(h, g);
    }
}

/* Whether the group says of all its pages, of which none has a window, that they are `blank`. */
static bool says_all(const struct page_home *h, const struct group *g, entry_t blank)
{
    uint32_t first = g->found.number * (uint32_t)GROUP_PAGES, end = group_end(h, first);
    if (g->there[0] != 0 || g->there[1] != 0) {
        return false;
    }
    if (end - first == GROUP_PAGES) {
        uint32_t all = blank == ENTRY_HOLE ? ~0u : 0;
        return g->holes_or_away[0] == all && g->holes_or_away[1] == all;
    }
    for (uint32_t i = 0; first + i * WINDOW_PAGES < end; i++) {
        if (test(g->holes_or_away, i) != (blank == ENTRY_HOLE)) {
            return false;
        }
    }
    return true;
}

static void trim_group(struct page_home *h, struct group *g)
{
    entry_t other = h->missing == ENTRY_HOLE ? ENTRY_ZERO : ENTRY_HOLE;
    if (h->size_pages <= GROUP_PAGES && says_all(h, g, other)) {
        h->missing = other;
    }
    if (says_all(h, g, h->missing)) {
        free_group(h, g);
    }
}

bool window_has_group(const struct page_home *h, uint32_t page)
{
    return find_group(h, page) != NULL;
}

/* ---- windows ---- */

__attribute__((noinline)) struct window *window_search(const struct page_home *h, uint32_t page)
{
    struct window *w = (struct window *)finder_walk(&window_finder, h, page / WINDOW_PAGES);
    if (w) {
        w->version = WINDOW_USED;
    }
    return w;
}

entry_t window_blank(const struct page_home *h, uint32_t page)
{
    const struct group *g = find_group(h, page);
    if (!g) {
        return h->missing;
    }
    bool there = test(g->there, index_in_group(page)), bit = test(g->holes_or_away, index_in_group(page));
    ASSERT(!there || bit);
    return there ? ENTRY_AWAY : bit ? ENTRY_HOLE : ENTRY_ZERO;
}

/* The first bit at or behind i that is set; GROUP_WINDOWS: none is. */
static uint32_t next_set(const uint32_t *bits, uint32_t i)
{
    while (i < GROUP_WINDOWS) {
        uint32_t rest = bits[i / WORD_BITS] >> i % WORD_BITS;
        if (rest != 0) {
            return i + (uint32_t)__builtin_ctz(rest);
        }
        i = (i | (WORD_BITS - 1)) + 1;
    }
    return GROUP_WINDOWS;
}

/* Where that window of the page's group begins, or the container ends. */
static uint32_t window_start(const struct page_home *h, uint32_t page, uint32_t i)
{
    uint32_t at = (page & ~(uint32_t)(GROUP_PAGES - 1)) + i * WINDOW_PAGES;
    return at < h->size_pages ? at : h->size_pages;
}

uint32_t window_blank_end(const struct page_home *h, uint32_t page, bool alike)
{
    const struct group *g = find_group(h, page);
    uint32_t i = index_in_group(page), other[2];
    if (!g) {
        return group_end(h, page);
    }
    uint32_t as_this = test(g->holes_or_away, i) ? ~0u : 0;
    for (uint32_t k = 0; k < 2; k++) {
        other[k] = g->there[k] | (alike ? g->holes_or_away[k] ^ as_this : 0);
    }
    uint32_t end = next_set(other, i);
    return end == i ? page : window_start(h, page, end);
}

uint32_t window_next(const struct page_home *h, uint32_t page)
{
    const struct group *g = find_group(h, page);
    uint32_t i = index_in_group(page), here[2] = {0, 0};
    for (uint32_t k = 0; g && k < 2; k++) {
        here[k] = g->there[k] & ~g->holes_or_away[k];
    }
    uint32_t next = next_set(here, i);
    return next == i ? page : window_start(h, page, next);
}

enum error window_make(struct page_home *h, uint32_t page)
{
    void *object = NULL;
    struct group *g = find_group(h, page);
    enum error e = g ? OK : make_group(h, page, &g);
    if (e != OK) {
        return e;
    }
    e = slab_alloc(&windows, &object);
    if (e != OK) {
        trim_group(h, g);
        return e;
    }
    struct window *w = object;
    entry_t blank = window_blank(h, page);
    ASSERT(blank != ENTRY_AWAY);
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        w->entries[i] = blank;
    }
    assign(g->there, index_in_group(page), true);
    assign(g->holes_or_away, index_in_group(page), false);
    finder_add(&window_finder, &w->found, h, page / WINDOW_PAGES);
    h->windows++;
    made++;
    return OK;
}

void window_drop(struct page_home *h, uint32_t page, entry_t blank)
{
    struct window *w = window_find(h, page);
    struct group *g = find_group(h, page);
    ASSERT(w && g && h->windows > 0 && !entry_is_real(blank));
    finder_remove(&window_finder, &w->found);
    give(w);
    h->windows--;
    assign(g->there, index_in_group(page), false);
    assign(g->holes_or_away, index_in_group(page), blank == ENTRY_HOLE);
    trim_group(h, g);
}

bool window_is_uniform(const struct window *w)
{
    uint32_t first = w->found.number * (uint32_t)WINDOW_PAGES,
             used = window_end(w->found.home, first) - first;
    bool same = !entry_is_real(w->entries[0]);
    for (uint32_t i = 1; i < used && same; i++) {
        same = w->entries[i] == w->entries[0];
    }
    return same;
}

void window_trim(struct page_home *h, uint32_t page)
{
    const struct window *w = window_find(h, page);
    if (w && !w->recorded && window_is_uniform(w)) {
        window_drop(h, page, w->entries[0]);
    }
}

static uint32_t next_head(uint32_t head)
{
    return (head + 1) & (finder_heads(&window_finder) - 1);
}

void window_gather_some(void)
{
    for (uint32_t n = 0; n < GATHERED_AT_A_TIME && windows_scattered; n++) {
        gathered = next_head(gathered);
        unmoved++;
        for (struct found **i = &window_finder.heads[gathered]; *i; i = &(*i)->next) {
            struct window *w = (struct window *)*i, *fuller = slab_alloc_fuller(&windows, w);
            if (fuller) {
                *fuller = *w;
                *i = &fuller->found;
                window_finder.last = window_finder.last == &w->found ? NULL : window_finder.last;
                give(w);
            }
            budget_spend(BUDGET_LOOK);
        }
        windows_scattered = windows_scattered && unmoved < finder_heads(&window_finder);
    }
}

enum error window_set_blank(struct page_home *h, uint32_t first, uint32_t end, entry_t blank)
{
    struct group *g = find_group(h, first);
    if (!g && blank == h->missing) {
        return OK;
    }
    enum error e = g ? OK : make_group(h, first, &g);
    if (e != OK) {
        return e;
    }
    assign_range(g->holes_or_away, index_in_group(first), index_in_group(end - 1) + 1, blank == ENTRY_HOLE);
    trim_group(h, g);
    return OK;
}

/* ---- windows that are away ---- */

uint32_t window_count(void)
{
    return windows.used;
}

uint32_t window_made(void)
{
    return made;
}

struct window *window_peek(const struct page_home *h, uint32_t page)
{
    struct found *last = window_finder.last;
    struct window *w = (struct window *)finder_search(&window_finder, h, page / WINDOW_PAGES);
    window_finder.last = last;
    return w;
}

void window_set_version(struct window *w, uint32_t version)
{
    ASSERT(version != WINDOW_USED && version <= INT32_MAX);
    w->version = version & INT32_MAX;
    if (window_finder.last == &w->found) {
        window_finder.last = NULL; /* so that it is found by window_search */
    }
}

void window_hand(void (*idle)(struct window *w))
{
    hand = next_head(hand);
    for (struct found *i = window_finder.heads[hand]; i; i = i->next) {
        struct window *w = (struct window *)i;
        if (w->version == WINDOW_USED) {
            window_set_version(w, WINDOW_IDLE);
        } else {
            idle(w);
        }
    }
}

enum error window_prepare(struct window **result)
{
    void *object = NULL;
    enum error e = slab_alloc(&windows, &object);
    *result = object;
    return e;
}

void window_unprepare(struct window *w)
{
    give(w);
}

void window_leave(struct window *w)
{
    struct page_home *h = w->found.home;
    uint32_t page = w->found.number * (uint32_t)WINDOW_PAGES;
    struct group *g = find_group(h, page);
    ASSERT(g && h->windows > 0 && test(g->there, index_in_group(page)));
    if (w->found.marks != 0) {
        g->found.marks |= mark_of(index_in_group(page));
    }
    finder_remove(&window_finder, &w->found);
    give(w);
    h->windows--;
    h->away++;
    assign(g->holes_or_away, index_in_group(page), true);
}

void window_return(struct page_home *h, uint32_t page, struct window *w)
{
    struct group *g = find_group(h, page);
    ASSERT(h->away > 0 && window_blank(h, page) == ENTRY_AWAY);
    assign(g->holes_or_away, index_in_group(page), false);
    trim_mark(g, index_in_group(page));
    finder_add(&window_finder, &w->found, h, page / WINDOW_PAGES);
    h->windows++;
    h->away--;
    made++;
}

/* Is away, and one of four some of which left with marks. */
static bool is_marked(const struct group *g, uint32_t i)
{
    return test(g->there, i) && test(g->holes_or_away, i) && (g->found.marks & mark_of(i)) != 0;
}

uint32_t window_next_marked(const struct page_home *h, uint32_t page)
{
    const struct group *g = h->away > 0 ? find_group(h, page) : NULL;
    uint32_t first = index_in_group(page), i = g && g->found.marks != 0 ? first : GROUP_WINDOWS;
    while (i < GROUP_WINDOWS && !is_marked(g, i)) {
        i++;
    }
    return i == first ? page : window_start(h, page, i);
}

void window_forget_marks(struct page_home *h, uint32_t page)
{
    struct group *g = find_group(h, page);
    ASSERT(g && window_blank(h, page) == ENTRY_AWAY);
    g->found.marks &= (uint16_t)~mark_of(index_in_group(page));
}

uint32_t window_next_away(const struct page_home *h, uint32_t page, uint32_t *end)
{
    const struct group *g = find_group(h, page);
    uint32_t away[2] = {0, 0}, others[2] = {~0u, ~0u};
    for (uint32_t k = 0; g && k < 2; k++) {
        away[k] = g->there[k] & g->holes_or_away[k];
        others[k] = ~away[k];
    }
    uint32_t first = next_set(away, index_in_group(page));
    *end = window_start(h, page, next_set(others, first));
    return first == index_in_group(page) ? page : window_start(h, page, first);
}

bool window_group_is_away(const struct page_home *h, uint32_t page)
{
    uint32_t end;
    return h->away > 0 && window_next_away(h, page & ~(uint32_t)(GROUP_PAGES - 1), &end) < group_end(h, page);
}

void window_forget_away(struct page_home *h, uint32_t first, uint32_t end)
{
    struct group *g = find_group(h, first);
    uint32_t i = index_in_group(first), stop = index_in_group(end - 1) + 1;
    for (uint32_t k = i; k < stop; k++) {
        ASSERT(test(g->there, k) && test(g->holes_or_away, k) && h->away > 0);
        h->away--;
    }
    assign_range(g->there, i, stop, false);
    trim_group(h, g);
}
