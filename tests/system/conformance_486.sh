#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests on a 486: no 4 MiB pages, no TSC, no sysenter.
CPU=486 exec tests/system/conformance.sh
