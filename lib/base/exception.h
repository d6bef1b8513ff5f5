/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the processor's exceptions, for messages.  Pure; anybody may call it. */
#pragma once

/* Returns "exception" for a number that has no name; never NULL. */
const char *exception_name(unsigned long number);
