/* SPDX-License-Identifier: BSD-2-Clause */
/* hostile attacks [NAME...]         runs the attacks, or those of that name, beside a victim; KTAP
 * hostile fuzz SEED MESSAGES        sends random messages to all servers, beside a victim; KTAP
 * The other roles are started by these. */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct target target;

static L4_Word_t number(const char *text)
{
    return (L4_Word_t)strtoul(text, NULL, 0);
}

static void take_target(char **words)
{
    target = (struct target){{number(words[0])}, {number(words[1])}, {number(words[2])}};
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    if (strcmp(role, "attacks") == 0) {
        return run_attacks(argc - 2, argv + 2);
    }
    if (strcmp(role, "exit") == 0) {
        return 0;
    }
    if (strcmp(role, "touch") == 0 && argc == 3) {
        return be_toucher(number(argv[2]));
    }
    if (strcmp(role, "breeder") == 0) {
        return be_breeder();
    }
    if (strcmp(role, "lost") == 0 && argc == 3) {
        return be_lost(number(argv[2]));
    }
    if (strcmp(role, "sharer") == 0 && argc == 3) {
        return be_sharer((L4_ThreadId_t){number(argv[2])});
    }
    if (strcmp(role, "senders") == 0 && argc == 4) {
        target.victim_pager.raw = number(argv[3]);
        return be_senders((L4_ThreadId_t){number(argv[2])});
    }
    if (strcmp(role, "victim") == 0 && argc == 4) {
        target.runner.raw = number(argv[2]);
        return be_victim(number(argv[3]));
    }
    if (strcmp(role, "attack") == 0 && argc == 6) {
        take_target(argv + 3);
        return be_attack(argv[2]);
    }
    if (strcmp(role, "fuzz") == 0 && argc == 4) {
        return run_fuzzer(number(argv[2]), number(argv[3]));
    }
    if (strcmp(role, "fuzzer") == 0 && argc == 8) {
        take_target(argv + 5);
        return be_fuzzer(number(argv[2]), number(argv[3]), number(argv[4]));
    }
    puts("usage: hostile attacks [NAME...] | fuzz SEED MESSAGES");
    return 2;
}
