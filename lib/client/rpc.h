/* SPDX-License-Identifier: BSD-2-Clause */
/* One call to a server, as every protocol of lib/protocol makes it.  For the stubs of lib/client
 * and lib/pager, and for whoever speaks a protocol that has no stub.
 *
 * The words of a message lie in the calling thread's UTCB, where any other IPC of that thread
 * overwrites them (a page fault does not), so they are handed in and out in memory. */
#pragma once

#include "protocol/error.h"
#include "l4/types.h"

/* Sends the words in[0..in_count) as MR1.. and waits for the reply.  Returns the reply's MR1 and
 * stores MR2.. in out; words that the reply does not have are 0 there.  Returns ERR_IPC if no reply
 * of that label came. */
enum error rpc_call(L4_ThreadId_t server, L4_Word_t reply_label, L4_Word_t label, const L4_Word_t *in,
                    unsigned in_count, L4_Word_t *out, unsigned out_count);

/* Strings travel packed in words, padded with NUL.  A longer one is cut off.  Unpacking always
 * terminates the text, which has room for 4 * words + 1 bytes. */
void rpc_pack(L4_Word_t *words, unsigned word_count, const char *text);
void rpc_unpack(char *text, const L4_Word_t *words, unsigned word_count);
