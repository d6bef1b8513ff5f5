/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to the task server, one function for each message; what they mean is written in
 * protocol/task.h.  Any thread of any task may make them except a pager thread, which may only end
 * its task.  An out-parameter may be null where the caller does not want the value; it is set on
 * success only. */
#pragma once

#include "protocol/physmem.h"
#include "protocol/task.h"

struct task_request {
    handle_t container;
    L4_Word_t ip, sp, flags, priority, quota;
    L4_Word_t stack_pages; /* below sp, for reports of an overflow; 0 if it is not told */
    const char *name;
};

struct task_status {
    L4_Word_t status;
    L4_Word_t end;            /* enum task_end */
    L4_Word_t address, cause; /* cause: enum error or exception number */
};

struct task_info {
    L4_Word_t task, parent, threads;
    L4_Word_t state; /* enum task_state */
    char name[TASK_NAME_BYTES + 1];
};

enum error task_create(const struct task_request *request, L4_Word_t *task, L4_ThreadId_t *first_thread);
__attribute__((noreturn)) void task_exit(L4_Word_t status);
/* The same, and the task server says on the console what the text says: one line, without its end,
 * of which 4 * TASK_LAST_WORDS bytes are taken. */
__attribute__((noreturn)) void task_exit_saying(L4_Word_t status, const char *text);
enum error task_kill(L4_Word_t task, L4_Word_t status);
enum error task_wait(L4_Word_t child, struct task_status *status);
enum error task_info(L4_Word_t first, struct task_info *info);
enum error task_thread_create(L4_ThreadId_t pager, L4_ThreadId_t *thread, L4_ThreadId_t *local);
/* The same, and tells which stack the caller will give the thread, for reports of an overflow. */
enum error task_thread_create_on(L4_ThreadId_t pager, const void *stack, uint32_t stack_pages,
                                 L4_ThreadId_t *thread, L4_ThreadId_t *local);
enum error task_thread_delete(L4_ThreadId_t thread);
enum error task_module(const char *name, handle_t *handle, L4_Word_t *bytes);

struct task_file {
    handle_t handle; /* of a container that may hold other files too; the caller's to close */
    L4_Word_t bytes, first_page;
};

/* Returns ERR_NOT_FOUND also for a name longer than any file's (4 * TASK_FILE_NAME_WORDS bytes). */
enum error task_file(const char *name, struct task_file *file);
enum error task_outswap(L4_Word_t task, uint32_t flags);
enum error task_inswap(L4_Word_t task);
enum error task_register(const char *name);
enum error task_lookup(const char *name, L4_ThreadId_t *thread);
enum error task_shutdown(L4_Word_t status);
/* in holds at most TASK_DEBUG_WORDS_MAX words; out gets the words behind the error of physmem's
 * reply. */
enum error task_debug(enum physmem_label label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out,
                      unsigned out_count);
/* How many inconsistencies the kernel finds in its own state. */
enum error task_debug_kernel(L4_Word_t *bad);
/* Ends any task, if tests may ask for that: `debug on'. */
enum error task_debug_kill(L4_Word_t task);
enum error task_phys_addr(uint32_t page, L4_Word_t *physical);
enum error task_interrupt(uint32_t line, L4_ThreadId_t handler);
/* Maps the ports first .. first + 2^log2_count - 1 to this task. */
enum error task_ports(uint32_t first, unsigned log2_count);
