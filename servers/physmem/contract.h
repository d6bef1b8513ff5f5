/* SPDX-License-Identifier: BSD-2-Clause */
/* Promises and quotas.
 *
 * A page is made only against a promise: pages + what tables take never exceed swap slots + frames - a
 * reserve.  So whoever waits for a frame gets one: either a frame is free, or some page can be evicted.
 * Each page (struct page) is one promise.  A task's quota bounds the references to pages in the containers it
 * owns: a page that two of them share counts in both, and breaking a copy costs no quota. */
#pragma once

#include "protocol/error.h"
#include "types.h"

struct task;

enum { CONTRACT_RESERVE_FRAMES = 16 };

uint32_t contract_limit(void);
uint32_t contract_promised(void);
bool contract_table_allowed(void); /* may one more frame become a table? */
enum error contract_page(void);    /* may one more page be made? OK or ERR_NO_ROOM */
/* May the task's containers hold that many references more? OK or ERR_QUOTA */
enum error contract_quota(const struct task *t, uint32_t extra);
