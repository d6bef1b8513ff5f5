/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes are packed four to a word; a long text goes in several messages. */
#include "client/console.h"

#include "client/rpc.h"

enum { DATA_WORDS = CONSOLE_BYTES_MAX / 4 };

enum error console_write(L4_ThreadId_t server, const char *bytes, uint32_t count, uint32_t *written)
{
    enum error e = OK;
    uint32_t done = 0;
    while (e == OK && done < count) {
        uint32_t part = count - done < CONSOLE_BYTES_MAX ? count - done : CONSOLE_BYTES_MAX;
        L4_Word_t in[1 + DATA_WORDS] = {part};
        L4_Word_t out = 0;
        for (uint32_t i = 0; i < part; i++) {
            in[1 + i / 4] |= (L4_Word_t)(unsigned char)bytes[done + i] << i % 4 * 8;
        }
        e = rpc_call(server, CONSOLE_REPLY, CONSOLE_WRITE, in, 1 + (part + 3) / 4, &out, 1);
        if (e == OK && (out == 0 || out > part)) {
            e = ERR_IO;
        }
        done += e == OK ? out : 0;
    }
    if (written) {
        *written = done;
    }
    return e;
}

enum error console_read(L4_ThreadId_t server, char *bytes, uint32_t count, uint32_t *got)
{
    L4_Word_t in = count < CONSOLE_BYTES_MAX ? count : CONSOLE_BYTES_MAX;
    L4_Word_t out[1 + DATA_WORDS];
    enum error e = rpc_call(server, CONSOLE_REPLY, CONSOLE_READ, &in, 1, out, 1 + DATA_WORDS);
    if (e != OK) {
        return e;
    }
    if (out[0] > in) {
        return ERR_IO;
    }
    for (uint32_t i = 0; i < out[0]; i++) {
        bytes[i] = (char)(out[1 + i / 4] >> i % 4 * 8);
    }
    *got = out[0];
    return OK;
}
