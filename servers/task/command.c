/* SPDX-License-Identifier: BSD-2-Clause */
/* The strings lie one behind the other; a command that does not end with a NUL is refused. */
#include "command.h"

const char *command_split(const char *text, size_t bytes, const char *words[COMMAND_WORDS_MAX],
                          unsigned *count)
{
    *count = 0;
    if (bytes == 0 || text[0] == '\0') {
        return "does not name a program";
    }
    if (bytes > COMMAND_BYTES_MAX) {
        return "is too long";
    }
    if (text[bytes - 1] != '\0') {
        return "does not end with a NUL";
    }
    for (size_t i = 0; i < bytes; i++) {
        if (i > 0 && text[i - 1] != '\0') {
            continue; /* in the middle of a string */
        }
        if (*count == COMMAND_WORDS_MAX) {
            return "has too many words";
        }
        words[(*count)++] = text + i;
    }
    return *count >= 2 ? NULL : "has no argv[0]";
}
