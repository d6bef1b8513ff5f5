/* SPDX-License-Identifier: BSD-2-Clause */
/* sqrtl stands in hypotl.c. */
