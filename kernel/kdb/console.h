/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's side of the serial line: for messages, panics, the debugger, and debugger calls of
 * programs.  Nothing is buffered but one character that was read too early. */
#pragma once

#include "l4/word.h"

void console_put(char c); /* a newline becomes CR LF */
void console_put_text(const char *s);

/* -1: nothing is there.  console_unget gives one character back to the next call, in place of one
 * that may have been given back before. */
int console_get(void);
void console_unget(int c);
