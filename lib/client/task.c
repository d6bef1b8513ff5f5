/* SPDX-License-Identifier: BSD-2-Clause */
/* Each function packs its arguments into words, calls, and unpacks what comes back. */
#include "client/task.h"

#include <stddef.h>

#include "client/rpc.h"
#include "l4/syscalls.h"

static enum error call(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out,
                       unsigned out_count)
{
    return rpc_call(TASK_SERVER_THREAD, TASK_REPLY, label, in, in_count, out, out_count);
}

enum error task_create(const struct task_request *r, L4_Word_t *task, L4_ThreadId_t *first_thread)
{
    L4_Word_t in[7 + TASK_NAME_WORDS] = {r->container, r->ip, r->sp, r->flags, r->priority, r->quota};
    L4_Word_t out[2];
    rpc_pack(in + 6, TASK_NAME_WORDS, r->name);
    in[6 + TASK_NAME_WORDS] = r->stack_pages;
    enum error e = call(TASK_CREATE, in, 7 + TASK_NAME_WORDS, out, 2);
    if (e != OK) {
        return e;
    }
    if (task) {
        *task = out[0];
    }
    if (first_thread) {
        first_thread->raw = out[1];
    }
    return OK;
}

static __attribute__((noreturn)) void end(const L4_Word_t *in, unsigned in_count)
{
    for (;;) {
        (void)call(TASK_EXIT, in, in_count, NULL, 0);
        L4_Sleep(L4_TimePeriod(10000)); /* it is never refused, so the IPC was cancelled */
    }
}

void task_exit(L4_Word_t status)
{
    L4_Word_t in = status & 0xff;
    end(&in, 1);
}

void task_exit_saying(L4_Word_t status, const char *text)
{
    L4_Word_t in[1 + TASK_LAST_WORDS] = {status & 0xff};
    rpc_pack(in + 1, TASK_LAST_WORDS, text);
    end(in, 1 + TASK_LAST_WORDS);
}

enum error task_kill(L4_Word_t task, L4_Word_t status)
{
    L4_Word_t in[] = {task, status};
    return call(TASK_KILL, in, 2, NULL, 0);
}

enum error task_wait(L4_Word_t child, struct task_status *status)
{
    L4_Word_t out[4];
    enum error e = call(TASK_WAIT, &child, 1, out, 4);
    if (e == OK && status) {
        *status = (struct task_status){out[0], out[1], out[2], out[3]};
    }
    return e;
}

enum error task_info(L4_Word_t first, struct task_info *info)
{
    L4_Word_t out[4 + TASK_NAME_WORDS];
    enum error e = call(TASK_INFO, &first, 1, out, 4 + TASK_NAME_WORDS);
    if (e == OK) {
        *info = (struct task_info){.task = out[0], .parent = out[1], .threads = out[2], .state = out[3]};
        rpc_unpack(info->name, out + 4, TASK_NAME_WORDS);
    }
    return e;
}

enum error task_thread_create_on(L4_ThreadId_t pager, const void *stack, uint32_t stack_pages,
                                 L4_ThreadId_t *thread, L4_ThreadId_t *local)
{
    L4_Word_t in[] = {pager.raw, (L4_Word_t)stack, stack_pages}, out[2];
    enum error e = call(TASK_THREAD_CREATE, in, 3, out, 2);
    if (e != OK) {
        return e;
    }
    thread->raw = out[0];
    if (local) {
        local->raw = out[1];
    }
    return OK;
}

enum error task_thread_create(L4_ThreadId_t pager, L4_ThreadId_t *thread, L4_ThreadId_t *local)
{
    return task_thread_create_on(pager, NULL, 0, thread, local);
}

enum error task_thread_delete(L4_ThreadId_t thread)
{
    return call(TASK_THREAD_DELETE, &thread.raw, 1, NULL, 0);
}

enum error task_module(const char *name, handle_t *handle, L4_Word_t *bytes)
{
    L4_Word_t in[TASK_NAME_WORDS], out[2];
    rpc_pack(in, TASK_NAME_WORDS, name);
    enum error e = call(TASK_MODULE, in, TASK_NAME_WORDS, out, 2);
    if (e != OK) {
        return e;
    }
    *handle = out[0];
    if (bytes) {
        *bytes = out[1];
    }
    return OK;
}

enum error task_file(const char *name, struct task_file *file)
{
    L4_Word_t in[TASK_FILE_NAME_WORDS], out[3];
    unsigned length = 0;
    while (name[length] != '\0') {
        if (++length > sizeof in) {
            return ERR_NOT_FOUND;
        }
    }
    unsigned words = length > 0 ? (length + 3) / 4 : 1;
    rpc_pack(in, words, name);
    enum error e = call(TASK_FILE, in, words, out, 3);
    if (e == OK) {
        *file = (struct task_file){.handle = out[0], .bytes = out[1], .first_page = out[2]};
    }
    return e;
}

enum error task_outswap(L4_Word_t task, uint32_t flags)
{
    L4_Word_t in[] = {task, flags};
    return call(TASK_OUTSWAP, in, 2, NULL, 0);
}

enum error task_inswap(L4_Word_t task)
{
    return call(TASK_INSWAP, &task, 1, NULL, 0);
}

enum error task_register(const char *name)
{
    L4_Word_t in[TASK_NAME_WORDS];
    rpc_pack(in, TASK_NAME_WORDS, name);
    return call(TASK_REGISTER, in, TASK_NAME_WORDS, NULL, 0);
}

enum error task_lookup(const char *name, L4_ThreadId_t *thread)
{
    L4_Word_t in[TASK_NAME_WORDS], out;
    rpc_pack(in, TASK_NAME_WORDS, name);
    enum error e = call(TASK_LOOKUP, in, TASK_NAME_WORDS, &out, 1);
    if (e == OK) {
        thread->raw = out;
    }
    return e;
}

enum error task_shutdown(L4_Word_t status)
{
    return call(TASK_SHUTDOWN, &status, 1, NULL, 0);
}

enum error task_debug(enum physmem_label label, const L4_Word_t *words, unsigned count, L4_Word_t *out,
                      unsigned out_count)
{
    L4_Word_t in[1 + TASK_DEBUG_WORDS_MAX] = {(L4_Word_t)label};
    if (count > TASK_DEBUG_WORDS_MAX) {
        return ERR_ARGUMENT;
    }
    for (unsigned i = 0; i < count; i++) {
        in[1 + i] = words[i];
    }
    return call(TASK_DEBUG, in, 1 + count, out, out_count);
}

enum error task_debug_kernel(L4_Word_t *bad)
{
    L4_Word_t in = TASK_DEBUG;
    return call(TASK_DEBUG, &in, 1, bad, 1);
}

enum error task_debug_kill(L4_Word_t task)
{
    L4_Word_t in[] = {TASK_KILL, task};
    return call(TASK_DEBUG, in, 2, NULL, 0);
}

enum error task_phys_addr(uint32_t page, L4_Word_t *physical)
{
    L4_Word_t in = page, out;
    enum error e = call(TASK_PHYS_ADDR, &in, 1, &out, 1);
    if (e == OK) {
        *physical = out;
    }
    return e;
}

enum error task_interrupt(uint32_t line, L4_ThreadId_t handler)
{
    L4_Word_t in[] = {line, handler.raw};
    return call(TASK_INTERRUPT, in, 2, NULL, 0);
}

enum error task_ports(uint32_t first, unsigned log2_count)
{
    L4_Word_t in[] = {first, log2_count}, window_before = L4_Tcr(UTCB_BR0);
    L4_Accept(L4_IoFpage(first, log2_count));
    enum error e = call(TASK_PORTS, in, 2, NULL, 0);
    L4_SetTcr(UTCB_BR0, window_before);
    return e;
}
