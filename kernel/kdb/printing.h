/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings that the kernel prints for threads, in steps. */
#pragma once

#include "l4/tcb.h"

/* The next step of a string that t, the current thread, prints.  Called by l4/long_call.c alone. */
void kdb_print_continue(struct tcb *t);
