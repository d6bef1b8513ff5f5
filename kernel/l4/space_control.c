/* SPDX-License-Identifier: BSD-2-Clause */
#include "space_control.h"

#include "l4/kernel_memory.h"
#include "memory_control.h"
#include "reaper.h"
#include "strip.h"
#include "thread_table.h"

/* A local id becomes the global one that it means to the caller. */
static word_t redirector_id(const struct tcb *caller, L4_ThreadId_t *id)
{
    if (L4_IsNilThread(*id) || !tcb_id_is_local(id->raw)) {
        return 0;
    }
    const struct tcb *redirector = thread_find_any(caller, id->raw);
    if (!redirector) {
        return L4_ErrInvalidThread;
    }
    id->raw = redirector->global_id;
    return 0;
}

/* Bit 28 of a control word that has bit 30; returns it as it was. */
static word_t console_right(struct space *space, word_t control)
{
    if (!(control & KERNEL_QUOTA)) {
        return 0;
    }
    word_t old = space->console ? KERNEL_CONSOLE : 0;
    space->console = space->privileged || (control & KERNEL_CONSOLE);
    return old;
}

word_t space_control(struct tcb *caller, struct space_call *c)
{
    c->old_control = 0;
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    struct tcb *of = thread_find_any(caller, c->space);
    L4_ThreadId_t redirector = {c->redirector};
    word_t error = of ? redirector_id(caller, &redirector) : (word_t)L4_ErrInvalidSpace;
    if (!error) {
        error = space_set_areas(of->space, (L4_Fpage_t){c->kip_area}, (L4_Fpage_t){c->utcb_area});
    }
    if (!error && (c->control & KERNEL_STRIP)) {
        error = space_strip(of->space);
    }
    if (!error) {
        space_set_redirector(of->space, redirector);
        c->old_control = memory_quota(of, c->control) | console_right(of->space, c->control);
        if (reaper_has_work()) {
            reaper_begin(caller);
        }
    }
    return error;
}
