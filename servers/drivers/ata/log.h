/* SPDX-License-Identifier: BSD-2-Clause */
/* One line "ata: ..." on the kernel's console.  Never on the path of an ordinary request. */
#pragma once

#include "base/format.h"

/* What somebody must know: failures, refused disks. */
__attribute__((format(printf, 1, 2))) void log_event(const char *text, ...);
/* What is of interest; nothing on a quiet machine. */
__attribute__((format(printf, 1, 2))) void log_info(const char *text, ...);
