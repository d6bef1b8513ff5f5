/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard input and output: the console server, or without one the kernel's debug output. */
#include <string.h>

#include "client/console.h"
#include "port.h"

/* Writes exactly these bytes.  They are copied to the stack, so that they are in memory when the
 * kernel reads them. */
static void debug_write(const char *bytes, uint32_t count)
{
    char piece[64];
    while (count > 0) {
        uint32_t n = 0;
        while (n < count && n < sizeof(piece) - 1 && bytes[n]) {
            piece[n] = bytes[n];
            n++;
        }
        piece[n] = '\0';
        if (n > 0) {
            L4_KDB_PrintString(piece);
        } else {
            L4_KDB_PrintChar(0);
            n = 1;
        }
        bytes += n;
        count -= n;
    }
}

/* Returns how many bytes the next message takes: up to the last end of a line that fits, or if none
 * does as many as fit. */
static uint32_t next_piece(const char *bytes, uint32_t count)
{
    uint32_t most = count < CONSOLE_BYTES_MAX ? count : CONSOLE_BYTES_MAX;
    for (uint32_t n = most; n > 0; n--) {
        if (bytes[n - 1] == '\n') {
            return n;
        }
    }
    return most;
}

enum error port_console_write(const char *bytes, uint32_t count)
{
    L4_ThreadId_t console = port_startup->console;
    if (L4_IsNilThread(console)) {
        debug_write(bytes, count);
        return OK;
    }
    while (count > 0) {
        uint32_t n = next_piece(bytes, count), written = 0;
        enum error e = console_write(console, bytes, n, &written);
        if (e != OK) {
            return e;
        }
        bytes += n;
        count -= n;
    }
    return OK;
}

enum error port_console_read(char *bytes, uint32_t count, uint32_t *got)
{
    L4_ThreadId_t console = port_startup->console;
    *got = 0;
    if (L4_IsNilThread(console) || count == 0) {
        return OK;
    }
    return console_read(console, bytes, count < CONSOLE_BYTES_MAX ? count : CONSOLE_BYTES_MAX, got);
}
