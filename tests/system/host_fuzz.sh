#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# libFuzzer on the host's build of kernel/l4 (tests/fuzz), with the address and undefined-behaviour
# sanitizers.
#   tests/system/host_fuzz.sh            a fixed number of inputs from a fixed seed
#   tests/system/host_fuzz.sh SECONDS    for so long each; build/fuzz/NAME.corpus keeps the inputs
#                                        (make fuzz-host)
. tests/system/common/functions

targets='mapping_db:1500 superpage:1500 schedule:1500 map_range:60000 segmap_map:1500 segmap_serve:400'
plan "$(echo "$targets" | wc -w)"
export ASAN_OPTIONS=detect_leaks=0
for entry in $targets; do
    name=${entry%:*} how="-runs=${entry#*:} -seed=1 -timeout=20 -max_len=1200 -len_control=0"
    if [ -n "$1" ]; then
        mkdir -p "$build/fuzz/$name.corpus"
        how="-max_total_time=$1 -timeout=20 -max_len=4000 -artifact_prefix=$build/fuzz/ $build/fuzz/$name.corpus"
    else
        how="$how -artifact_prefix=$folder/"
    fi
    # shellcheck disable=SC2086 # words on purpose
    check "$name" tools/host32 "$build/fuzz/$name" $how
done
