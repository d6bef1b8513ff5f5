/* SPDX-License-Identifier: BSD-2-Clause */
/* The seam between replacement and what decides which frame goes.
 *
 * The lower storeys tell the policy what happens to a frame that holds a page; replacement
 * (policy/replacement.c) asks it for victims.  A policy keeps what it knows of a frame in
 * frame.age, three bits that nobody else reads or writes, or in tables of its own.  It never
 * unmaps, samples or evicts anything, and needs no memory after its init. Implementations stand in
 * policy/policy_NAME.c; policy_use makes one the policy, at the boot. */
#pragma once

#include "ground/types.h"

struct policy {
    const char *name;
    void (*init)(void);

    /* A page came into the frame: a new one, or one that is being read. */
    void (*arrived)(frame_t f);
    /* The page has been used: its accessed bit was found set. */
    void (*touched)(frame_t f);
    /* The page was sampled and has not been used since the sample before. */
    void (*untouched)(frame_t f);

    /* The next frames to be sampled, at most `most`, none twice, all of them such that page_may_go
     * allows; fewer if more places than that name their pages.  *passed counts the frames that were
     * looked at, `budget` at most: it is never 0, so that a caller's budget ends. */
    uint32_t (*candidates)(frame_t *frames, uint32_t most, uint32_t budget, uint32_t *passed);
    /* What the last sample says: the page should go; or it may, along with a neighbour. */
    bool (*is_victim)(frame_t f);
    bool (*is_old)(frame_t f);
};

extern const struct policy *policy;

void policy_use(const struct policy *p);
