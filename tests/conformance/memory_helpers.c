/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping between the tester and remotes. */
#include "harness.h"

static bool succeeded(const struct job *j)
{
    return j->done && !L4_IpcFailed(j->result);
}

bool remote_give(struct remote *r, L4_Word_t kind, L4_Fpage_t send, L4_Word_t base, L4_Fpage_t window)
{
    struct job in;
    job_receive(&in, L4_Myself());
    in.br[0] = window.raw;
    in.timeouts = L4_Timeouts(L4_Never, SOON);
    if (!remote_start(r, job_run, &in)) {
        return false;
    }
    L4_LoadMR(1, base | kind);
    L4_LoadMR(2, send.raw);
    bool sent = !L4_IpcFailed(send_soon(r->id, L4_MsgTag(0, 0, 2)));
    return remote_wait(r) == DONE && succeeded(&in) && sent;
}

bool remote_pass(struct remote *from, struct remote *to, L4_Word_t kind, L4_Fpage_t send, L4_Word_t base)
{
    struct job in, out;
    job_receive(&in, from->id);
    in.br[0] = L4_CompleteAddressSpace.raw;
    in.timeouts = L4_Timeouts(L4_Never, SOON);
    job_send(&out, to->id, L4_MsgTag(0, 0, 2));
    out.timeouts = L4_Timeouts(SOON, L4_Never);
    out.mr[1] = base | kind;
    out.mr[2] = send.raw;
    if (!remote_start(to, job_run, &in) || !remote_start(from, job_run, &out)) {
        return false;
    }
    return remote_wait(from) == DONE && remote_wait(to) == DONE && succeeded(&in) && succeeded(&out);
}

bool remote_map(struct remote *r, L4_Word_t source, L4_Word_t to, L4_Word_t rights)
{
    L4_Fpage_t page = L4_FpageAddRights(L4_FpageLog2(source, PAGE_BITS), rights);
    return remote_give(r, L4_ITEM_MAP, page, to, L4_CompleteAddressSpace);
}

struct unmap {
    L4_Fpage_t page;
    L4_Word_t control;
};

static void do_unmap(void *arg)
{
    struct unmap *u = arg;
    L4_LoadMR(0, u->page.raw);
    L4_Unmap(u->control);
    u->page.raw = L4_StoreMR(0);
}

L4_Fpage_t remote_unmap(struct remote *r, L4_Fpage_t f, L4_Word_t control)
{
    struct unmap u = {f, control};
    EXPECT_EQ(remote_run(r, do_unmap, &u), DONE);
    return u.page;
}
