/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the kernel's command line (docs/conventions.md lists them).
 *
 * A word that the kernel does not know, or a value that it cannot use, is said on the console; the
 * boot goes on without it.  Only for main.c, and until the first thread runs: the command line is
 * not kept. */
#pragma once

#include <stdbool.h>

/* Is this word on the command line? */
bool boot_word(const char *word);

/* Says what there is on the command line that has no effect. */
void boot_words_check(void);
