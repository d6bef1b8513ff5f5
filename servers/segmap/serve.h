/* SPDX-License-Identifier: BSD-2-Clause */
/* What segmap does with a message of physmem's (protocol/segmap.h).  It remembers nothing from one
 * to the next but the map. */
#pragma once

#include "map.h"

struct segmap {
    struct map map;
    bool usable; /* the map's first pages are those of a map */
};

/* base, count, used: as for map_open. */
void segmap_open(struct segmap *s, void *base, uint32_t count, uint32_t *used);
/* Writes the words of the first pull, at most SEGMAP_WORDS_MAX, and returns how many they are. */
uint32_t segmap_first_pull(const struct segmap *s, uint32_t *pull);
/* Does the calls of the answer to the last pull, and writes the words of the next one. */
uint32_t segmap_step(struct segmap *s, const uint32_t *calls, uint32_t count, uint32_t *pull);
