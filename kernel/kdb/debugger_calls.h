/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bytes behind an int3 ask for (interface.md 7.6).  They are executed afterwards, and do
 * nothing.  The bytes are the user's and may be anything.  Called by kdb_trap alone, and by
 * tests. */
#pragma once

#include "l4/word.h"

enum kdb_operation {
    KDB_PRINT_CHAR = 0,
    KDB_PRINT_STRING = 1,
    KDB_TOGGLE_BREAKIN = 3,
    KDB_READ_CHAR = 8,
    KDB_READ_CHAR_BLOCKED = 0xd,
    /* Pilotfish's own follow in lib/l4/kdb.h. */
};

enum kdb_request {
    KDB_OPERATION,      /* cmp $operation, %al: do it and return */
    KDB_MESSAGE,        /* jmp over mov $address, %eax: enter, with the string there */
    KDB_INLINE_MESSAGE, /* jmp over text: enter, with these bytes */
    KDB_BREAKPOINT,     /* anything else: enter */
};

struct kdb_call {
    enum kdb_request request;
    word_t value;  /* operation; address of a string; offset of the text behind the int3 */
    word_t length; /* of the inline text */
};

enum { KDB_CODE_BYTES = 7 };

/* code: the bytes behind the int3, of which the first `count' could be read. */
struct kdb_call kdb_decode(const uint8_t code[KDB_CODE_BYTES], size_t count);
