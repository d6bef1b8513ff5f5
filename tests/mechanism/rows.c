/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which the rows run. */
#include "rows.h"

const struct row *const rows[] = {
    &row_A1,  &row_A3,  &row_A4,  &row_A5,  &row_A13, &row_A15, &row_A17, &row_A18, &row_A19,
    &row_A20, &row_A21, &row_A22, &row_A23, &row_A24, &row_A25, &row_A27, &row_B1,  &row_B6,
    &row_B8,  &row_B11, &row_B19, &row_B21, &row_B22, &row_C4,  &row_C12,
};
const unsigned row_count = sizeof rows / sizeof *rows;
