/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests about tasks that are neither their making nor their end. */
#include "boot.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "death.h"
#include "l4/kdb.h"
#include "machine.h"
#include "protocol/swap.h"
#include "request.h"

enum error on_info(struct request *r)
{
    const struct task *task = task_find_next(r->in[0]);
    if (!task) {
        return ERR_NO_TASK;
    }
    r->out[0] = task->id;
    r->out[1] = task->parent;
    r->out[2] = task->threads;
    r->out[3] = task->state;
    rpc_pack(r->out + 4, TASK_NAME_WORDS, task->name);
    r->out_count = 4 + TASK_NAME_WORDS;
    return OK;
}

/* Finds the running task that a request names and its sender has rights over. */
static enum error find_target(const struct request *r, struct task **target)
{
    *target = task_find(r->in[0]);
    if (!*target || (*target)->state == TASK_ENDED) {
        return ERR_NO_TASK;
    }
    return task_has_rights(r->task, *target) ? OK : ERR_PERMISSION;
}

enum error on_outswap(struct request *r)
{
    struct task *target;
    enum error e = find_target(r, &target);
    if (e != OK) {
        return e;
    }
    if ((r->in[1] & ~(L4_Word_t)(OUTSWAP_HOLD | OUTSWAP_DC_ONLY)) != 0) {
        return ERR_ARGUMENT;
    }
    if (target == r->task) {
        return ERR_SELF;
    }
    return physmem_outswap(target->id, r->in[1]);
}

enum error on_inswap(struct request *r)
{
    struct task *target;
    enum error e = find_target(r, &target);
    return e == OK ? physmem_inswap(target->id) : e;
}

enum error on_shutdown(struct request *r)
{
    bool may = boot_has_main() ? r->task->kind == KIND_MAIN : r->task->kind != KIND_CHILD;
    if (!may) {
        return ERR_PERMISSION;
    }
    machine_end(r->in[0] & 0xff);
}

/* Refuses what would park the task server, take a task's memory behind its back, or speak for a
 * driver or segmap. */
static bool debug_may_ask(L4_Word_t label)
{
    switch (label) {
    case PHYSMEM_TASK_NEW:
    case PHYSMEM_TASK_DELETE:
    case PHYSMEM_SET_DRIVER:
    case PHYSMEM_MODULE:
    case PHYSMEM_NOTICE_PULL:
    case PHYSMEM_KEEP:
        return false;
    default:
        return label >= PHYSMEM_MEMORY_INFO && label < SWAP_ATTACH;
    }
}

enum error on_debug(struct request *r)
{
    if (boot_debug && r->in[0] == TASK_DEBUG) {
        r->out[0] = L4_KDB_Check();
        r->out_count = 1;
        return OK;
    }
    if (boot_debug && r->in[0] == TASK_KILL && r->in_count == 2) {
        return on_debug_kill(r);
    }
    if (!boot_debug || !debug_may_ask(r->in[0])) {
        return ERR_PERMISSION;
    }
    r->out_count = REQUEST_OUT_MAX;
    return rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, r->in[0], r->in + 1, r->in_count - 1, r->out,
                    r->out_count);
}
