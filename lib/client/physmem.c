/* SPDX-License-Identifier: BSD-2-Clause */
/* Each function packs its arguments into words, calls, and unpacks what comes back. */
#include "client/physmem.h"

#include <stddef.h>

#include "client/rpc.h"
#include "l4/syscalls.h"

enum { BUSY_PAUSE_US = 1000 };

static enum error call_once(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out,
                            unsigned out_count)
{
    return rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, label, in, in_count, out, out_count);
}

/* For calls whose ERR_BUSY means that physmem has not even the memory to let them wait for some. */
static enum error call(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out,
                       unsigned out_count)
{
    enum error e;
    while ((e = call_once(label, in, in_count, out, out_count)) == ERR_BUSY) {
        L4_Sleep(L4_TimePeriod(BUSY_PAUSE_US));
    }
    return e;
}

static enum error call_1(L4_Word_t label, L4_Word_t a)
{
    return call(label, &a, 1, NULL, 0);
}

/* For messages that are answered with one word. */
static enum error call_for_word(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *word)
{
    L4_Word_t out;
    enum error e = call(label, in, in_count, &out, 1);
    if (e == OK && word) {
        *word = out;
    }
    return e;
}

enum error physmem_forward(L4_ThreadId_t faulter, L4_Word_t address, handle_t handle, uint32_t page,
                           uint32_t access, uint32_t rights)
{
    L4_Set_VirtualSender(faulter);
    L4_LoadMR(1, address);
    L4_LoadMR(2, handle);
    L4_LoadMR(3, page);
    L4_LoadMR(4, (access & 7) | (rights & 7) << 4);
    L4_MsgTag_t tag = L4_MsgTag(PHYSMEM_FORWARD, 4, 0);
    tag.raw |= L4_TAG_PROPAGATED;
    return L4_IpcFailed(L4_Send(PHYSMEM_THREAD, tag)) ? ERR_IPC : OK;
}

enum error physmem_ask(L4_ThreadId_t thread, enum error *note, L4_Word_t *address)
{
    L4_Word_t out[2];
    enum error e = call(PHYSMEM_ASK, &thread.raw, 1, out, 2);
    if (e != OK) {
        return e;
    }
    *note = (enum error)out[0];
    if (address) {
        *address = out[1];
    }
    return OK;
}

enum error physmem_forget_range(L4_Word_t start, L4_Word_t end, uint32_t *answered)
{
    L4_Word_t in[] = {start, end};
    return call_for_word(PHYSMEM_FORGET_RANGE, in, 2, answered);
}

enum error physmem_forget_thread(L4_ThreadId_t thread)
{
    return call_1(PHYSMEM_FORGET_THREAD, thread.raw);
}

enum error physmem_create(uint32_t pages, uint32_t flags, handle_t *handle)
{
    L4_Word_t in[] = {pages, flags};
    return call_for_word(PHYSMEM_CREATE, in, 2, handle);
}

/* For calls that do a bounded part each time, and are made until all of it is done. */
static enum error call_until_done(L4_Word_t label, const L4_Word_t *in, unsigned in_count)
{
    enum error e;
    do {
        e = call_once(label, in, in_count, NULL, 0);
    } while (e == ERR_BUSY);
    return e;
}

enum error physmem_destroy(handle_t handle)
{
    return call_until_done(PHYSMEM_DESTROY, &handle, 1);
}

enum error physmem_close(handle_t handle)
{
    return call_until_done(PHYSMEM_CLOSE, &handle, 1);
}

enum error physmem_share(handle_t handle, L4_Word_t task, uint32_t rights, handle_t *theirs)
{
    L4_Word_t in[] = {handle, task, rights};
    return call_for_word(PHYSMEM_SHARE, in, 3, theirs);
}

/* For calls over a range: in[count_at] is how many pages are still to be done, the words before it
 * where they begin, as far as the mask says so. */
static enum error call_over_range(L4_Word_t label, L4_Word_t *in, unsigned count_at, unsigned moving,
                                  uint32_t *done)
{
    enum error e;
    L4_Word_t piece;
    uint32_t total = 0;
    do {
        piece = 0;
        e = call(label, in, count_at + 1, &piece, 1);
        total += piece;
        in[count_at] -= piece;
        for (unsigned i = 0; i < count_at; i++) {
            in[i] += moving >> i & 1 ? piece : 0;
        }
    } while (e == OK && in[count_at] > 0);
    if (done) {
        *done = total;
    }
    return e;
}

enum error physmem_copy(handle_t source, uint32_t source_page, handle_t dest, uint32_t dest_page,
                        uint32_t count, uint32_t *done)
{
    L4_Word_t in[] = {source, source_page, dest, dest_page, count};
    return call_over_range(PHYSMEM_COPY, in, 4, 1u << 1 | 1u << 3, done);
}

enum error physmem_zero(handle_t handle, uint32_t first, uint32_t count)
{
    L4_Word_t in[] = {handle, first, count};
    return call_over_range(PHYSMEM_ZERO, in, 2, 1u << 1, NULL);
}

enum error physmem_punch(handle_t handle, uint32_t first, uint32_t count)
{
    L4_Word_t in[] = {handle, first, count};
    return call_over_range(PHYSMEM_PUNCH, in, 2, 1u << 1, NULL);
}

enum error physmem_stat(handle_t handle, struct container_stat *stat)
{
    L4_Word_t in[] = {handle, 0}, out[5];
    struct container_stat sum = {0};
    do {
        enum error e = call(PHYSMEM_STAT, in, 2, out, 5);
        if (e != OK) {
            return e;
        }
        sum = (struct container_stat){out[0], out[1], sum.in_memory + out[2], sum.on_swap + out[3]};
        in[1] = out[4];
    } while (in[1] < sum.pages);
    *stat = sum;
    return OK;
}

/* Returns the smallest fpage around a range: a window may be larger than what comes in, for the
 * items' own send bases place it. */
static L4_Fpage_t window_around(L4_Word_t address, uint32_t pages)
{
    L4_Word_t last = address + (pages << PAGE_SHIFT) - 1;
    unsigned log2_size = PAGE_SHIFT;
    while (log2_size < 32 && (address ^ last) >> log2_size != 0) {
        log2_size++;
    }
    return log2_size == 32 ? L4_CompleteAddressSpace
                           : L4_FpageLog2(address >> log2_size << log2_size, log2_size);
}

enum error physmem_map(handle_t handle, uint32_t first, uint32_t count, uint32_t rights, L4_Word_t address,
                       uint32_t *mapped)
{
    if (count == 0 || count > 31 || address % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    L4_Word_t in[] = {handle, first, count, rights, address};
    L4_Word_t window_before = L4_Tcr(UTCB_BR0);
    L4_Accept(window_around(address, count));
    enum error e = call_for_word(PHYSMEM_MAP, in, 5, mapped);
    L4_SetTcr(UTCB_BR0, window_before);
    return e;
}

enum error physmem_memory_info(struct memory_info *info)
{
    struct memory_info got;
    enum error e = call(PHYSMEM_MEMORY_INFO, NULL, 0, (L4_Word_t *)&got, sizeof got / sizeof(L4_Word_t));
    if (e == OK) {
        *info = got;
    }
    return e;
}

enum error physmem_task_info(L4_Word_t task, struct task_memory *info)
{
    struct task_memory got;
    enum error e = call(PHYSMEM_TASK_INFO, &task, 1, (L4_Word_t *)&got, sizeof got / sizeof(L4_Word_t));
    if (e == OK) {
        *info = got;
    }
    return e;
}

enum error physmem_task_new(L4_Word_t task, L4_Word_t holder, handle_t handle, uint32_t quota)
{
    L4_Word_t in[] = {task, holder, handle, quota};
    return call_until_done(PHYSMEM_TASK_NEW, in, 4);
}

enum error physmem_task_delete(L4_Word_t task, struct task_memory_freed *freed)
{
    struct task_memory_freed sum = {0};
    L4_Word_t out[3];
    enum error e;
    do {
        e = call_once(PHYSMEM_TASK_DELETE, &task, 1, out, 3);
        if (e == OK || e == ERR_BUSY) {
            sum =
                (struct task_memory_freed){sum.frames + out[0], sum.slots + out[1], sum.containers + out[2]};
        }
    } while (e == ERR_BUSY);
    if (e == OK && freed) {
        *freed = sum;
    }
    return e;
}

enum error physmem_wire(L4_Word_t task)
{
    return call_once(PHYSMEM_WIRE, &task, 1, NULL, 0);
}

enum error physmem_keep(handle_t handle, uint32_t first, uint32_t count)
{
    L4_Word_t in[] = {handle, first, count};
    return call_once(PHYSMEM_KEEP, in, 3, NULL, 0);
}

enum error physmem_set_driver(L4_Word_t task)
{
    return call_1(PHYSMEM_SET_DRIVER, task);
}

enum error physmem_set_segmap(L4_Word_t task, handle_t map)
{
    L4_Word_t in[] = {task, map};
    return call(PHYSMEM_SET_SEGMAP, in, 2, NULL, 0);
}

enum error physmem_ports(void)
{
    L4_Word_t window_before = L4_Tcr(UTCB_BR0);
    L4_Accept(L4_CompleteAddressSpace);
    enum error e = call(PHYSMEM_PORTS, NULL, 0, NULL, 0);
    L4_SetTcr(UTCB_BR0, window_before);
    return e;
}

enum error physmem_module(uint32_t index, struct module_info *info)
{
    enum { HEAD = 3, TEXT = MODULE_COMMAND_BYTES / 4 };
    L4_Word_t out[HEAD + TEXT];
    L4_Word_t in = index;
    enum error e = call(PHYSMEM_MODULE, &in, 1, out, HEAD + TEXT);
    if (e != OK) {
        return e;
    }
    info->handle = out[0];
    info->bytes = out[1];
    rpc_unpack(info->command, out + HEAD, TEXT);
    if (out[2] < MODULE_COMMAND_BYTES) {
        info->command[out[2]] = '\0';
    }
    return OK;
}

enum error physmem_notice_pull(struct physmem_notice_info *notice)
{
    L4_ThreadId_t from;
    L4_Time_t limit = L4_TimePeriod(PHYSMEM_NOTICE_PULL_US);
    L4_MsgTag_t tag = L4_Ipc(PHYSMEM_THREAD, PHYSMEM_THREAD, L4_Timeouts(L4_Never, limit),
                             L4_MsgTag(PHYSMEM_NOTICE_PULL, 0, 0), &from);
    if (L4_IpcFailed(tag) || L4_Label(tag) != PHYSMEM_REPLY || L4_UntypedWords(tag) != 7) {
        return ERR_IPC;
    }
    notice->kind = L4_StoreMR(2);
    notice->task = L4_StoreMR(3);
    notice->thread.raw = L4_StoreMR(4);
    notice->address = L4_StoreMR(5);
    notice->error = L4_StoreMR(6);
    notice->ip = L4_StoreMR(7);
    return (enum error)L4_StoreMR(1);
}

enum error physmem_outswap(L4_Word_t task, uint32_t flags)
{
    L4_Word_t in[] = {task, flags};
    return call(PHYSMEM_OUTSWAP, in, 2, NULL, 0);
}

enum error physmem_inswap(L4_Word_t task)
{
    return call_once(PHYSMEM_INSWAP, &task, 1, NULL, 0);
}

enum error physmem_phys_addr(L4_Word_t task, uint32_t page, L4_Word_t *physical)
{
    L4_Word_t in[] = {task, page};
    return call_for_word(PHYSMEM_PHYS_ADDR, in, 2, physical);
}

enum error physmem_check(uint32_t *violations, uint32_t *line)
{
    L4_Word_t out[2];
    enum error e = call(PHYSMEM_CHECK, NULL, 0, out, 2);
    if (e == OK) {
        *violations = out[0];
        *line = out[1];
    }
    return e;
}

enum error physmem_kernel_memory(L4_Word_t task)
{
    return call_once(PHYSMEM_KERNEL_MEMORY, &task, 1, NULL, 0);
}

enum error physmem_debug_damage(L4_Word_t task, uint32_t page)
{
    L4_Word_t in[] = {task, page};
    return call(PHYSMEM_DEBUG_DAMAGE, in, 2, NULL, 0);
}
