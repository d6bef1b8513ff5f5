/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared pages: copied, broken, zeroed, dropped, evicted, while their windows are in or out.
 *
 * Two containers, each a window of one page; one shared id, used again at once, whose resident
 * record has a count of holders and a place, a frame or a slot.  Three swap slots; SLOTS windows
 * fit into physmem; ROOM pages are promised.  COPY takes a reference at the source, which the
 * parked caller holds, and then puts it into the destination; the caller may be killed in
 * between, and either container zeroed or destroyed and made again.  Two threads read and write.
 * segmap does a call in two steps, its commit and its result; LOSSES times the result is lost,
 * as when it is killed (segment_map.pml is about that).  ZEROS, DESTROYS, COPIES, PRESS
 * (evictions) are budgets.
 * Proves: everybody reads what was last written there; slots and id are freed once, and never
 * while named; no break is ever refused; at rest counts, room, windows and map agree; every
 * fault and every COPY ends (ltl ends, weak fairness).
 * Assumes: as segment_map.pml; a page that is read in gives its slot up.
 * Not in it: records of ids that are not resident, reading errors, text that promises nothing.
 * Run: tests/model/check.sh shared_pages.   Holds: 420 600 states, 2 s; ends: 382 324.
 * Fails when broken: the rules that check.sh names, each with the switches that show it. */
#ifndef SLOTS
#define SLOTS 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef COPIES
#define COPIES 1
#endif
#ifndef DESTROYS
#define DESTROYS 1
#endif
#ifndef ZEROS
#define ZEROS 0
#endif
#ifndef PRESS
#define PRESS 0
#endif
#ifndef ROOM
#define ROOM 2
#endif
#define SHARED 7
#define FRAME 8
#define HOLE 9			/* what a COPY carries of a hole */

mtype = { ABSENT, ACTIVE, LEAVING };
mtype = { NOTHING, LOOKUP, STORE, DROP };
mtype window[2] = ABSENT;
byte entry[2];			/* 0, a slot, SHARED, FRAME */
bool changed[2], storing[2], recorded[2], no_records[2] = true, alive[2] = true, drop[2];
byte free_windows = SLOTS, room = ROOM;
bool used[4];
byte holders, place;		/* of the id */
bool faults[2], writes[2];	/* the thread of a container */
bool copies[2];			/* COPY waits for the window */
byte carried;			/* by the caller of COPY: 0, SHARED, HOLE */
bool copying;

mtype kind = NOTHING;		/* the call in hand */
byte what, message;
bool committed;
byte map[2], batch, batch_of, number, counted;
bool reported;

byte truth[2], value[2];	/* where a page is, and what was last written there */
byte private[2], shared;	/* what frame or slot hold */
byte losses = LOSSES, press = PRESS;
byte x;				/* of the inlines: 0 in between */

#define waited_for(w) (alive[w] && (faults[w] || copies[w]))
#define missing(w) (waited_for(w) && window[w] == ABSENT)
#define short (free_windows == 0 && kind != LOOKUP && (missing(0) || missing(1)))
#define present(w) (window[w] != ABSENT)

inline change(w) { changed[w] = true; storing[w] = false }

inline free_slot(n)
{
	assert(used[n] && truth[0] != n && truth[1] != n && place != n);
	used[n] = false
}

inline take_slot(where)
{
	if
	:: !used[1] -> where = 1
	:: used[1] && !used[2] -> where = 2
	:: used[1] && used[2] && !used[3] -> where = 3
	fi;
	used[where] = true
}

inline put()			/* a reference */
{
	assert(holders > 0);
	holders--;
	if
	:: holders == 0 ->
		assert(truth[0] != SHARED && truth[1] != SHARED && carried != SHARED);
		x = place; place = 0; shared = 0;
		if :: x != FRAME -> free_slot(x) :: else fi;
		x = 0
	:: else
	fi
}

inline forget(w)
{
	window[w] = ABSENT; free_windows++; entry[w] = 0; changed[w] = false; storing[w] = false; recorded[w] = false
}

inline clear(w)			/* the page of a window that is there */
{
	x = entry[w]; entry[w] = 0; truth[w] = 0; value[w] = 0; private[w] = 0;
	if :: x != 0 -> room++ :: else fi;
	if
	:: x == SHARED -> x = 0; put()
	:: x > 0 && x < SHARED -> free_slot(x)
	:: else
	fi;
	x = 0
}

inline break_shared(w)		/* a private copy; whoever is alone takes it over */
{
#ifdef ROOM_AT_BREAK
	if :: holders > 1 -> assert(room > 0); room-- :: else fi;
#endif
	private[w] = shared; entry[w] = FRAME; truth[w] = FRAME; change(w);
#ifdef TAKEN_OVER_EARLY
	holders = 1;
#endif
	put()
}

inline bring_in(w)
{
	assert(entry[w] == truth[w]);
	if
	:: entry[w] == 0 && room > 0 -> room--; entry[w] = FRAME; truth[w] = FRAME; change(w)
	:: entry[w] == 0 && room == 0 -> writes[w] = false	/* refused, but not at a break */
	:: entry[w] == SHARED && place != FRAME -> x = place; place = FRAME; free_slot(x); x = 0
	:: entry[w] == SHARED && place == FRAME
	:: entry[w] == FRAME
	:: entry[w] > 0 && entry[w] < SHARED ->
		x = entry[w]; entry[w] = FRAME; truth[w] = FRAME; free_slot(x); x = 0; change(w)
	fi
}

inline touch(w)
{
	window[w] = ACTIVE; faults[w] = false;
	bring_in(w);
	if
	:: entry[w] == SHARED -> assert(shared == value[w])
	:: entry[w] == FRAME -> assert(private[w] == value[w])
	:: else
	fi;
	if
	:: writes[w] && entry[w] != 0 ->
		value[w] = (value[w] + 1) % 3;
#ifdef WRITES_WITHOUT_BREAK
		if :: entry[w] == SHARED -> shared = value[w] :: else -> private[w] = value[w] fi
#else
		if :: entry[w] == SHARED -> break_shared(w) :: else fi;
		private[w] = value[w]
#endif
	:: else
	fi;
	writes[w] = false
}

inline spend() { if :: !short -> press-- :: else fi }

inline leave(w)
{
#ifdef ONLY_ACTIVE_COUNTS
	if :: entry[w] == SHARED -> put() :: else fi;
#endif
	if :: changed[w] -> window[w] = LEAVING :: else -> forget(w) fi
}

inline hand_out(kd, w) { kind = kd; what = w }
inline over() { kind = NOTHING; what = 0; message = 0; committed = false }

inline store(w)
{
	message = entry[w]; storing[w] = true; no_records[w] = false; recorded[w] = true;
#ifdef ID_IS_SLOT
	if :: message == SHARED && place != FRAME -> message = place :: else fi;
#endif
	hand_out(STORE, w)
}

inline serve(w)
{
	if
	:: atomic { faults[w] && !alive[w] -> faults[w] = false; writes[w] = false }
	:: atomic { faults[w] && alive[w] && present(w) -> touch(w) }
	:: atomic { missing(w) && no_records[w] && free_windows > 0 -> free_windows--; window[w] = ACTIVE }
	:: atomic { (short || press) && present(w) && entry[w] == FRAME && !faults[w] ->
		spend(); take_slot(entry[w]); truth[w] = entry[w]; change(w) }
	:: atomic { (short || press) && window[w] == ACTIVE && entry[w] != FRAME && !waited_for(w) ->
		spend(); leave(w) }
	:: atomic { kind == NOTHING && window[w] == LEAVING && !waited_for(w) -> store(w) }
	:: atomic { kind == NOTHING && missing(w) && !no_records[w] && !drop[w] && free_windows > 0 ->
		free_windows--; hand_out(LOOKUP, w) }
#ifdef DROP_BEFORE_EMPTY
	:: atomic { kind == NOTHING && drop[w] -> hand_out(DROP, w) }
#else
	:: atomic { kind == NOTHING && drop[w] && !present(w) -> hand_out(DROP, w) }
#endif
	fi
}

proctype Physmem(byte w)
{
end:	do
	:: serve(w)
	:: atomic { w == 0 && press && place == FRAME -> press--; take_slot(place) }	/* alone */
	od
}

/* ---- segmap, with the results at physmem ---- */

inline count_batch()
{
	if
#ifdef COUNTS_TWICE
	:: true ->
#else
	:: number != counted ->
#endif
		counted = number; room++;
		if :: batch == SHARED -> put() :: else -> free_slot(batch) fi
	:: else
	fi
}

inline result()
{
	if
	:: kind == LOOKUP && (!alive[what] || drop[what]) -> free_windows++
	:: kind == LOOKUP && alive[what] && !drop[what] ->
		window[what] = ACTIVE; entry[what] = message; recorded[what] = message != 0;
		assert(message == truth[what])
	:: kind == STORE && storing[what] && window[what] == LEAVING -> forget(what)
	:: kind == STORE && storing[what] && window[what] == ACTIVE -> changed[what] = false; storing[what] = false
	:: kind == DROP -> drop[what] = false
	:: else
	fi;
	over()
}

active proctype Segmap()
{
end:	do
	:: atomic { kind == LOOKUP && !committed -> message = map[what]; committed = true }
	:: atomic { kind == STORE && !committed -> map[what] = message; committed = true }
	:: atomic { kind == DROP && !committed && batch == 0 && map[what] != 0 -> batch = map[what]; map[what] = 0; number = 1 - number }
	:: atomic { kind == DROP && !committed && batch == 0 && map[what] == 0 -> committed = true }
	:: atomic { batch && !reported -> count_batch(); reported = true }
	:: atomic { reported -> batch = 0; reported = false }
	:: atomic { committed && batch == 0 -> result() }
	od
}

active proctype Killer()
{
end:	do
	:: atomic { losses > 0 && (kind != NOTHING || batch) -> losses--; reported = false;
		if :: kind == LOOKUP -> free_windows++ :: kind == STORE -> storing[what] = false :: else fi;
		over() }
	od
}

/* ---- the owners ---- */

inline zero(w)
{
	if
	:: present(w) -> clear(w); change(w)
	:: !present(w) && !no_records[w] -> truth[w] = 0; value[w] = 0; private[w] = 0; drop[w] = true
	:: else
	fi
}

inline destroy(w)
{
	alive[w] = false; drop[w] = !no_records[w];
	if
	:: !present(w) -> truth[w] = 0; value[w] = 0; private[w] = 0
	:: present(w) && recorded[w] && !changed[w] -> truth[w] = 0; value[w] = 0; private[w] = 0; forget(w)
	:: else ->
		clear(w); change(w);
#ifdef STALE_RECORD_LEFT
		forget(w)
#else
		if :: recorded[w] -> window[w] = LEAVING :: else -> forget(w) fi
#endif
	fi
}

active proctype Owner()
{
	byte destroys = DESTROYS, zeros = ZEROS, w;
end:	do
	:: atomic { destroys > 0 -> destroys--; if :: w = 0 :: w = 1 fi; if :: alive[w] -> destroy(w) :: else fi; w = 0 }
	:: atomic { zeros > 0 -> zeros--; if :: w = 0 :: w = 1 fi; if :: alive[w] && !drop[w] -> zero(w) :: else fi; w = 0 }
	:: atomic { !alive[0] && !drop[0] && !present(0) -> alive[0] = true; no_records[0] = true }
	:: atomic { !alive[1] && !drop[1] && !present(1) -> alive[1] = true; no_records[1] = true }
	od
}

#ifdef CARRIED_UNCOUNTED
#define CARRIED 0
#else
#define CARRIED 1
#endif

inline take(w)			/* one more reference, of the caller */
{
	window[w] = ACTIVE;
	assert(entry[w] == truth[w]);
	if
	:: entry[w] == 0 -> carried = HOLE
	:: entry[w] != 0 && (room == 0 || (entry[w] != SHARED && holders > 0)) -> carried = 0	/* refused */
	:: entry[w] == SHARED && room > 0 -> holders = holders + CARRIED; room--; carried = SHARED; cv = value[w]
	:: entry[w] != 0 && entry[w] != SHARED && room > 0 && holders == 0 ->
		place = entry[w]; shared = private[w]; private[w] = 0; holders = 1 + CARRIED;
		entry[w] = SHARED; truth[w] = SHARED; change(w);
		room--; carried = SHARED; cv = value[w]
	fi
#ifdef ROOM_AT_BREAK
	; if :: carried == SHARED -> room++ :: else fi
#endif
}

inline put_back()
{
	if
	:: carried == SHARED -> carried = 0; room++;
		if :: CARRIED -> put() :: else fi
	:: else -> carried = 0
	fi
}

inline install(w)
{
	window[w] = ACTIVE;
	if
	:: carried == SHARED -> clear(w); entry[w] = SHARED; truth[w] = SHARED; value[w] = cv; change(w);
		if :: CARRIED -> skip :: else -> holders++ fi
	:: carried == HOLE -> clear(w); change(w)
	:: else
	fi;
	carried = 0
}

#define refused (!alive[0] || !alive[1])
active proctype Copier()
{
	byte n = COPIES, from, cv;
	do
	:: n > 0 -> atomic { n--; if :: from = 0 :: from = 1 fi; copying = true; copies[from] = true;
#ifdef COPY_WAITS_FOR_BOTH
		copies[1 - from] = true
#endif
		};
#ifdef COPY_WAITS_FOR_BOTH
		if
		:: atomic { refused -> copies[0] = false; copies[1] = false }
		:: atomic { !refused && present(0) && present(1) -> copies[0] = false; copies[1] = false; take(from); install(1 - from) }
		fi;
#else
		if
		:: atomic { refused -> copies[from] = false }
		:: atomic { !refused && present(from) -> take(from); copies[from] = false; copies[1 - from] = true };
			if
			:: atomic { refused -> copies[1 - from] = false; put_back() }
			:: atomic { !refused && present(1 - from) -> install(1 - from); copies[1 - from] = false }
			:: atomic { copies[1 - from] = false;		/* the caller is killed */
#ifdef CARRIED_LEAKS
				carried = 0
#else
				put_back()
#endif
				}
			fi
		fi;
#endif
		atomic { copying = false; from = 0; cv = 0 }
	:: n == 0 -> break
	od
}

#ifdef OTHERS
active proctype Others()	/* take room whenever there is some */
{
end:	do
	:: atomic { room > 0 -> room-- }; atomic { room++ }
	od
}
#endif

proctype Thread(byte me)
{
	byte n = ROUNDS;
	do
	:: n > 0 -> atomic { n--; if :: writes[me] = true :: true fi; faults[me] = true }; !faults[me]
	:: n == 0 -> break
	od
}

#define named(n) (truth[0] == n || truth[1] == n || place == n)
active proctype Check()		/* whenever nothing is on its way */
{
end:	atomic { kind == NOTHING && batch == 0 && !drop[0] && !drop[1] && carried == 0 && !copying ->
		assert(used[1] == named(1) && used[2] == named(2) && used[3] == named(3));
		assert(holders == (truth[0] == SHARED) + (truth[1] == SHARED) && (holders == 0) == (place == 0));
		assert(free_windows + present(0) + present(1) == SLOTS);
		assert(present(0) || map[0] == truth[0]);
		assert(present(1) || map[1] == truth[1]);
#if !defined OTHERS && !defined ROOM_AT_BREAK
		assert(room + (truth[0] != 0) + (truth[1] != 0) == ROOM);
#endif
	}
}

init { atomic { run Thread(0); run Thread(1); run Physmem(0); run Physmem(1) } }

ltl ends { [] ((faults[0] -> <> !faults[0]) && (faults[1] -> <> !faults[1]) && (copying -> <> !copying)) }
