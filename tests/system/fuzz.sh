#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Random system calls by privileged and unprivileged threads (tests/roots/fuzz): 450 000, over five
# seeds, two of them with ports that are mapped, one with hardly any kernel memory.  Time is counted
# in instructions, so a seed does the same every time.  Odd seeds run on the kernel that has all
# assertions, even ones on the shipped kernel.
#   tests/system/fuzz.sh soak [SEED [CALLS]]
# runs seed after seed, mostly a million calls each, until one fails, so many calls are done, or it is
# stopped (make soak).
. tests/system/common/functions

kernel_of() {
    fuzz_kernel=$build/kernel.elf
    [ $(($1 % 2)) -eq 0 ] || fuzz_kernel=$build/kernel-ktest.elf
}

# fuzz SEED CALLS TIMEOUT ["WORDS FOR THE KERNEL" "WORDS"]
fuzz() {
    kernel_of "$1"
    tools/run --kernel "$fuzz_kernel" --icount --cpu pentium3 --mem 64 --timeout "$3" --append "quiet ${4:-}" \
        --arguments "seed=$1 count=$2 ${5:-}" \
        --servers "$build/sigma0-minimal.elf" "$build/fuzz.elf" </dev/null >"$folder/console" 2>&1
    fuzz_status=$?
    grep -a 'fuzz:\|^ok\|^not ok\|panic' "$folder/console" | tail -n 40 >"$folder/out"
    [ $fuzz_status -eq 0 ] && grep -aq 'fuzz: seed=' "$folder/console" && ! grep -aq 'kernel panic' "$folder/console"
}

# Says where it is every 100 000 calls; what the machine said is in build/soak.log.
soak() {
    echo "soak: seed $1, $2 calls $3 $4"
    kernel_of "$1"
    {
        tools/run --kernel "$fuzz_kernel" --icount --cpu pentium3 --mem 64 --timeout 36000 --append "quiet $3" \
            --arguments "seed=$1 count=$2 $4" --servers "$build/sigma0-minimal.elf" "$build/fuzz.elf" </dev/null 2>&1
        echo $? >"$folder/status"
    } | tee "$build/soak.log" | awk '/^fuzz: [0-9]+ calls/ && $2 >= next_one { print; fflush(); next_one = $2 - $2 % 100000 + 100000 }'
    [ "$(cat "$folder/status")" = 0 ] && ! grep -aq 'kernel panic' "$build/soak.log"
}

if [ "$1" = soak ]; then
    seed=${2:-$(date +%s)} left=${3:--1} turn=0
    while [ "$left" -ne 0 ]; do
        calls=1000000 kernel='' words=''
        case $((turn % 5)) in
        1) kernel=ioports=mapped ;;
        2) kernel=slowipc ;;
        # faults, for the most part; not with mapped ports: the supervisor may wait for its own for
        # ever
        3) kernel=kmem=488 words=scarce=1 calls=50000 ;;
        4) kernel='ioports=mapped slowipc' ;;
        esac
        [ "$left" -gt 0 ] && [ "$left" -lt $calls ] && calls=$left
        if ! soak "$seed" "$calls" "$kernel" "$words"; then
            tail -n 40 "$build/soak.log"
            echo "soak: seed $seed failed ($calls calls $kernel $words); all of it is in $build/soak.log"
            exit 1
        fi
        if [ $((turn % 5)) = 4 ] && ! tools/mutants --quarter $((turn / 5)) >"$build/mutants.log"; then
            grep -A 30 '^#' "$build/mutants.log" | tail -n 40
            echo "soak: a mutant is not caught; all of it is in $build/mutants.log"
            exit 1
        fi
        [ "$left" -gt 0 ] && left=$((left - calls))
        seed=$((seed + 1)) turn=$((turn + 1))
    done
    exit 0
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
# 364 KiB beyond what is kept for each frame; sigma0's page tables are in them
fuzz 5 50000 120 kmem=488 scarce=1
result $? "seed 5: 50000 random calls with hardly any kernel memory hurt nobody"
