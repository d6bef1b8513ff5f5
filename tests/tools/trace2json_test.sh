#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel's trace as Chrome trace JSON.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}
# holds NAME EXPRESSION: true of the list `events' in the JSON.
holds() {
    python3 - "$folder/json" "$2" <<'PY'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
def named(name, phase=None):
    return [e for e in events if e["name"] == name and phase in (None, e["ph"])]
sys.exit(0 if eval(sys.argv[2]) else 1)
PY
    result $? "$1"
}

# A fault of thread d0002 (no. 52, task 2), answered by its pager 100003 (no. 64, task 3); 10 stamps
# are a microsecond.
cat >"$folder/log" <<'LOG'
noise
trace begin count=1 start=0 stamp=100 us=10
trace 0 000000001 0 mark thread=d0002 word=1 ip=2
trace end
kdb> trace dump
trace begin count=9 start=64 stamp=2774 us=3e8
trace 1 000000064 0 switch from=0 to=d0002 partner=0 state=idle
more noise: trace 3 x
trace 2 0000000c8 0 fault thread=d0002 address=5000 ip=2000 access=write
trace 3 00000012c 0 ipc from=d0002 to=100003 tag=ffe20002 what=fault
trace 4 000000190 0 switch from=d0002 to=100003 partner=100003 state=receiving
trace 5 0000001f4 0 map thread=d0002 to=500c from=9000 rights=rwx
trace 6 000000258 0 ipc from=100003 to=d0002 tag=80 what=user
trace 7 0000002bc 0 switch from=100003 to=d0002 partner=0 state=receiving
trace 8 000000320 0 interrupt thread=d0002 line=4
trace 9 000000320 0 ipc-error thread=d0002 error=4 what=user
trace end
kdb> 
LOG
sed -i 's/$/\r/' "$folder/log"

echo "KTAP version 1"
echo "1..10"
tools/trace2json "$folder/log" "$folder/json" 2>"$folder/said" && grep -q '9 events, 1 older' "$folder/said"
result $? "converts the last dump of a log"
holds "every event has phase, process and row" 'all({"ph", "pid", "tid"} <= set(e) for e in events)'
holds "times are microseconds from the start" 'named("fault 5000")[0]["ts"] == 10 and named("fault 5000")[0]["dur"] == 40'
holds "a fault ends with the answer" 'named("fault 5000")[0]["args"] == {"access": "write", "answered_by": "100003"}'
holds "threads run in slices" '[(e["ts"], e["dur"]) for e in named("runs") if e["pid"] == 3] == [(0, 30), (60, 10)]'
holds "waiting is a slice, with its partner" 'named("receiving 100003")[0]["ts"] == 30 and named("receiving 100003")[0]["dur"] == 30'
holds "each message has an arrow" 'len([e for e in events if e["ph"] == "s"]) == 2 == len([e for e in events if e["ph"] == "f"])'
holds "tasks and threads have names" '{e["args"]["name"] for e in events if e["ph"] == "M"} >= {"task 2", "task 3", "thread 52 (d0002)", "processor"}'
holds "other events are marks" 'named("map", "i") and named("interrupt", "i") and named("ipc-error", "i")[0]["args"]["error"] == "4" and not named("mark")'
echo nothing >"$folder/log"
! tools/trace2json "$folder/log" "$folder/json" 2>"$folder/said" && grep -q 'no trace' "$folder/said"
result $? "says so if there is no trace"
