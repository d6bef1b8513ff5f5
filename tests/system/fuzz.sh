#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Random system calls by privileged and unprivileged threads (tests/roots/fuzz): 450 000, over five seeds,
# two of them with ports that are mapped, one with hardly any kernel memory.  Time is counted in instructions, so a
# seed does the same every time.
#   tests/system/fuzz.sh soak [FIRST_SEED]    seed after seed, until one fails or it is stopped (make soak)
. tests/system/common/functions

# fuzz SEED CALLS TIMEOUT ["WORDS FOR THE KERNEL" "WORDS"]
fuzz() {
    tools/run --icount --cpu pentium3 --mem 64 --timeout "$3" --append "quiet ${4:-}" \
        --arguments "seed=$1 count=$2 ${5:-}" \
        --servers "$build/sigma0-minimal.elf" "$build/fuzz.elf" </dev/null >"$folder/console" 2>&1
    fuzz_status=$?
    grep -a 'fuzz:\|^ok\|^not ok\|panic' "$folder/console" | tail -n 40 >"$folder/out"
    [ $fuzz_status -eq 0 ] && grep -aq 'fuzz: seed=' "$folder/console" && ! grep -aq 'kernel panic' "$folder/console"
}

if [ "$1" = soak ]; then
    seed=${2:-$(date +%s)}
    ports=
    while echo "soak: seed $seed $ports"; fuzz "$seed" 1000000 3600 "$ports"; do
        grep -a 'fuzz: .* checks' "$folder/out"
        seed=$((seed + 1))
        [ -n "$ports" ] && ports= || ports=ioports=mapped
    done
    cat "$folder/out"
    cp "$folder/console" "$build/soak.log"
    echo "soak: seed $seed failed, its console is in $build/soak.log"
    exit 1
fi

plan 5
for seed in 1 2; do
    fuzz $seed 100000 120
    result $? "seed $seed: 100000 random calls hurt nobody"
done
for seed in 3 4; do
    fuzz $seed 100000 120 ioports=mapped
    result $? "seed $seed: nor do they with ports that are mapped"
done
# 280 KiB beyond what is kept for each frame; sigma0's page tables are in them
fuzz 5 50000 120 kmem=600 scarce=1
result $? "seed 5: 50000 random calls with hardly any kernel memory hurt nobody"
