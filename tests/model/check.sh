#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks the models of this folder with Spin: each must hold, and must fail when one of its rules is
# broken.
# tests/model/check.sh [MODEL...]      prints KTAP; needs spin 6 and gcc
#
# A case a line: verdict, model, what is checked (safe, or the name of an ltl formula), switches.
cases() {
    grep -E "^[a-z]+ +($1) " <<'EOT'
holds rendezvous safe
fails rendezvous safe -DFORGET_SENDERS
fails rendezvous safe -DFORGET_WAITERS
fails rendezvous safe -DRECEIVE_LATER
fails rendezvous safe -DTIMER_STAYS
fails rendezvous safe -DSTAYS_QUEUED
fails rendezvous safe -DNO_RETARGET
fails rendezvous safe -DUNMARKED
fails rendezvous safe -DONLY_VIRTUAL
holds search safe
fails search safe -DCURSOR_STAYS
fails search safe -DCURSOR_LOST
fails search safe -DOTHER_QUEUE_STAYS
fails search safe -DARRIVAL_UNSEEN
fails search safe -DGOES_ON
fails search safe -DNOT_MIXED
fails search safe -DMOVE_UNSEEN
fails search safe -DDEATH_UNSEEN
fails search safe -DRETARGET_UNSEEN
fails search safe -DDEAF
fails search safe -DOVERTAKES
fails search safe -DONE_BY_ONE
holds transfer safe
holds transfer ends
fails transfer safe -DSTAYS_AT_PAGER
fails transfer safe -DTIMER_STAYS
fails transfer safe -DPARTNER_NOT_TOLD
fails transfer safe -DOUTER_LOST
fails transfer safe -DCONTINUING_STAYS
fails transfer safe -DPAGER_DEATH_UNSEEN
fails transfer safe -DTIMED_TWICE
fails transfer safe -DERRORS_SWAPPED
fails transfer safe -DREDIRECTION_LOST
fails transfer safe -DUNLINKED_TWICE
fails transfer ends -DHALT_STOPS
holds unmap_map safe
holds unmap_map safe -DFRAMES=2 -DTWO_TASKS
fails unmap_map safe -DREPLY_AFTER_EVENT
fails unmap_map safe -DEARLY_SOURCE
fails unmap_map safe -DONLY_CHILDREN
fails unmap_map safe -DGRANT_FORGETS
fails unmap_map safe -DSTATUS_LOST
fails unmap_map safe -DSAMPLE_CLEARS_MAPPED
fails unmap_map safe -DSAMPLE_DROPS_DIRTY
fails unmap_map safe -DREUSE_BEFORE_WRITTEN
holds steps safe
fails steps safe -DPARENT_FIRST
fails steps safe -DSTATUS_IN_CALL
fails steps safe -DPLACE_STAYS
fails steps safe -DROOT_STAYS
fails steps safe -DPLACE_OF_OTHERS
holds steps safe -DREAPER
fails steps safe -DREAPER -DDELETER_LEAVES
holds rename safe
fails rename safe -DNO_STAMP
fails rename safe -DAWAITER_OF_NEW
fails rename safe -DSECOND_AT_ONCE
fails rename safe -DONLY_SENDERS
holds split safe
fails split safe -DOPERATES_HALF_SPLIT
fails split safe -DNOTHING_ASIDE
fails split safe -DPLACE_OF_CALLER
fails split safe -DTABLES_LAST
holds memory_call safe
fails memory_call safe -DPLACE_STAYS
fails memory_call safe -DNO_PLACE
fails memory_call safe -DANY_CALL
holds fault_depth safe
holds fault_depth ends -DEVICTS=1
fails fault_depth safe -DNO_LAST_RESORT
fails fault_depth safe -DPAGER_WAITS
fails fault_depth safe -DSERVED_WHILE_GOING_OUT
fails fault_depth safe -DOUT_TOO_EARLY
fails fault_depth safe -DFORGOTTEN_WHILE_OUT
fails fault_depth ends -DNO_WAKE -DEVICTS=0
fails fault_depth ends -DNO_SHIELD -DEVICTS=0
fails fault_depth ends -DONLY_STARTER_SERVED -DEVICTS=0
holds strip safe
holds strip ends -DLIVE
fails strip safe -DRUNS_STRIPPED
fails strip safe -DUTCB_STAYS
fails strip safe -DONE_RESTORED
fails strip safe -DHALF_RESTORED
fails strip safe -DMAPS_FIRST
fails strip safe -DSTRIPS_MAPPED
fails strip safe -DDELETE_LEAKS
fails strip safe -DCR3_STAYS
fails strip ends -DLIVE -DPAGER_HEARS
fails strip ends -DLIVE -DNOBODY_ASKED
fails strip ends -DLIVE -DOTHERS_TAKE
holds segment_map safe
holds segment_map safe -DKILLS=2
holds segment_map safe -DKILLS=0 -DPRESS=2 -DLOSSES=1
holds segment_map safe -DKILLS=0 -DPRESS=2 -DRECORDS=1
holds segment_map safe -DKILLS=0 -DPRESS=2 -DSLOTS=2
holds segment_map safe -DRECORDS=0
holds segment_map ends
holds segment_map ends -DKILLS=0 -DDESTROYS=0 -DPUNCHES=2
holds segment_map ends -DRECORDS=0
fails segment_map safe -DVERSION_STAYS
fails segment_map safe -DLEAVES_UNSTORED
fails segment_map safe -DLOOKUP_WITHOUT_ROOM
fails segment_map safe -DBIT_WITH_RESULT
fails segment_map safe -DPROMISE_LOST
fails segment_map safe -DFORGET_BEFORE_EMPTY
fails segment_map safe -DDROP_LOST
fails segment_map safe -DDONE_WITH_BATCH
fails segment_map safe -DCOUNTS_TWICE
fails segment_map safe -DBATCH_ERASED_EARLY
fails segment_map safe -DPRESS=2 -DKILLS=0 -DROUNDS=2 -DSTORE_FREES
fails segment_map safe -DREUSED_EARLY
fails segment_map safe -DPUNCH_IGNORES_AWAY
fails segment_map safe -DPRESS=2 -DKILLS=0 -DADD_OVER_DROP
fails segment_map safe -DPRESS=2 -DKILLS=0 -DSWEPT_ONCE
fails segment_map safe -DLOSSES=1 -DANY_ROUND
fails segment_map safe -DRECORDS=0 -DNO_ERROR
fails segment_map ends -DRECORDS=0 -DNO_ERROR
holds shared_pages safe
holds shared_pages safe -DLOSSES=0 -DPRESS=1
holds shared_pages safe -DLOSSES=0 -DZEROS=1 -DDESTROYS=0
holds shared_pages safe -DLOSSES=0 -DOTHERS
holds shared_pages safe -DLOSSES=0 -DDESTROYS=0 -DPRESS=2 -DSLOTS=2
holds shared_pages ends -DLOSSES=0
fails shared_pages safe -DTAKEN_OVER_EARLY
fails shared_pages safe -DONLY_ACTIVE_COUNTS
fails shared_pages safe -DDROP_BEFORE_EMPTY
fails shared_pages safe -DCOUNTS_TWICE
fails shared_pages safe -DCARRIED_UNCOUNTED
fails shared_pages safe -DCARRIED_LEAKS
fails shared_pages safe -DSTALE_RECORD_LEFT
fails shared_pages safe -DLOSSES=0 -DDESTROYS=0 -DPRESS=3 -DID_IS_SLOT
fails shared_pages safe -DLOSSES=0 -DOTHERS -DROOM_AT_BREAK
fails shared_pages safe -DLOSSES=0 -DDESTROYS=0 -DROUNDS=2 -DWRITES_WITHOUT_BREAK
fails shared_pages ends -DLOSSES=0 -DDESTROYS=0 -DCOPY_WAITS_FOR_BOTH
holds segmap_restart safe
holds segmap_restart ends
fails segmap_restart safe -DRESTARTER_COLD
fails segmap_restart safe -DIMAGE_COLD
fails segmap_restart safe -DMAP_COLD
fails segmap_restart safe -DONE_THREAD
fails segmap_restart safe -DSHARED_LOCK
fails segmap_restart safe -DRESTARTER_ASKS
fails segmap_restart safe -DDEATH_UNTOLD
fails segmap_restart safe -DCALL_FORGOTTEN
holds window_slots ends -DFITS
holds window_slots ends -DFITS -DAT_ONCE=2
holds window_slots ends -DFITS -DG0=0 -DG1=0 -DFRAMES=2 -DWINDOWS=2
holds window_slots ends -DFITS -DDISK=0 -DFRAMES=6
holds window_slots ends -DDISK=0 -DFRAMES=5
holds window_slots ends -DDISK=1
holds window_slots ends -DDISK=1 -DPINS
holds window_slots ends -DFITS -DDISK=2
holds window_slots ends -DPINS
holds window_slots ends -DPINS -DWINDOWS=5
holds window_slots ends -DPINS -DWINDOWS=5 -DOWED_IS_EVICTED
fails window_slots ends -DWINDOWS=3
fails window_slots ends -DPINS -DWINDOWS=5 -DOWED_IS_EVICTED -DBY_MOTION
fails window_slots ends -DFITS -DEVICTION_NEEDS_WINDOW
fails window_slots ends -DFITS -DG0=0 -DG1=0 -DFRAMES=2 -DWINDOWS=2 -DALL_ADMITTED
fails window_slots ends -DFITS -DDISK=0 -DFRAMES=6 -DNO_GROWTH
fails window_slots ends -DDISK=0 -DFRAMES=5 -DNO_REFUSAL
fails window_slots ends -DDISK=0 -DFRAMES=5 -DOWED_IS_USED
fails window_slots ends -DDISK=1 -DOWED_IS_EVICTED
fails window_slots ends -DDISK=1 -DDISK_TO_THE_LAST
fails window_slots ends -DDISK=1 -DNO_ROOM_PROMISED
EOT
}

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder" || exit 1

# run MODEL FORMULA OPTIMISATION [-Dswitch...]: leaves holds, fails or broken in $is, and the output
# in the file log.
run() {
    model=$1 formula=$2 optimisation=$3
    shift 3
    compile="-DSAFETY -DNOCLAIM" options=''
    [ "$formula" = safe ] || { compile=-DNFAIR=4 options="-a -f -N $formula"; }
    rm -f pan pan.* ./*.trail
    # shellcheck disable=SC2086 # words on purpose
    spin "$@" -a "$here/$model.pml" >log 2>&1 && gcc "$optimisation" -w -DMEMLIM=1500 $compile -o pan pan.c >>log 2>&1 &&
        ./pan -m2000000 $options >log 2>&1
    is=broken
    if grep -q 'errors: 0' log && ! grep -qE 'truncated|out of memory|not completed|too small' log; then
        is=holds
    elif grep -qE 'assertion violated|acceptance cycle|invalid end state' log && grep -q 'errors: [1-9]' log; then
        is=fails
    fi
}

models=$(echo "${*:-rendezvous search transfer unmap_map steps rename split memory_call strip fault_depth segment_map shared_pages segmap_restart window_slots}" | tr ' ' '|')
echo "KTAP version 1"
echo "1..$(cases "$models" | wc -l)"
for tool in spin gcc; do
    command -v $tool >/dev/null || { echo "Bail out! $tool is missing"; exit 1; }
done
number=0 bad=0
while read -r verdict model formula switches; do
    number=$((number + 1)) wanted=fails optimisation=-O0
    [ "$verdict" != holds ] || { wanted=holds optimisation=-O1; }
    # shellcheck disable=SC2086 # words on purpose
    run "$model" "$formula" $optimisation $switches
    result=ok
    [ $is = $wanted ] || { result="not ok" bad=1; sed 's/^/# /' log; }
    states=$(awk '/states, stored/ { print $1 }' log)
    echo "$result $number - $model $formula${switches:+ $switches} $is, ${states:-no} states"
done <<EOT
$(cases "$models")
EOT
exit $bad
