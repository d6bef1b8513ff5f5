/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF note by which an initial server says which of the two it is.  For the two servers, which
 * have it in their start.S, and for the kernel, which looks for it.
 *
 * sigma0 and the root task are the first two boot modules, in this order.  Both are programs like
 * any other, so a kernel that is given them the wrong way round could only start them and hear
 * nothing more.  A server that has the note in its place is started; so is one without a note,
 * which other systems' servers are; a note in the wrong place is refused.
 *
 * In assembly:  SERVER_NOTE SERVER_ROLE_ROOT */
#pragma once

#define SERVER_NOTE_TYPE   1
#define SERVER_NOTE_NAME   "Pilotfish"
#define SERVER_ROLE_SIGMA0 0
#define SERVER_ROLE_ROOT   1

#ifdef __ASSEMBLER__
/* clang-format off */
    .macro SERVER_NOTE role
    .pushsection .note.pilotfish, "a", @note
    .balign 4
    .long 2f - 1f, 4, SERVER_NOTE_TYPE
1:  .asciz SERVER_NOTE_NAME
2:  .balign 4
    .long \role
    .popsection
    .endm
/* clang-format on */
#else
#include <stdint.h>

/* The note as it lies in the file: name_bytes counts the NUL, and the name is filled up to a
 * multiple of 4. */
struct server_note {
    uint32_t name_bytes, role_bytes, type;
    char name[sizeof SERVER_NOTE_NAME];
    char fill[2];
    uint32_t role;
};

_Static_assert(sizeof(struct server_note) == 28, "the macro writes as much");
#endif
