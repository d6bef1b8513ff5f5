#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What happens when somebody needs a window that is away: rows B5, B31, B32, B36, B38, B39,
# B40.
. tests/system/common/functions

printf 'debug on\ndriver ata\nserver console raw\nmain test-episode\n' >"$folder/manifest"
# shellcheck disable=SC2086 # words on purpose
tools/run $counted --mem 16 --swap 64 --timeout 200 --physmem-words asm=16 --manifest "$folder/manifest" \
    --file "$build/ata.elf" --file "$build/console.elf" --file "$build/test-episode.elf"
