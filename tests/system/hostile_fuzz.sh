#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Random messages to all servers beside a paged victim on a machine of 8 MiB.
# hostile_fuzz.sh [MESSAGES [SEED]]; `make soak' sends a million.
. tests/system/common/hostile
limit=${TIMEOUT:-400}
run_hostile 8 fuzz "${2:-1}" "${1:-20000}"
