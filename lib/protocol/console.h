/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of the console server, which has the serial line COM1.  Any thread of any task may
 * make these calls; it finds the server in startup.console, or by TASK_LOOKUP "console". */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

enum console_label {
    CONSOLE_REPLY = 0x3fe,
    /* MR1 = bytes (0 .. CONSOLE_BYTES_MAX), MR2.. = the bytes, packed.  One message is written in
     * one piece.
     * -> MR1 = error, MR2 = bytes written. */
    CONSOLE_WRITE = 0x300,
    /* MR1 = most bytes wanted (1 .. CONSOLE_BYTES_MAX).  Waits for at least one (the server parks
     * the call; one read per thread).  ERR_BUSY: as many threads of the sender's task wait as may,
     * which are four. -> MR1 = error, MR2 = bytes (0 = end of input), MR3.. = the
     * bytes.  What ends the input depends on the manifest's line: `server console' takes lines,
     * which 0x04 (^D) ends, and answers with at most a line; `server console raw' takes bytes as
     * they come, which 0x04 ends; `server console quoted' takes all 256 bytes, see
     * servers/console/input.h. */
    CONSOLE_READ = 0x301,
};

enum { CONSOLE_BYTES_MAX = 240 };
