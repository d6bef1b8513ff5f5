/* SPDX-License-Identifier: BSD-2-Clause */
/* The disks that are found at start-up.  The first thread calls it, once. */
#pragma once

#include "channel.h"
#include "identify.h"

enum { CHANNELS = 2, DRIVES_MAX = 4 };

struct drive {
    struct channel *channel;
    unsigned unit; /* 0 or 1 on the channel */
    struct identity identity;
    bool dma; /* the drive, the channel and the command line allow it */
};

/* Looks at both channels and says what is there.  Returns how many disks there are.  With pio none
 * of them does DMA. */
unsigned drive_find_all(struct drive drives[DRIVES_MAX], bool pio);
