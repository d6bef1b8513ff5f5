/* SPDX-License-Identifier: BSD-2-Clause */
/* One line "ata: ..." on the kernel's console.  For events only; never on the path of an ordinary request. */
#pragma once

#include "base/format.h"

__attribute__((format(printf, 1, 2))) void log_event(const char *text, ...);
