/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the kernel's functions, put into its image by tools/ksyms after a first link. */
#pragma once

#include "l4/word.h"

/* Name of the function that address lies in, and how far; NULL: not in the kernel's text. */
const char *symbol_find(word_t address, word_t *offset);

/* Prints what look like return addresses on the stack from sp up to its end: frames are not linked,
 * so some may be left over from earlier calls. */
void symbol_backtrace(word_t sp, word_t end);
