#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests on the newest processor of QEMU: SMEP and SMAP are on.
CPU=max exec tests/system/conformance.sh
