/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the kinds of debugger calls apart by the bytes behind the int3.  It reads nothing but what
 * it is given, so it is tested with any bytes. */
#include "debugger_calls.h"

enum { CMP_AL = 0x3c, NOP = 0x90, JMP_SHORT = 0xeb, MOV_EAX = 0xb8, JMP_BYTES = 2 };

struct kdb_call kdb_decode(const uint8_t code[KDB_CODE_BYTES], size_t count)
{
    const size_t skip = count > 0 && code[0] == NOP ? 1 : 0;
    if (count >= skip + 2 && code[skip] == CMP_AL) {
        return (struct kdb_call){.request = KDB_OPERATION, .value = code[skip + 1]};
    }
    if (count >= 2 && code[0] == JMP_SHORT) {
        if (count == KDB_CODE_BYTES && code[2] == MOV_EAX) {
            word_t address =
                (word_t)code[3] | (word_t)code[4] << 8 | (word_t)code[5] << 16 | (word_t)code[6] << 24;
            return (struct kdb_call){.request = KDB_MESSAGE, .value = address};
        }
        if (code[1] < 0x80) { /* a jump forwards */
            return (struct kdb_call){.request = KDB_INLINE_MESSAGE, .value = JMP_BYTES, .length = code[1]};
        }
    }
    return (struct kdb_call){.request = KDB_BREAKPOINT};
}
