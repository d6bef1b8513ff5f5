/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine that cannot boot, because of what it is or what it was given: says why and what to do,
 * and ends.  That is no panic, for nothing is wrong with the kernel. */
#pragma once

struct boot_problem;

/* Ends the machine like the task server does (docs/conventions.md), with status 126.  Only for
 * main.c. */
void boot_refuse(const struct boot_problem *problem) __attribute__((noreturn));
