#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The in-kernel tests with ports that are mapped like memory.
exec tools/run --ktest --append "ktest ioports=mapped" --timeout 200
