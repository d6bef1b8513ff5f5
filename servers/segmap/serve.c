/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve.h"

#include <string.h>

_Static_assert(SEGMAP_PULL_HEAD + 1 + SEGMAP_BATCH_HEAD + SEGMAP_BATCH_MAX <= SEGMAP_WORDS_MAX,
               "the first call of a message can always be done, be it a DROP");
_Static_assert(SEGMAP_PULL_HEAD + 1 + SEGMAP_RECORD_MAX <= SEGMAP_WORDS_MAX, "or a LOOKUP");

/* The words that are left of a message, and the pull that is being written. */
struct step {
    const uint32_t *call;
    uint32_t left;
    uint32_t *pull;
    uint32_t count;
};

void segmap_open(struct segmap *s, void *base, uint32_t count, uint32_t *used)
{
    *s = (struct segmap){0};
    (void)map_open(&s->map, base, count, used);
    s->usable = map_usable(&s->map);
}

static void put(struct step *p, uint32_t word)
{
    p->pull[p->count++] = word;
}

static const struct map_batch *batch_of(const struct segmap *s)
{
    return s->usable ? map_batch(&s->map) : NULL;
}

/* Whether a result of so many words fits, with what the batch takes or may take. */
static bool fits(const struct segmap *s, const struct step *p, uint32_t words, bool drops)
{
    const struct map_batch *b = batch_of(s);
    uint32_t batch = b ? b->count : drops ? SEGMAP_BATCH_MAX : 0;
    return p->count + words + (batch ? SEGMAP_BATCH_HEAD + batch : 0) <= SEGMAP_WORDS_MAX;
}

/* ---- the calls: each returns how many words it has, 0 if its result must wait ---- */

static uint32_t look_up(const struct segmap *s, struct step *p)
{
    struct window_key key = {.container = p->call[1], .window = p->call[2]};
    const struct item *it = NULL;
    enum map_result result = s->usable ? map_find(&s->map, key, &it) : MAP_DAMAGED;
    uint32_t words[SEGMAP_RECORD_MAX], count = item_to_message(result == MAP_OK ? it : NULL, words);
    if (!fits(s, p, 1 + count, false)) {
        return 0;
    }
    if (result == MAP_DAMAGED) {
        put(p, SEGMAP_DAMAGED);
        return 3;
    }
    put(p, SEGMAP_RECORD);
    memcpy(&p->pull[p->count], words, count * sizeof *words);
    p->count += count;
    return 3;
}

static uint32_t store(struct segmap *s, struct step *p)
{
    struct window_record r = {.key = {.container = p->call[1], .window = p->call[2]}};
    uint32_t words = segmap_get_record(p->call + 3, p->left - 3, &r);
    if (words == 0 || !fits(s, p, 1, false)) {
        return 0;
    }
    enum map_result result = s->usable ? map_store(&s->map, &r) : MAP_DAMAGED;
    put(p, result == MAP_OK ? SEGMAP_DONE : result == MAP_FULL ? SEGMAP_FULL : SEGMAP_DAMAGED);
    return 3 + words;
}

/* One batch at a time: a DROP that finds one has to come again. */
static uint32_t drop(struct segmap *s, struct step *p,
                     enum map_result (*change)(struct map *m, uint32_t container, uint32_t first,
                                               uint32_t end))
{
    if (p->left < 4 || p->call[3] > WINDOWS_MAX * WINDOW_PAGES || !fits(s, p, 1, true)) {
        return 0;
    }
    enum map_result result = !s->usable    ? MAP_DAMAGED
                             : batch_of(s) ? MAP_OK
                                           : change(&s->map, p->call[1], p->call[2], p->call[3]);
    put(p, result == MAP_OK ? SEGMAP_MORE : result == MAP_NONE ? SEGMAP_DONE : SEGMAP_DAMAGED);
    return 4;
}

static uint32_t do_call(struct segmap *s, struct step *p)
{
    bool about_window = p->left >= 3 && p->call[2] < WINDOWS_MAX;
    if (p->left == 0) {
        return 0;
    }
    switch (p->call[0]) {
    case SEGMAP_LOOKUP:
        return about_window ? look_up(s, p) : 0;
    case SEGMAP_STORE:
        return about_window ? store(s, p) : 0;
    case SEGMAP_DROP:
        return drop(s, p, map_drop);
    case SEGMAP_FORGET:
        return drop(s, p, map_forget);
    default:
        return 0;
    }
}

/* ---- the messages ---- */

static uint32_t add_batch(const struct segmap *s, struct step *p)
{
    const struct map_batch *b = batch_of(s);
    if (b) {
        put(p, b->number);
        put(p, b->container);
        memcpy(&p->pull[p->count], b->entries, b->count * sizeof *b->entries);
        p->count += b->count;
    }
    return p->count;
}

uint32_t segmap_first_pull(const struct segmap *s, uint32_t *pull)
{
    struct step p = {.pull = pull, .count = SEGMAP_PULL_HEAD};
    pull[0] = pull[1] = 0;
    return add_batch(s, &p);
}

uint32_t segmap_step(struct segmap *s, const uint32_t *calls, uint32_t count, uint32_t *pull)
{
    s->usable = s->usable && map_usable(&s->map); /* its head may have been lost meanwhile */
    if (batch_of(s)) {
        map_batch_counted(&s->map); /* the last pull has told it, and this is the answer */
    }
    struct step p = {.pull = pull, .count = SEGMAP_PULL_HEAD};
    uint32_t results = 0;
    if (count) {
        p.call = calls + 1;
        p.left = count - 1;
    }
    for (uint32_t words; (words = do_call(s, &p)) != 0; results++) {
        p.call += words;
        p.left -= words;
    }
    pull[0] = results ? calls[0] : 0;
    pull[1] = results;
    return add_batch(s, &p);
}
