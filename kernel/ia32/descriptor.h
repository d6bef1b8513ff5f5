/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables, the gates of all vectors, sysenter, and the system-call stubs of the KIP.  All
 * are made once, by main.c, and only the stack pointer of the TSS and the word behind gs:0 change
 * afterwards: both always belong to the current thread (descriptor_switch, or ipc_fast.S in its
 * place). */
#pragma once

#include "l4/word.h"

struct tcb;

/* The KIP has been filled, and the processor looked at.  fast_ipc: sysenter goes to ipc_fast.S. */
void descriptor_init(bool fast_ipc);

/* t becomes current.  Called by arch_switch_to alone. */
void descriptor_switch(struct tcb *t);
