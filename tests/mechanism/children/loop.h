/* SPDX-License-Identifier: BSD-2-Clause */
/* The command loop of the children (servant.h), compiled into each of them. */
#pragma once

#include "../servant.h"
#include "client/rpc.h"
#include "client/task.h"
#include "l4/syscalls.h"
#include "protocol/physmem.h"

enum { LOOP_STACK_WORDS = 384, LOOP_PAGE_WORDS = PAGE_SIZE / 4 };

/* Where the child's memory lies; set by main. */
static struct {
    L4_Word_t image_end, stack_start, free_start, dc_end;
} loop_layout;

/* What the children do not have in common, each defines by itself: commands that only it knows,
 * with ERR_UNKNOWN for all others; */
static enum error loop_own_command(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out);
/* what is to be done about a thread that has been made and is not yet started, */
static enum error loop_own_thread_made(L4_ThreadId_t local, L4_ThreadId_t id);
/* and about one that has been deleted; */
static void loop_own_thread_gone(L4_ThreadId_t local, L4_ThreadId_t id);
/* how a command is done: loop_command, with traps or without; *label becomes the answer's. */
static enum error loop_do(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out, L4_Word_t *label);

static L4_ThreadId_t loop_threads[SERVANT_THREADS_MAX], loop_locals[SERVANT_THREADS_MAX];
static L4_Word_t loop_thread_count;
static L4_Word_t loop_stacks[SERVANT_THREADS_MAX][LOOP_STACK_WORDS];

static volatile L4_Word_t *loop_words(L4_Word_t address)
{
    return (volatile L4_Word_t *)address;
}

static void loop_fill(L4_Word_t address, L4_Word_t pages, L4_Word_t seed)
{
    for (L4_Word_t page = 0; page < pages; page++) {
        for (L4_Word_t i = 0; i < LOOP_PAGE_WORDS; i++) {
            loop_words(address)[page * LOOP_PAGE_WORDS + i] = servant_word(seed, page, i);
        }
    }
}

static L4_Word_t loop_wrong(L4_Word_t address, L4_Word_t pages, L4_Word_t seed)
{
    L4_Word_t wrong = 0;
    for (L4_Word_t page = 0; page < pages; page++) {
        for (L4_Word_t i = 0; i < LOOP_PAGE_WORDS; i++) {
            wrong += loop_words(address)[page * LOOP_PAGE_WORDS + i] != servant_word(seed, page, i);
        }
    }
    return wrong;
}

static L4_Word_t loop_hash(L4_Word_t address, L4_Word_t pages)
{
    L4_Word_t hash = 2166136261u;
    for (L4_Word_t i = 0; i < pages * LOOP_PAGE_WORDS; i++) {
        hash = (hash ^ loop_words(address)[i]) * 16777619u;
    }
    return hash;
}

static L4_Word_t loop_not_zero(L4_Word_t address, L4_Word_t pages)
{
    L4_Word_t count = 0;
    for (L4_Word_t i = 0; i < pages * LOOP_PAGE_WORDS; i++) {
        count += loop_words(address)[i] != 0;
    }
    return count;
}

static void loop_touch(L4_Word_t address, L4_Word_t pages, L4_Word_t rounds)
{
    for (L4_Word_t round = 0; round < rounds; round++) {
        for (L4_Word_t page = 0; page < pages; page++) {
            L4_Word_t at = address + (page << PAGE_SHIFT);
            (void)loop_words(at)[0];
            (void)L4_Flush(L4_FpageAddRights(L4_FpageLog2(at, PAGE_SHIFT), L4_FullyAccessible));
        }
    }
}

static void loop_move(L4_Word_t from, L4_Word_t to)
{
    __asm__ volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
}

static void loop_use(L4_Word_t address, L4_Word_t pages, L4_Word_t stop)
{
    while (*loop_words(stop) == 0) {
        for (L4_Word_t page = 0; page < pages; page++) {
            (void)loop_words(address)[page * LOOP_PAGE_WORDS];
        }
        L4_Yield();
    }
}

/* What the loader must have put in place. */
static volatile L4_Word_t loop_bss[8 * LOOP_PAGE_WORDS];
static volatile L4_Word_t loop_data[] = {0xda7a0000, 0xda7a0001, 0xda7a0002, 0xda7a0003, 0xda7a0004};
static const volatile L4_Word_t loop_constant = 42;

static void loop_probe(L4_Word_t *out)
{
    for (unsigned i = 0; i < 8 * LOOP_PAGE_WORDS; i++) {
        out[0] += loop_bss[i] != 0;
    }
    for (unsigned i = 0; i < sizeof loop_data / sizeof *loop_data; i++) {
        out[1] += loop_data[i] != 0xda7a0000 + i;
    }
    out[2] = loop_constant;
    out[3] = (L4_Word_t)&loop_data;
}

static void loop_run(void);

/* The thread gets the same pager as the first one. */
static enum error loop_add_thread(L4_ThreadId_t pager)
{
    L4_ThreadId_t thread, local;
    if (loop_thread_count == SERVANT_THREADS_MAX) {
        return ERR_NO_MEMORY;
    }
    pager = L4_IsThreadEqual(pager, PHYSMEM_THREAD) ? L4_nilthread : pager;
    enum error e = task_thread_create(pager, &thread, &local);
    if (e == OK) {
        e = loop_own_thread_made(local, thread);
    }
    if (e != OK) {
        return e;
    }
    struct l4_registers r = {
        .control = L4_EXREGS_START,
        .sp = (L4_Word_t)&loop_stacks[loop_thread_count][LOOP_STACK_WORDS - 1],
        .ip = (L4_Word_t)loop_run,
    };
    loop_locals[loop_thread_count] = local;
    loop_threads[loop_thread_count++] = thread;
    return L4_IsNilThread(L4_ExchangeRegisters(thread, &r)) ? ERR_NO_THREAD : OK;
}

static enum error loop_delete_thread(L4_Word_t index)
{
    if (index >= loop_thread_count) {
        return ERR_NO_THREAD;
    }
    enum error e = task_thread_delete(loop_threads[index]);
    if (e == OK) {
        loop_own_thread_gone(loop_locals[index], loop_threads[index]);
    }
    return e;
}

static enum error loop_restart(L4_Word_t index)
{
    if (index >= loop_thread_count) {
        return ERR_NO_THREAD;
    }
    struct l4_registers r = {
        .control = L4_EXREGS_START,
        .sp = (L4_Word_t)&loop_stacks[index][LOOP_STACK_WORDS - 1],
        .ip = (L4_Word_t)loop_run,
    };
    return L4_IsNilThread(L4_ExchangeRegisters(loop_threads[index], &r)) ? ERR_NO_THREAD : OK;
}

static enum error loop_make_task(const L4_Word_t *in, L4_Word_t *out)
{
    struct task_request request = {.container = in[0], .ip = in[1], .sp = in[2], .name = "made by a child"};
    L4_ThreadId_t thread = L4_nilthread;
    enum error e = task_create(&request, &out[0], &thread);
    out[1] = thread.raw;
    return e;
}

static enum error loop_thread_command(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out)
{
    enum error e = OK;
    switch (command) {
    case SERVANT_THREADS:
        for (L4_Word_t i = 0; e == OK && i < in[0]; i++) {
            e = loop_add_thread(L4_Pager());
        }
        out[0] = loop_thread_count;
        return e;
    case SERVANT_THREAD_ID:
        out[0] = in[0] < loop_thread_count ? loop_threads[in[0]].raw : 0;
        return out[0] != 0 ? OK : ERR_NO_THREAD;
    case SERVANT_THREAD_DELETE:
        return loop_delete_thread(in[0]);
    case SERVANT_RESTART:
        return loop_restart(in[0]);
    case SERVANT_SET_PAGER:
        L4_Set_Pager((L4_ThreadId_t){in[0]});
        return OK;
    case SERVANT_SET_HANDLER:
        L4_Set_ExceptionHandler((L4_ThreadId_t){in[0]});
        return OK;
    case SERVANT_SET_DEAF_PAGER:
        if (in[0] >= loop_thread_count) {
            return ERR_NO_THREAD;
        }
        L4_Set_Pager(loop_threads[in[0]]);
        return OK;
    case SERVANT_PARTNER:
        out[0] = 0;
        if (L4_IpcFailed(L4_Ipc((L4_ThreadId_t){in[0]}, (L4_ThreadId_t){in[0]}, in[1],
                                L4_MsgTag(SERVANT_NOTHING, 0, 0), 0))) {
            out[0] = L4_ErrorCode();
            return ERR_IPC;
        }
        return OK;
    default:
        return loop_own_command(command, in, out);
    }
}

static enum error loop_command(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out)
{
    switch (command) {
    case SERVANT_NOTHING:
        return OK;
    case SERVANT_FILL:
        loop_fill(in[0], in[1], in[2]);
        return OK;
    case SERVANT_WRONG:
        out[0] = loop_wrong(in[0], in[1], in[2]);
        return OK;
    case SERVANT_HASH:
        out[0] = loop_hash(in[0], in[1]);
        return OK;
    case SERVANT_NOT_ZERO:
        out[0] = loop_not_zero(in[0], in[1]);
        return OK;
    case SERVANT_PEEK:
        out[0] = *loop_words(in[0]);
        return OK;
    case SERVANT_POKE:
        *loop_words(in[0]) = in[1];
        return OK;
    case SERVANT_EXECUTE:
        ((void (*)(void))in[0])();
        return OK;
    case SERVANT_TOUCH:
        loop_touch(in[0], in[1], in[2]);
        return OK;
    case SERVANT_MOVE:
        loop_move(in[0], in[1]);
        return OK;
    case SERVANT_USE:
        loop_use(in[0], in[1], in[2]);
        return OK;
    case SERVANT_ASK_DEAF:
        (void)L4_Send((L4_ThreadId_t){in[0]}, L4_MsgTag(in[1], 0, 0));
        L4_Sleep(L4_TimePeriod(in[2]));
        return OK;
    case SERVANT_LAYOUT:
        out[0] = TASK_IMAGE_BASE;
        out[1] = loop_layout.image_end;
        out[2] = loop_layout.stack_start;
        out[3] = loop_layout.free_start;
        out[4] = loop_layout.dc_end;
        out[5] = L4_Pager().raw;
        return OK;
    case SERVANT_RELAY:
        return rpc_call((L4_ThreadId_t){in[0]}, in[1], in[2] & 0xffff, &in[3], (in[2] >> 16) % 9, out, 4);
    case SERVANT_PROBE:
        loop_probe(out);
        return OK;
    case SERVANT_FLUSH:
        out[0] = L4_Flush((L4_Fpage_t){in[0]}).raw;
        return OK;
    case SERVANT_SLEEP:
        L4_Sleep(L4_TimePeriod(in[0]));
        return OK;
    case SERVANT_MAKE_TASK:
        return loop_make_task(in, out);
    case SERVANT_DIVIDE:
        __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc");
        return OK;
    case SERVANT_EXIT:
        task_exit(in[0]);
    default:
        return loop_thread_command(command, in, out);
    }
}

static void loop_run(void)
{
    for (;;) {
        L4_ThreadId_t from;
        L4_MsgTag_t tag = L4_Wait(&from);
        if (L4_IpcFailed(tag) || L4_Label(tag) == PHYSMEM_ANSWER) {
            continue;
        }
        L4_Word_t in[SERVANT_WORDS_MAX] = {0}, out[SERVANT_RESULTS_MAX] = {0};
        for (unsigned i = 0; i < SERVANT_WORDS_MAX && i < L4_UntypedWords(tag); i++) {
            in[i] = L4_StoreMR(1 + i);
        }
        L4_Word_t label = SERVANT_REPLY;
        enum error e = loop_do(L4_Label(tag), in, out, &label);
        L4_LoadMR(1, (L4_Word_t)e);
        for (unsigned i = 0; i < SERVANT_RESULTS_MAX; i++) {
            L4_LoadMR(2 + i, out[i]);
        }
        /* The asker may be busy with another thread: it is waited for. */
        (void)L4_Send(from, L4_MsgTag(label, 1 + SERVANT_RESULTS_MAX, 0));
    }
}
