/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attacks, in the order in which they run. */
#include "attacks.h"
#include "attack.h"

#include <stddef.h>

const struct attack attacks[] = {
    {"neighbour", neighbour, 0, 1, 0, 0},
    {"spin", spin, 0, 1, 0, 0},
    {"copy_zeros", copy_zeros, 0, 1, 0, 0},
    {"punch_scattered", punch_scattered, ATTACK_REFUSED, 1, 50, 0},
    /* New pages of the victim's make windows too, for which it pays itself. */
    {"make_windows", make_windows, ATTACK_NO_TOUCH, 1, 0, 0},
    {"punch_huge", punch_huge, 0, 1, 0, 0},
    {"stat_huge", stat_huge, 0, 1, 0, 0},
    {"ask_about_all", ask_about_all, ATTACK_REFUSED, 1, 0, 0},
    {"ask_for_sums", ask_for_sums, 0, 1, 0, 0},
    {"share_flood", share_flood, ATTACK_REFUSED, 1, 0, 0},
    {"handles_of_the_dead", handles_of_the_dead, ATTACK_SETS_UP, 2, 0, 40000},
    {"forge_forwards", forge_forwards, 0, 1, 0, 0},
    {"fill", fill, ATTACK_DISK, 1, 0, 0},
    {"full", full, ATTACK_REFUSED | ATTACK_SETS_UP, 1, 0, 0},
    {"full_for_all", full, ATTACK_REFUSED | ATTACK_SETS_UP | ATTACK_NO_QUOTA | ATTACK_NO_TOUCH, 1, 0, 0},
    {"scatter", scatter, ATTACK_DISK, 1, 0, 0},
    {"unmap_halves", unmap_halves, 0, 1, 0, 0},
    {"regions", regions, ATTACK_REFUSED, 1, 0, 0},
    {"map_one_page_often", map_one_page_often, 0, 1, 0, 0},
    {"spread_one_page", spread_one_page, 0, 1, 0, 0},
    {"fault_in_crowds", fault_in_crowds, ATTACK_SETS_UP, 4, 0, 0},
    {"fork_bomb", fork_bomb, ATTACK_DISK | ATTACK_MAY_DIE, 4, 30000, 0},
    {"sixty_touchers", sixty_touchers, ATTACK_DISK | ATTACK_NO_QUOTA | ATTACK_NO_TOUCH | ATTACK_MAY_DIE, 60,
     0, 0},
    {"zombies", zombies, ATTACK_REFUSED | ATTACK_SETS_UP, 2, 0, 1000},
    {"kill_full_spaces", kill_full_spaces, 0, 2, 0, 0},
    {"orphans", orphans, 0, 4, 0, 0},
    {"lost_threads", lost_threads, 0, 2, 0, 0},
    {"thread_flood", thread_flood, ATTACK_REFUSED, 1, 0, 0},
    {"senders_at_the_pager", senders_at_the_pager, ATTACK_SETS_UP | ATTACK_NO_QUOTA, 0, 0, 1890},
    {"unmap_everything", unmap_everything, 0, 1, 0, 0},
    {"timeouts_in_one_tick", timeouts_in_one_tick, ATTACK_SETS_UP, 1, 0, 0},
    {"sleep_before_ticks", sleep_before_ticks, 0, 1, 0, 0},
    {"use_fpu_in_crowds", use_fpu_in_crowds, ATTACK_SETS_UP, 1, 0, 0},
    {"call_the_debugger", call_the_debugger, 0, 1, 0, 0},
    {"strings_that_stop", strings_that_stop, 0, 2, 0, 0},
    {"console_readers", console_readers, ATTACK_REFUSED | ATTACK_SETS_UP, 0, 0, 0},
    {"console_flood", console_flood, 0, 1, 0, 0},
};
const unsigned attack_count = sizeof(attacks) / sizeof(attacks[0]);
