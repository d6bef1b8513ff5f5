/* SPDX-License-Identifier: BSD-2-Clause */
/* A small table of names and threads, searched from end to end. */
#include "name.h"

#include "base/assertion.h"
#include "client/rpc.h"
#include "request.h"
#include "text.h"

enum { NAMES_MAX = 16 };

static struct {
    char name[TASK_NAME_BYTES + 1];
    L4_ThreadId_t thread; /* nil: the entry is free */
} names[NAMES_MAX];

enum error name_set(const char *name, L4_ThreadId_t thread)
{
    unsigned place = NAMES_MAX;
    ASSERT(name[0] != '\0' && !L4_IsNilThread(thread));
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (L4_IsNilThread(names[i].thread)) {
            place = place == NAMES_MAX ? i : place;
        } else if (text_equal(names[i].name, name)) {
            if (L4_Version(names[i].thread) != L4_Version(thread)) {
                return ERR_ALREADY;
            }
            place = i;
            break;
        }
    }
    if (place == NAMES_MAX) {
        return ERR_NO_MEMORY;
    }
    text_copy(names[place].name, name, sizeof names[place].name);
    names[place].thread = thread;
    ASSERT(L4_IsThreadEqual(name_find(name), thread)); /* no entry before it bears the name */
    return OK;
}

L4_ThreadId_t name_find(const char *name)
{
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (!L4_IsNilThread(names[i].thread) && text_equal(names[i].name, name)) {
            return names[i].thread;
        }
    }
    return L4_nilthread;
}

void name_forget_thread(L4_ThreadId_t thread)
{
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (L4_IsThreadEqual(names[i].thread, thread)) {
            names[i].thread = L4_nilthread;
        }
    }
}

void name_forget_task(L4_Word_t task)
{
    ASSERT(task >= TASK_ID_FIRST);
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (L4_Version(names[i].thread) == task) {
            names[i].thread = L4_nilthread;
        }
    }
}

enum error on_register(struct request *r)
{
    char name[TASK_NAME_BYTES + 1];
    rpc_unpack(name, r->in, TASK_NAME_WORDS);
    if (r->task->kind == KIND_CHILD) {
        return ERR_PERMISSION;
    }
    return name[0] != '\0' ? name_set(name, r->sender) : ERR_ARGUMENT;
}

enum error on_lookup(struct request *r)
{
    char name[TASK_NAME_BYTES + 1];
    rpc_unpack(name, r->in, TASK_NAME_WORDS);
    L4_ThreadId_t thread = name_find(name);
    r->out[0] = thread.raw;
    r->out_count = 1;
    return L4_IsNilThread(thread) ? ERR_NOT_FOUND : OK;
}
