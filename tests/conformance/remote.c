/* SPDX-License-Identifier: BSD-2-Clause */
/* Remote threads and jobs. */
#include "harness.h"

enum { LABEL_GO = 0x60, LABEL_RAN = 0x61 };

/* ---- remote ---- */

static void remote_main(void *arg)
{
    struct remote *r = arg;
    for (;;) {
        L4_Accept(L4_Nilpage);
        if (L4_IpcFailed(L4_Receive_Timeout(r->master, L4_Never))) {
            continue;
        }
        r->function(r->arg);
        (void)L4_Send(r->master, L4_MsgTag(LABEL_RAN, 0, 0));
    }
}

static bool remote_spawn(struct remote *r, struct spawn *s)
{
    s->entry = remote_main;
    s->arg = r;
    s->pager = r->master = L4_Myself();
    r->id = spawn_with(s);
    return !L4_IsNilThread(r->id);
}

bool remote_new(struct remote *r, bool own_space)
{
    return remote_spawn(r, &(struct spawn){.own_space = own_space});
}

bool remote_new_in(struct remote *r, L4_ThreadId_t space)
{
    return remote_spawn(r, &(struct spawn){.space = space});
}

bool remote_start(struct remote *r, void (*function)(void *), void *arg)
{
    r->function = function;
    r->arg = arg;
    return !L4_IpcFailed(send_soon(r->id, L4_MsgTag(LABEL_GO, 0, 0)));
}

static enum outcome classify(struct remote *r, L4_MsgTag_t tag)
{
    r->tag = tag;
    for (unsigned i = 1; i < sizeof(r->mr) / sizeof(r->mr[0]); i++) {
        r->mr[i] = L4_StoreMR(i);
    }
    if (L4_IpcFailed(tag)) {
        return TIMED_OUT;
    }
    if (L4_Label(tag) == LABEL_RAN) {
        return DONE;
    }
    L4_Word_t kind = L4_Label(tag) & 0xfff0;
    return kind == L4_LABEL_PAGE_FAULT ? FAULTED : kind == L4_LABEL_EXCEPTION ? RAISED : OTHER;
}

enum outcome remote_wait(struct remote *r)
{
    return classify(r, receive_soon(r->id));
}

enum outcome remote_run(struct remote *r, void (*function)(void *), void *arg)
{
    return remote_start(r, function, arg) ? remote_wait(r) : TIMED_OUT;
}

enum outcome remote_reply(struct remote *r, L4_MsgTag_t tag)
{
    return classify(r, call_soon(r->id, tag));
}

enum outcome remote_reply_page(struct remote *r, L4_Word_t source, L4_Word_t rights)
{
    L4_LoadMR(1, (r->mr[1] & ~0xfffu) | L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(source, PAGE_BITS), rights).raw);
    return remote_reply(r, L4_MsgTag(0, 0, 2));
}

void remote_reset(struct remote *r)
{
    restart_thread(r->id, remote_main, r);
}

struct access {
    L4_Word_t address;
    volatile L4_Word_t value;
};

static void do_read(void *arg)
{
    struct access *a = arg;
    a->value = peek(a->address);
}

static void do_write(void *arg)
{
    struct access *a = arg;
    poke(a->address, a->value);
}

static bool remote_access(struct remote *r, void (*function)(void *), struct access *a)
{
    enum outcome outcome = remote_run(r, function, a);
    if (outcome != DONE) {
        remote_reset(r);
    }
    return outcome == DONE;
}

bool remote_read(struct remote *r, L4_Word_t address, L4_Word_t *value)
{
    struct access a = {.address = address};
    bool ok = remote_access(r, do_read, &a);
    *value = a.value;
    return ok;
}

bool remote_write(struct remote *r, L4_Word_t address, L4_Word_t value)
{
    struct access a = {.address = address, .value = value};
    return remote_access(r, do_write, &a);
}

bool remote_has(struct remote *r, L4_Word_t address)
{
    L4_Word_t value;
    return remote_read(r, address, &value);
}

void read_word(void *at)
{
    (void)peek((L4_Word_t)at);
}

void write_word(void *at)
{
    poke((L4_Word_t)at, 0x77);
}

void nap(void *unused)
{
    (void)unused;
    sleep_us(1000);
}

/* ---- job ---- */

static void job_clear(struct job *j)
{
    *j = (struct job){.done = false};
}

void job_send(struct job *j, L4_ThreadId_t to, L4_MsgTag_t tag)
{
    job_clear(j);
    j->to = to;
    j->tag = tag;
}

void job_receive(struct job *j, L4_ThreadId_t from)
{
    job_clear(j);
    j->from_spec = from;
}

void job_run(void *job)
{
    struct job *j = job;
    L4_Word_t *utcb = L4_Utcb();
    for (int i = 0; i < UTCB_BR_COUNT; i++) {
        L4_SetTcr(UTCB_BR0 - i, j->br[i]);
    }
    L4_SetTcr(UTCB_XFER_TIMEOUTS, j->xfer_timeouts);
    L4_Set_VirtualSender(j->virtual_sender);
    for (unsigned i = 1; i < UTCB_MR_COUNT; i++) {
        L4_LoadMR(i, j->mr[i]);
    }
    struct raw_regs r = {.eax = j->to.raw, .ecx = j->timeouts, .edx = j->from_spec.raw, .esi = j->tag.raw};
    r.edi = (L4_Word_t)utcb;
    raw_call(entry_of(j->lipc ? kip->lipc : kip->ipc), &r);
    j->result.raw = r.esi;
    j->from.raw = r.eax;
    j->error = L4_ErrorCode();
    j->actual_sender = L4_ActualSender();
    for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
        j->out[i] = L4_StoreMR(i);
    }
    j->done = true;
}

bool job_finish(struct job *j)
{
    for (unsigned i = 0; i < SOON_US / 1000 && !j->done; i++) {
        sleep_us(1000);
    }
    return j->done;
}

L4_ThreadId_t job_spawn(struct job *j, bool own_space)
{
    return spawn_with(&(struct spawn){.entry = job_run, .arg = j, .own_space = own_space});
}

/* ---- call ---- */

void call_run(void *call)
{
    struct call *c = call;
    raw_call(c->entry, &c->regs);
    c->error = L4_ErrorCode();
}
