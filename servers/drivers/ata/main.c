/* SPDX-License-Identifier: BSD-2-Clause */
/* The ATA swap driver.  It has two threads: the first one pulls requests from physmem and hands
 * them to the transfer thread, which runs the command, takes the interrupt and reports.  While a
 * command runs, the next request is already here; when there is none, the transfer thread waits for
 * it at physmem itself, and the first one waits for one more.  The task is wired and has no pager
 * thread. */
#include <stddef.h>
#include <string.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "client/task.h"
#include "dies.h"
#include "l4/syscalls.h"
#include "log.h"
#include "protocol/swap.h"
#include "transfer.h"

enum { ATTACH_TRIES = 500, RETRY_PAUSE_US = 10 * 1000, TRANSFER_STACK_WORDS = 1024, EXIT_OVERDUE = 1 };

static struct drive drives[DRIVES_MAX];
static unsigned drive_count;
static unsigned current;  /* what is attached; changes only while no request is under way */
static bool current_used; /* physmem has found its signature there */
/* For tests: each report is followed by two that physmem must not believe; the driver does not do
 * what physmem asks for. */
static bool repeat_reports, deaf;
static L4_ThreadId_t puller, transferer;
static L4_Word_t transfer_stack[TRANSFER_STACK_WORDS];

static _Noreturn void sleep_for_ever(void)
{
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* ---- finding the swap disk ----
 * The first thread attaches the first drive; the transfer thread attaches the others, because it
 * knows when physmem has seen the header of the one before. */

static bool take_interrupt(const struct channel *c)
{
    enum error e = task_interrupt(c->irq, transferer);
    if (e != OK) {
        log_event("%s: not used, for interrupt %u cannot be had: %s", c->name, c->irq, error_text(e));
        return false;
    }
    channel_interrupts(c, true);
    return true;
}

static enum error attach(const struct drive *drive)
{
    for (unsigned i = 0; i < ATTACH_TRIES; i++) {
        L4_Word_t in[] = {drive->identity.pages, drive->dma ? SWAP_RUN_MAX : SWAP_BOUNCE_MAX};
        enum error e = rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, SWAP_ATTACH, in, 2, 0, 0);
        if (e != ERR_PERMISSION && e != ERR_IPC) {
            return e;
        }
        L4_Sleep(L4_TimePeriod(RETRY_PAUSE_US)); /* the task server has yet to name the driver */
    }
    return ERR_PERMISSION;
}

/* Lets nobody wait for a disk any longer. */
static void report_no_disk(const char *why)
{
    enum error e = rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, SWAP_NONE, NULL, 0, 0, 0);
    if (e != OK) {
        log_event("physmem goes on waiting for a disk: %s", error_text(e));
    }
    log_info("%s", why);
}

/* Attaches the first drive from current on that can be attached.  Returns false if there is none,
 * and has said so. */
static bool attach_from_current(void)
{
    for (; current < drive_count; current++) {
        const struct drive *drive = &drives[current];
        if (take_interrupt(drive->channel)) {
            enum error e = attach(drive);
            if (e == OK) {
                return true;
            }
            log_event("%s unit %u: not used for swap: %s", drive->channel->name, drive->unit, error_text(e));
        }
    }
    report_no_disk("no swap disk");
    return false;
}

/* Called when the first request of a drive, which reads its header, has been answered. */
static void look_at_verdict(void)
{
    struct memory_info info;
    const struct drive *drive = &drives[current];
    ASSERT(current < drive_count && !current_used);
    if (physmem_memory_info(&info) != OK || info.swap_ready != 0) {
        current_used = true;
        return;
    }
    log_event("%s unit %u: not used for swap and never written; tools/mkswap prepares a disk",
              drive->channel->name, drive->unit);
    current++;
    (void)attach_from_current();
}

/* ---- the transfer thread ---- */

/* Reports the same id again, and one that was never given out. */
static void report_falsely(uint32_t id)
{
    for (uint32_t i = 0; i < 2; i++) {
        L4_Word_t in[] = {id ^ i << 31, OK, 1};
        if (rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, SWAP_DONE, in, 3, 0, 0) != ERR_ARGUMENT) {
            log_event("request %u: physmem believes a false report", (unsigned)id);
        }
    }
}

static void report_done(uint32_t id, enum error e, uint32_t pages)
{
    L4_Word_t in[] = {id, (L4_Word_t)e, pages};
    if (rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, SWAP_DONE, in, 3, 0, 0) != OK) {
        log_event("request %u: physmem does not take the report", id);
    }
    if (repeat_reports) {
        report_falsely(id);
    }
}

static bool take_request(L4_MsgTag_t tag, struct request *request)
{
    if (L4_IpcFailed(tag) || L4_Label(tag) != SWAP_REQUEST) {
        return false;
    }
    request->id = L4_StoreMR(1);
    request->op = L4_StoreMR(2);
    request->page = L4_StoreMR(3);
    request->count = L4_StoreMR(4);
    uint32_t words = L4_UntypedWords(tag);
    for (uint32_t i = 0; i < SWAP_RUN_MAX && i + 4 < words; i++) {
        request->frames[i] = L4_StoreMR(5 + i);
    }
    if (request->count > SWAP_RUN_MAX || request->count + 4 != words) {
        request->count = 0; /* transfer() refuses it */
    }
    return true;
}

/* Reports the request, and waits for the next one at physmem; false: the first thread has it, or
 * will have. */
static bool report_and_wait(struct request *request, enum error e, uint32_t pages)
{
    uint32_t id = request->id;
    L4_LoadMR(1, id);
    L4_LoadMR(2, (L4_Word_t)e);
    L4_LoadMR(3, pages);
    L4_MsgTag_t tag = L4_Call(PHYSMEM_THREAD, L4_MsgTag(SWAP_NEXT, 3, 0));
    if (take_request(tag, request)) {
        return true;
    }
    if (L4_IpcFailed(tag) || L4_Label(tag) != PHYSMEM_REPLY || L4_StoreMR(1) != OK) {
        log_event("request %u: physmem does not take the report", (unsigned)id);
    }
    return false;
}

static void receive_request(struct request *request)
{
    while (!take_request(L4_Receive_Timeout(puller, L4_Never), request)) {
    }
}

static void transfer_loop(void)
{
    static struct request request;
    L4_Set_ExceptionHandler(TASK_SERVER_THREAD); /* it ends the task, and starts it again */
    bool got = false;
    for (;;) {
        if (!got) {
            receive_request(&request);
        }
        uint32_t pages = 0;
        dies_at(DIES_BEFORE);
        enum error e = current < drive_count ? transfer(&drives[current], &request, &pages) : ERR_NO_SWAP;
        ASSERT(pages <= SWAP_RUN_MAX && (e != OK || pages == request.count));
        dies_at(DIES_UNREPORTED);
        got = current_used && !repeat_reports && report_and_wait(&request, e, pages);
        if (!current_used || repeat_reports) {
            report_done(request.id, e, pages);
        }
        dies_at(DIES_REPORTED);
        if (!current_used && current < drive_count) {
            look_at_verdict();
        }
    }
}

static bool start_transfer_thread(void)
{
    ASSERT(L4_IsNilThread(transferer) && !L4_IsNilThread(puller));
    if (task_thread_create(L4_nilthread, &transferer, 0) != OK) { /* physmem pages it */
        return false;
    }
    struct l4_registers r = {
        .control = L4_EXREGS_START,
        .sp = (L4_Word_t)&transfer_stack[TRANSFER_STACK_WORDS - 1], /* as after a call */
        .ip = (L4_Word_t)transfer_loop,
    };
    return !L4_IsNilThread(L4_ExchangeRegisters(transferer, &r));
}

/* ---- the first thread ---- */

static _Noreturn void pull_for_ever(void)
{
    for (;;) {
        L4_MsgTag_t tag = L4_Call(PHYSMEM_THREAD, L4_MsgTag(SWAP_PULL, 0, 0));
        if (L4_IpcSucceeded(tag) && L4_Label(tag) == SWAP_REQUEST) {
            /* The message goes on as it came.  This waits while the transfer thread is at work. */
            (void)L4_Send(transferer, L4_MsgTag(SWAP_REQUEST, L4_UntypedWords(tag), 0));
        } else if (L4_IpcSucceeded(tag) && L4_Label(tag) == SWAP_RESET && !deaf) {
            log_event("a request is overdue: the driver ends, and the next one resets the disk");
            task_exit(EXIT_OVERDUE);
        } else {
            L4_Sleep(L4_TimePeriod(RETRY_PAUSE_US));
        }
    }
}

int main(int argc, char **argv)
{
    bool pio = false;
    for (int i = 1; i < argc; i++) {
        pio = pio || strcmp(argv[i], "pio") == 0;
        repeat_reports = repeat_reports || strcmp(argv[i], "repeat-reports") == 0;
        deaf = deaf || strcmp(argv[i], "deaf") == 0;
        bool hangs = strcmp(argv[i], "hangs") == 0;
        if (hangs || strcmp(argv[i], "dies") == 0) {
            dies_begin(hangs);
        }
    }
    drive_count = drive_find_all(drives, pio);
    if (drive_count == 0) {
        report_no_disk("no disk");
        sleep_for_ever();
    }
    puller = L4_Myself();
    if (!start_transfer_thread()) {
        log_event("its second thread cannot be started");
        report_no_disk("no disk is used for swap");
        sleep_for_ever();
    }
    bool dma = dma_init();
    for (unsigned i = 0; i < drive_count; i++) {
        drives[i].dma = drives[i].dma && dma;
    }
    if (!attach_from_current()) {
        sleep_for_ever();
    }
    pull_for_ever();
}
