#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel's own tests from an ISO in Bochs, whose processor refuses what a Pentium does not have.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tools/make-iso "$folder/ktest.iso" --ktest || exit 1
tools/boot-bochs --until '^# Totals:' --timeout 200 "$folder/ktest.iso" | sed -n '/^KTAP version/,$p'
