#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Hostile programs beside a victim on a machine of 16 MiB: all of them, or those named.
. tests/system/common/hostile
run_hostile 16 attacks "$@"
