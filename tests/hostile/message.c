/* SPDX-License-Identifier: BSD-2-Clause */
/* A message is mostly like one that its recipient knows, with one or more words that are not. */
#include "message.h"

#include "base/xorshift.h"
#include "l4/utcb.h"
#include "protocol/console.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"
#include "protocol/task.h"

enum {
    SIGMA0_REQUEST = 0xffa0,
    PAGE_FAULT = 0xffe0,
    OTHER_THREADS = 400, /* numbers of threads are mostly below */
};

static uint32_t state;

static uint32_t draw(uint32_t bound)
{
    return xorshift(&state) % bound;
}

static bool one_in(uint32_t n)
{
    return draw(n) == 0;
}

static L4_ThreadId_t draw_thread(const struct surroundings *s)
{
    switch (draw(7)) {
    case 0:
        return s->me;
    case 1:
        return s->victim;
    case 2:
        return s->victim_pager;
    case 3:
        return s->pager;
    case 4:
        return L4_GlobalId(USER_BASE + draw(DRIVER_THREADS), s->driver_task);
    case 5:
        return (L4_ThreadId_t){draw(4) - 1};
    default:
        return L4_GlobalId(USER_BASE + draw(OTHER_THREADS), draw(TASK_ID_LAST));
    }
}

/* Numbers at which ranges end, and their neighbours. */
static L4_Word_t draw_edge(void)
{
    static const L4_Word_t edges[] = {0,          CONSOLE_BYTES_MAX, 1u << 10,  1u << 19,        1u << 20,
                                      1u << 28,   1u << 31,          ~0u,       TASK_IMAGE_BASE, 0xb0000000,
                                      0xc0000000, TASK_ID_LAST,      0x10000000};
    return edges[draw(sizeof(edges) / sizeof(edges[0]))] + draw(3) - 1;
}

static L4_Word_t draw_word(const struct surroundings *s)
{
    switch (draw(10)) {
    case 0:
        return draw_edge();
    case 1:
        return draw_thread(s).raw;
    case 2:
        return L4_Version(draw_thread(s));
    case 3:
        return TASK_IMAGE_BASE + draw(1u << 22);
    case 4:
        return draw(1u << 16) << PAGE_SHIFT;
    case 5:
        return draw(~0u);
    case 6:
        return draw(1u << 20);
    default: /* handles, rights, counts */
        return draw(20);
    }
}

static L4_Word_t draw_label(L4_ThreadId_t to, const struct surroundings *s)
{
    bool to_task = L4_IsThreadEqual(to, TASK_SERVER_THREAD), to_console = L4_IsThreadEqual(to, s->console);
    if (one_in(16)) {
        return draw(1u << 16);
    }
    if (one_in(16)) {
        return one_in(8) ? PAGE_FAULT + draw(8) : SIGMA0_REQUEST;
    }
    if (to_task && !one_in(16)) {
        return TASK_CREATE - 2 + draw(TASK_FILE - TASK_CREATE + 4);
    }
    if (to_console && !one_in(16)) {
        return one_in(2) ? CONSOLE_WRITE : CONSOLE_READ;
    }
    if (one_in(4)) {
        return PHYSMEM_REPLY + draw(2);
    }
    return PHYSMEM_FORWARD + draw(SWAP_RESET + 2 - PHYSMEM_FORWARD);
}

static L4_ThreadId_t draw_recipient(const struct surroundings *s)
{
    switch (draw(16)) {
    case 0:
    case 1:
        return s->console;
    case 2:
        return s->victim_pager;
    case 3:
        return draw_thread(s);
    case 4:
        return L4_GlobalId(USER_BASE + draw(DRIVER_THREADS), s->driver_task);
    case 5:
    case 6:
    case 7:
    case 8:
        return TASK_SERVER_THREAD;
    default:
        return PHYSMEM_THREAD;
    }
}

/* What would end the fuzzer is sent seldom; what tests alone may ask, never. */
static void spare_oneself(struct message *m)
{
    L4_Word_t label = L4_Label(m->tag);
    bool to_task = L4_IsThreadEqual(m->to, TASK_SERVER_THREAD);
    if (to_task && ((label == TASK_EXIT && !one_in(64)) || label == TASK_DEBUG)) {
        m->tag.raw ^= 1u << 16;
    }
    if (L4_IsThreadEqual(m->to, PHYSMEM_THREAD) && !one_in(64)) {
        unsigned handle = label == PHYSMEM_COPY ? 2 : 0;
        m->words[handle] += m->words[handle] == HANDLE_DC;
    }
}

static void add_typed(struct message *m, const struct surroundings *s, unsigned untyped)
{
    unsigned typed = one_in(4) ? draw(64) : 2 * (1 + draw(4));
    m->tag.raw |= typed << 6;
    for (unsigned i = untyped; i + 1 < MESSAGE_WORDS_MAX && i < untyped + typed; i += 2) {
        static const L4_Word_t kinds[] = {8, 9, 10, 12, 0, 1};
        L4_Word_t bytes = draw(one_in(8) ? 1u << 22 : 1u << 12);
        m->words[i] = (bytes << 10) | kinds[draw(6)] | draw(2) << 9;
        m->words[i + 1] = one_in(2) ? TASK_IMAGE_BASE + draw(1u << 20) : draw_word(s);
    }
}

void message_make(struct message *m, const struct surroundings *s, uint32_t seed, uint32_t number)
{
    state = (seed * 2654435761u ^ number * 0x9e3779b1u) | 1;
    for (unsigned i = 0; i < 4; i++) {
        (void)draw(2);
    }
    *m = (struct message){.to = draw_recipient(s), .waits = !one_in(8), .accepts = one_in(8)};
    unsigned untyped = one_in(8) ? draw(64) : draw(9);
    for (unsigned i = 0; i < MESSAGE_WORDS_MAX && i < untyped + 2; i++) {
        m->words[i] = draw_word(s);
    }
    m->tag = L4_MsgTag(draw_label(m->to, s), untyped, 0);
    spare_oneself(m);
    if (one_in(8)) {
        add_typed(m, s, untyped);
    }
    if (one_in(8)) {
        m->tag.raw |= L4_TAG_PROPAGATED;
        m->virtual_sender = draw_thread(s);
    }
    if (L4_IsThreadEqual(m->to, s->console)) { /* whatever is written, each line is a comment */
        for (unsigned i = 1; i < MESSAGE_WORDS_MAX; i++) {
            m->words[i] = 0x0a23230a;
        }
    }
}
