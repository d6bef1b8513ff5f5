/* SPDX-License-Identifier: BSD-2-Clause */
#include "segmap_calls/segmap_calls.h"

#include "base/assertion.h"

void segmap_calls_init(struct segmap_calls *c, const struct segmap_hooks *hooks)
{
    *c = (struct segmap_calls){.hooks = hooks};
}

/* ---- the table ---- */

static struct window_key key_of(const struct open_call *call)
{
    return (struct window_key){.container = call->container, .window = call->first / WINDOW_PAGES};
}

static bool overlap(const struct open_call *a, const struct open_call *b)
{
    return a->container == b->container && a->first < b->end && b->first < a->end;
}

static bool covers(const struct open_call *a, const struct open_call *b)
{
    return a->container == b->container && a->first <= b->first && b->end <= a->end;
}

static void remove_call(struct segmap_calls *c, uint32_t index)
{
    ASSERT(index < c->count);
    c->of_kind[c->open[index].kind]--;
    c->count--;
    for (uint32_t i = index; i < c->count; i++) {
        c->open[i] = c->open[i + 1];
    }
}

static void append_call(struct segmap_calls *c, const struct open_call *call)
{
    c->of_kind[call->kind]++;
    c->open[c->count++] = *call;
}

/* False if there is no place for one more of its kind.  A call that an open one covers is that one:
 * until that has ended nothing of it can come back. */
static bool add_call(struct segmap_calls *c, const struct open_call *call)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->open[i].kind == call->kind && covers(&c->open[i], call)) {
            return true;
        }
    }
    if (c->of_kind[call->kind] == CALLS_OF_KIND_MAX) {
        return false;
    }
    append_call(c, call);
    return true;
}

static struct open_call about(enum open_kind kind, struct window_key key)
{
    ASSERT(key.window < WINDOWS_MAX);
    uint32_t first = key.window * WINDOW_PAGES;
    return (struct open_call){
        .kind = kind, .container = key.container, .first = first, .end = first + WINDOW_PAGES};
}

void segmap_look_up(struct segmap_calls *c, struct window_key key)
{
    struct open_call call = about(CALL_LOOKUP, key);
    (void)add_call(c, &call);
}

void segmap_store(struct segmap_calls *c, struct window_key key)
{
    struct open_call call = about(CALL_STORE, key);
    (void)add_call(c, &call);
}

bool segmap_drop(struct segmap_calls *c, uint32_t container, uint32_t first, uint32_t end)
{
    ASSERT(first < end && end <= PAGES_ALL);
    struct open_call call = {.kind = CALL_DROP, .container = container, .first = first, .end = end};
    for (uint32_t i = c->count; i > 0; i--) {
        const struct open_call *other = &c->open[i - 1];
        if (other->kind == CALL_DROP && other->place == 0 && covers(&call, other) && !covers(other, &call)) {
            remove_call(c, i - 1);
        }
    }
    return add_call(c, &call);
}

bool segmap_forget(struct segmap_calls *c, uint32_t container)
{
    return add_call(c, &(struct open_call){.kind = CALL_FORGET, .container = container, .end = PAGES_ALL});
}

uint32_t segmap_open_calls(const struct segmap_calls *c, enum open_kind kind)
{
    return c->of_kind[kind];
}

bool segmap_calls_settled(const struct segmap_calls *c)
{
    return c->count == 0;
}

static bool dropped_over(const struct segmap_calls *c, const struct open_call *call)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->open[i].kind == CALL_DROP && overlap(&c->open[i], call)) {
            return true;
        }
    }
    return false;
}

/* ---- results ---- */

/* Words of the result at the front; 0 if there is none. */
static uint32_t result_words(const uint32_t *words, uint32_t left)
{
    if (left == 0 || words[0] < SEGMAP_RECORD || words[0] > SEGMAP_DAMAGED) {
        return 0;
    }
    uint32_t record = words[0] == SEGMAP_RECORD ? segmap_record_words(words + 1, left - 1) : 0;
    return words[0] != SEGMAP_RECORD ? 1 : record ? 1 + record : 0;
}

static bool look_up_done(const struct segmap_calls *c, const struct open_call *call, const uint32_t *words,
                         uint32_t count)
{
    struct window_record r = {.key = key_of(call)};
    if (words[0] == SEGMAP_RECORD && !dropped_over(c, call)) {
        (void)segmap_get_record(words + 1, count - 1, &r);
        c->hooks->add(&r);
        return true;
    }
    c->hooks->put_back(r.key);
    if (words[0] == SEGMAP_DAMAGED) {
        c->hooks->unreadable(r.key);
    }
    return words[0] == SEGMAP_RECORD || words[0] == SEGMAP_DAMAGED;
}

static bool store_done(const struct segmap_calls *c, const struct open_call *call, uint32_t result)
{
    if (result == SEGMAP_DONE) {
        c->hooks->stored(key_of(call), call->version);
    } else if (result == SEGMAP_FULL || result == SEGMAP_DAMAGED) {
        c->hooks->refused(key_of(call), call->version);
    } else {
        return false;
    }
    return true;
}

/* The call has been taken out of the table.  False if the result is none of such a call. */
static bool call_done(struct segmap_calls *c, const struct open_call *call, const uint32_t *words,
                      uint32_t count)
{
    switch (call->kind) {
    case CALL_LOOKUP:
        return look_up_done(c, call, words, count);
    case CALL_STORE:
        return store_done(c, call, words[0]);
    case CALL_DROP:
    case CALL_FORGET:
    case CALL_KINDS:
        break;
    }
    if (words[0] == SEGMAP_DONE && call->kind == CALL_FORGET) {
        c->hooks->forgotten(call->container);
        return true;
    }
    if (words[0] == SEGMAP_DONE) {
        c->hooks->dropped(call->container, call->first, call->end);
        return true;
    }
    if (words[0] == SEGMAP_DAMAGED) {
        c->hooks->not_dropped();
        return true;
    }
    /* What is left of it comes after all others. */
    append_call(c, call);
    c->open[c->count - 1].place = 0;
    return words[0] == SEGMAP_MORE;
}

static bool call_at(struct segmap_calls *c, uint32_t place, struct open_call *call)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->open[i].place == place) {
            *call = c->open[i];
            remove_call(c, i);
            return true;
        }
    }
    return false;
}

static void reopen(struct segmap_calls *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->open[i].place && c->open[i].kind == CALL_LOOKUP) {
            c->hooks->put_back(key_of(&c->open[i]));
        }
        c->open[i].place = 0;
    }
}

/* A batch that is new comes of a DROP that is open. */
static bool is_dropped(const struct segmap_calls *c, uint32_t container)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->open[i].kind == CALL_DROP && c->open[i].container == container) {
            return true;
        }
    }
    return false;
}

static bool count_batch(struct segmap_calls *c, const uint32_t *words, uint32_t count)
{
    if (count <= SEGMAP_BATCH_HEAD || words[0] == c->counted) {
        return true;
    }
    if (!is_dropped(c, words[1])) {
        return false;
    }
    c->counted = words[0];
    c->hooks->freed(words[1], words + SEGMAP_BATCH_HEAD, count - SEGMAP_BATCH_HEAD);
    return true;
}

/* The batch stands behind the results, and is counted before them: a DROP is done after its last
 * batch. */
bool segmap_on_pull(struct segmap_calls *c, const uint32_t *words, uint32_t count)
{
    uint32_t results = count < SEGMAP_PULL_HEAD ? 0 : words[1], at = SEGMAP_PULL_HEAD;
    bool good = count >= SEGMAP_PULL_HEAD && results <= SEGMAP_CALLS_MAX;
    for (uint32_t i = 0, n; good && i < results; i++, at += n) {
        n = result_words(words + at, count - at);
        good = n != 0;
    }
    if (good) {
        good = count_batch(c, words + at, count - at);
    }
    at = SEGMAP_PULL_HEAD;
    struct open_call call;
    for (uint32_t i = 0; good && i < results && words[0] == c->round && call_at(c, 1 + i, &call); i++) {
        uint32_t n = result_words(words + at, count - at);
        good = call_done(c, &call, words + at, n);
        at += n;
    }
    reopen(c);
    return good;
}

/* ---- handing out ---- */

/* Writes the call, and returns the number of its words: 0 if it cannot go now, or does not fit.
 * What has become needless is taken out of the table. */
static uint32_t write_call(struct segmap_calls *c, uint32_t index, uint32_t *words, uint32_t left)
{
    struct open_call *call = &c->open[index];
    words[1] = call->container;
    words[2] = call->first / WINDOW_PAGES;
    if (call->kind == CALL_DROP || call->kind == CALL_FORGET) {
        words[0] = call->kind == CALL_DROP ? SEGMAP_DROP : SEGMAP_FORGET;
        words[2] = call->first;
        words[3] = call->end;
        return 4;
    }
    if (call->kind == CALL_LOOKUP) {
        if (!c->hooks->wanted(key_of(call))) {
            remove_call(c, index);
            return 0;
        }
        words[0] = SEGMAP_LOOKUP;
        return !dropped_over(c, call) && c->hooks->set_aside(key_of(call)) ? 3 : 0;
    }
    struct window_record r = {.key = key_of(call)};
    if (!c->hooks->record(r.key, &r)) {
        remove_call(c, index);
        return 0;
    }
    uint32_t record[SEGMAP_RECORD_MAX], count = segmap_put_record(record, &r);
    if (3 + count > left) {
        return 0;
    }
    words[0] = SEGMAP_STORE;
    __builtin_memcpy(words + 3, record, count * sizeof *record);
    call->version = r.version;
    return 3 + count;
}

uint32_t segmap_hand_out(struct segmap_calls *c, uint32_t *words, uint32_t *stores)
{
    enum { SHORT_CALL = 4 }; /* words of the longest call without a record */
    uint32_t at = 1, handed = 0;
    for (uint32_t i = 0; i < c->count && handed < SEGMAP_CALLS_MAX && at + SHORT_CALL <= SEGMAP_WORDS_MAX;) {
        bool store = c->open[i].kind == CALL_STORE, may = !store || *stores > 0;
        uint32_t before = c->count, n = may ? write_call(c, i, words + at, SEGMAP_WORDS_MAX - at) : 0;
        if (n) {
            *stores -= store;
            c->open[i].place = (uint8_t)++handed;
            at += n;
        }
        i += c->count == before;
    }
    if (handed == 0) {
        return 0;
    }
    c->round += c->round == UINT32_MAX ? 2 : 1; /* 0 is no round */
    words[0] = c->round;
    return at;
}
