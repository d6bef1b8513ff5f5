#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The models hold, and fail when a rule is broken.
exec tests/model/check.sh
