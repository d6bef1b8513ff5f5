#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A sector that cannot be read hits the task whose page lies there, and nobody else; a sector that
# cannot be written hits nobody.
. tests/system/common/functions

# boot IOTYPE SECTOR ROWS...: the machine's console goes to $folder/out.
boot() {
    iotype=$1
    sector=$2
    shift 2
    tools/mkswap "$folder/disk" 64 >"$folder/out" 2>&1 || return 1
    printf '[inject-error]\nevent = "none"\niotype = "%s"\nerrno = "5"\nsector = "%s"\nonce = "off"\n' "$iotype" "$sector" \
        >"$folder/errors"
    bad="if=none,id=bad,driver=blkdebug,config=$folder/errors,image.driver=raw,image.file.driver=file"
    bad="$bad,image.file.filename=$folder/disk,rerror=report,werror=report"
    run_mechanism "--mem 16 --swap 0 --qemu=-drive --qemu=$bad --qemu=-device --qemu=ide-hd,drive=bad,bus=ide.0,unit=0" \
        "$@" >"$folder/out" 2>&1
}

plan 6
boot read 320 with-swap B8_swap_finish_a_read_error
result $? "a read error hits one task"
check "the driver reports it" grep -q "ata: ide0 unit 0: read of page 40 failed" "$folder/out"
grep -q "ok 1 B8_swap_finish_a_read_error_hits_one_task$" "$folder/out"
result $? "the page that failed was the task's"
boot write 320 with-swap A1
result $? "a write error loses nothing"
check "the driver reports that too" grep -q "ata: ide0 unit 0: write of page 40 failed" "$folder/out"
boot read 0 A20
grep -q "A20_simple_task_swapped_whole # SKIP machine: no swap disk" "$folder/out"
result $? "a disk whose header cannot be read is not used"
