#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every header of the C library compiles by itself, and what it declares links.
. tests/system/common/functions
python3 tests/system/common/headers.py "$build"
