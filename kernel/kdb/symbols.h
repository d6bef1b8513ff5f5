/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the kernel's functions.  tools/ksyms puts them into the kernel's image after it has been
 * linked; an image without them has no names, and everything works.  For the debugger and
 * panics. */
#pragma once

#include "l4/word.h"

/* The name of the function that address lies in, and how far in it.  NULL: it lies in none. */
const char *symbol_find(word_t address, word_t *offset);

/* Prints what look like return addresses on the stack, from sp up to its end.  Frames are not
 * linked, so some of them may be left over from earlier calls. */
void symbol_backtrace(word_t sp, word_t end);
