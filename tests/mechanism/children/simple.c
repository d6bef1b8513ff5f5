/* SPDX-License-Identifier: BSD-2-Clause */
/* A child without a pager thread: physmem alone pages it.  Built with --no-pager. */
#include "loop.h"

#include "child_start.h"

static enum error loop_own_command(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out)
{
    (void)command, (void)in, (void)out;
    return ERR_UNKNOWN;
}

static enum error loop_own_thread_made(L4_ThreadId_t local, L4_ThreadId_t id)
{
    (void)local, (void)id;
    return OK;
}

static void loop_own_thread_gone(L4_ThreadId_t local, L4_ThreadId_t id)
{
    (void)local, (void)id;
}

static enum error loop_do(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out, L4_Word_t *label)
{
    (void)label;
    return loop_command(command, in, out);
}

int main(void)
{
    child_start();
    loop_run();
}
