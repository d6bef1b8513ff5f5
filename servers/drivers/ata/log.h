/* SPDX-License-Identifier: BSD-2-Clause */
/* One line "ata: ..." on the kernel's console.  Both threads may call it, but never on the path of
 * a request that goes well. */
#pragma once

#include "base/format.h"

/* For what somebody must know: failures, refused disks. */
__attribute__((format(printf, 1, 2))) void log_event(const char *text, ...);
/* For what is of interest; it prints nothing on a quiet machine. */
__attribute__((format(printf, 1, 2))) void log_info(const char *text, ...);
