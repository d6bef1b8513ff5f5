/* SPDX-License-Identifier: BSD-2-Clause */
#include "readers.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/assertion.h"

static struct reader *readers;
static unsigned reader_count, place_count;

/* The task's; task 0: everybody's. */
static bool is_of(const struct reader *reader, L4_Word_t task)
{
    return task == 0 || L4_Version(reader->thread) == task;
}

static unsigned count_of(L4_Word_t task)
{
    unsigned count = 0;
    for (unsigned i = 0; i < reader_count; i++) {
        count += is_of(&readers[i], task);
    }
    return count;
}

static void forget_dead(L4_Word_t task, bool (*lives)(L4_ThreadId_t thread))
{
    unsigned kept = 0;
    for (unsigned i = 0; i < reader_count; i++) {
        if (!is_of(&readers[i], task) || lives(readers[i].thread)) {
            readers[kept++] = readers[i];
        }
    }
    reader_count = kept;
}

/* There is a place for one more, if this is OK. */
static enum error make_place(bool (*lives)(L4_ThreadId_t thread))
{
    if (reader_count == place_count) {
        forget_dead(0, lives);
    }
    if (reader_count < place_count) {
        return OK;
    }
    unsigned more = place_count > 0 ? 2 * place_count : READERS_LEAST;
    struct reader *larger = realloc(readers, more * sizeof *readers);
    if (!larger) {
        return ERR_NO_MEMORY;
    }
    readers = larger;
    place_count = more;
    return OK;
}

enum error readers_add(struct reader reader, bool (*lives)(L4_ThreadId_t thread))
{
    L4_Word_t task = L4_Version(reader.thread);
    if (count_of(task) == READERS_PER_TASK) {
        forget_dead(task, lives);
    }
    if (count_of(task) == READERS_PER_TASK) {
        return ERR_BUSY;
    }
    enum error e = make_place(lives);
    if (e == OK) {
        readers[reader_count++] = reader;
    }
    return e;
}

const struct reader *readers_first(void)
{
    return reader_count > 0 ? &readers[0] : NULL;
}

void readers_forget(L4_ThreadId_t thread)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < reader_count; i++) {
        if (!L4_IsThreadEqual(readers[i].thread, thread)) {
            readers[kept++] = readers[i];
        }
    }
    ASSERT(kept + 1 >= reader_count); /* a thread is among them once */
    reader_count = kept;
}
