/* SPDX-License-Identifier: BSD-2-Clause */
/* The debugger's side of the serial line. */
#pragma once

#include "l4/word.h"

void console_put(char c); /* a newline becomes CR LF */
void console_put_text(const char *s);

/* -1: nothing there.  console_unget gives one character back to the next call. */
int console_get(void);
void console_unget(int c);
