/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"

#include "death.h"
#include "log.h"
#include "thread.h"

enum {
    SIGNAL_ILL = 4,
    SIGNAL_TRAP = 5,
    SIGNAL_BUS = 7,
    SIGNAL_FPE = 8,
    SIGNAL_SEGV = 11,
    STATUS_SIGNAL = 128
};

static const struct {
    const char *name;
    uint8_t signal;
} exceptions[] = {
    [0] = {"division error", SIGNAL_FPE},
    [1] = {"debug exception", SIGNAL_TRAP},
    [3] = {"breakpoint", SIGNAL_TRAP},
    [4] = {"overflow", SIGNAL_SEGV},
    [5] = {"bound exceeded", SIGNAL_SEGV},
    [6] = {"invalid opcode", SIGNAL_ILL},
    [7] = {"no coprocessor", SIGNAL_FPE},
    [8] = {"double fault", SIGNAL_SEGV},
    [10] = {"invalid TSS", SIGNAL_SEGV},
    [11] = {"segment not present", SIGNAL_BUS},
    [12] = {"stack fault", SIGNAL_SEGV},
    [13] = {"general protection", SIGNAL_SEGV},
    [16] = {"floating-point error", SIGNAL_FPE},
    [17] = {"alignment check", SIGNAL_BUS},
    [19] = {"SIMD floating-point error", SIGNAL_FPE},
};

enum { EXCEPTION_COUNT = sizeof exceptions / sizeof *exceptions };

void on_exception(struct task *task, const L4_Word_t *words)
{
    L4_Word_t ip = words[0], number = words[2], code = words[3];
    uint8_t signal = SIGNAL_SEGV;
    const char *name = "exception";
    if (number < EXCEPTION_COUNT && exceptions[number].name) {
        name = exceptions[number].name;
        signal = exceptions[number].signal;
    }
    log_task_failure(task, "%s (%u, code 0x%x) at ip 0x%x: task ended", name, (unsigned)number,
                     (unsigned)code, (unsigned)ip);
    task_end(task, &(struct task_ending){
                       .status = (L4_Word_t)(STATUS_SIGNAL + signal),
                       .end = TASK_END_EXCEPTION,
                       .address = ip,
                       .cause = number,
                   });
}

static void log_fault(const struct task *task, L4_ThreadId_t thread, L4_Word_t address, enum error e,
                      L4_Word_t ip)
{
    L4_Word_t stack_pages = thread_stack_above(thread, address);
    if (e != ERR_HOLE || stack_pages == 0) {
        log_task_failure(task, "cannot reach 0x%x: %s (ip 0x%x): task ended", (unsigned)address,
                         error_text(e), (unsigned)ip);
        return;
    }
    bool first = L4_IsThreadEqual(thread, task->first_thread);
    log_task_failure(task, "cannot reach 0x%x: stack of %u KiB exhausted (ip 0x%x): task ended; %s",
                     (unsigned)address, (unsigned)(stack_pages * (PAGE_SIZE / 1024)), (unsigned)ip,
                     first ? "link it with -Wl,-z,stack-size=BYTES for a larger one"
                           : "the thread was started with too few pages");
}

static void end_faulting(struct task *task, L4_ThreadId_t thread, L4_Word_t address, enum error e,
                         L4_Word_t ip)
{
    log_fault(task, thread, address, e, ip);
    task_end(task, &(struct task_ending){
                       .status = STATUS_SIGNAL + SIGNAL_SEGV,
                       .end = TASK_END_FAULT,
                       .address = address,
                       .cause = (L4_Word_t)e,
                   });
}

void on_page_fault(struct task *task, L4_Word_t address, L4_Word_t ip)
{
    end_faulting(task, L4_nilthread, address, ERR_PERMISSION, ip);
}

void on_notice(const L4_Word_t *words)
{
    struct task *task = task_find(words[1]);
    if (!task || task->state == TASK_ENDED) {
        if (words[1] == TASK_ID_SYSTEM) {
            log_failure("cannot reach 0x%x: %s", (unsigned)words[3], error_text((enum error)words[4]));
        }
        return; /* it ended meanwhile */
    }
    switch ((enum physmem_notice)words[0]) {
    case NOTICE_BROKEN:
        end_faulting(task, (L4_ThreadId_t){words[2]}, words[3], (enum error)words[4], words[5]);
        break;
    case NOTICE_OUT:
        if (words[4] == OK) {
            log_task_info(task, "is out of memory entirely");
        } else {
            log_task_info(task, "stays in memory: %s", error_text((enum error)words[4]));
        }
        break;
    case NOTICE_IN:
        log_task_info(task, "is back in memory");
        break;
    }
}
