/* SPDX-License-Identifier: BSD-2-Clause */
/* A space that is out is stripped of its tables and UTCB pages, and restored.
 *
 * Models kernel/l4/strip.c (space_strip, space_restore), fault_page and map_page as far as they
 * meet a stripped space, thread_delete, and what physmem does: it maps for a fault, takes pages
 * away, strips, and lends kernel pages.  Space: thread 0, paged by physmem, and thread 1, whose
 * pager thread 0 is.  Env is everybody else: servers that send and receive without patience, the
 * clock, ExchangeRegisters, and other users of kernel memory.  A kernel entry is atomic.  `word' is
 * what a UTCB holds; want[] what it would hold if nothing were ever stripped.
 * Proves, after every entry: who runs finds its UTCB as it would be without stripping; a message to
 * or from a thread of a stripped space needs no memory and is the right one; nothing is entered in
 * the directory that all stripped spaces share; a space comes back whole or not at all; kernel
 * pages and packed UTCBs are counted right, whoever is deleted when.  Under fairness: who is ready
 * runs (`ends'), if others leave alone what is lent for it.
 * Not in it: strings and transfers (such a space is refused), migration, several such spaces,
 * quotas.  tests/unit/kernel_ipc_test.c makes the same with the code.
 * Run: tests/model/check.sh strip.   Holds: 2 162 states, `ends' 3 376; all cases half a minute.
 * Fails when broken: -DRUNS_STRIPPED -DUTCB_STAYS -DONE_RESTORED -DHALF_RESTORED -DMAPS_FIRST
 * -DSTRIPS_MAPPED -DDELETE_LEAKS -DCR3_STAYS; `ends' (with -DLIVE): -DPAGER_HEARS -DNOBODY_ASKED
 * -DOTHERS_TAKE. */
#define NEED 2		/* pages: directory and tables, UTCBs */
#define TOTAL 3
#define EACH(i) i = 0; do :: i < 2 -> 
#define NEXT(i) ; i++ :: else -> i = 0; break od

mtype = { READY, RECEIVING, SENDING, FAULTING, FORWARDED, ASKING, DEAD };
mtype state[2] = READY;
bool in_kip[2];			/* READY: the next instruction is in the KIP */
bool stripped, mapped, shared_entered;
bool own_root[2] = true;	/* tcb.cr3 is that of the space's own directory */
byte page[2], pack[2], want[2];
byte free = TOTAL - NEED, others, packed;
bool hungry[2] = true;		/* ready, and has not run since */
byte i, act;
bool ok, lent;			/* lent: to restore the space, which has not been tried since */

#ifdef LIVE			/* a pager that waits for others may wait for ever */
#define MAY_SEND(t) (t == 1)
#else
#define MAY_SEND(t) true
#endif
#define word(t) (stripped -> pack[t] : page[t])
#define alive(t) (state[t] != DEAD)

inline check()
{
	assert(!shared_entered);
	assert(free + others + (stripped || (!alive(0) && !alive(1)) -> 0 : NEED) == TOTAL);
	assert(packed == (stripped -> alive(0) + alive(1) : 0));
	assert(!mapped || !stripped);
	assert(!alive(0) || own_root[0] == !stripped);
	assert(!alive(1) || own_root[1] == !stripped)
}

inline ready(t) { state[t] = READY; hungry[t] = true; if :: in_kip[t] = true :: in_kip[t] = false fi }

inline write(t, v)
{
	want[t] = v;
#ifdef UTCB_STAYS
	page[t] = v
#else
	if :: stripped -> pack[t] = v :: else -> page[t] = v fi
#endif
}

#ifdef HALF_RESTORED
#define ENOUGH (free > 0)
#else
#define ENOUGH (free >= NEED)
#endif

inline restore(for_whom)
{
	ok = ENOUGH; lent = false;
	if
	:: ok ->
		free = (free >= NEED -> free - NEED : 0);
		EACH(i)
			if
#ifdef ONE_RESTORED
			:: alive(i) && i == for_whom ->
#else
			:: alive(i) ->
#endif
				page[i] = pack[i]; pack[i] = 0
			:: else
			fi;
#ifdef CR3_STAYS
			own_root[i] = own_root[i] || i == for_whom
#else
			own_root[i] = true
#endif
		NEXT(i);
		packed = 0; stripped = false
	:: else
	fi
}

/* A thread that is ready is at user level. */
inline user_level(t)
{
	if
#ifdef RUNS_STRIPPED
	:: true ->
#else
	:: !stripped && (mapped || in_kip[t]) ->
#endif
		if
		:: in_kip[t] && !mapped -> in_kip[t] = false
		:: else ->
			hungry[t] = false; in_kip[t] = false;
			assert(page[t] == want[t]);
			if
			:: t == 0 && state[1] == FAULTING -> state[1] = FORWARDED
			:: else ->
				if
				:: state[t] = RECEIVING
				:: MAY_SEND(t) -> act = 1 - want[t]; write(t, act); state[t] = SENDING
				fi
			fi
		fi
#ifndef PAGER_HEARS
	:: stripped && in_kip[t] ->
		restore(t);
#ifdef NOBODY_ASKED
		if :: !ok -> state[t] = RECEIVING :: else fi	/* stopped: nobody wakes it for that */
#else
		if :: !ok -> state[t] = ASKING :: else fi
#endif
	:: (stripped || !mapped) && !in_kip[t] ->
#else
	:: stripped || (!mapped && !in_kip[t]) ->	/* nobody has a page for the KIP's address */
#endif
		state[t] = FAULTING;
		if
		:: t == 1 && state[0] == RECEIVING -> act = 1; write(0, act); ready(0)
		:: else
		fi
	fi
}

active [2] proctype Thread()
{
end:	do
	:: atomic { state[_pid] == READY -> user_level(_pid); act = 0; check() }
	od
}

inline lend() { act = (others < NEED - free -> others : NEED - free); free = free + act; others = others - act; act = 0; lent = true }

inline map_for(t)
{
#ifdef MAPS_FIRST
	if :: stripped -> shared_entered = true :: else fi;
#endif
	ok = true;
	if :: stripped -> restore(t) :: else fi;
	if
	:: ok -> mapped = true
	:: else -> lend()
	fi;
	state[t] = READY
}

#ifdef LIVE			/* who waits comes before evictions */
#define SERVED (state[0] != FAULTING && state[1] != FORWARDED && state[0] != ASKING && state[1] != ASKING)
#else
#define SERVED true
#endif
#define RESTS(t) (state[t] != READY)
#ifdef STRIPS_MAPPED
#define EMPTY true
#else
#define EMPTY !mapped
#endif

active proctype Physmem()
{
end:	do
	:: atomic { state[0] == FAULTING && !in_kip[0] -> map_for(0); check() }
	:: atomic { state[1] == FORWARDED && !in_kip[1] -> map_for(1); check() }
	:: atomic { state[0] == ASKING -> lend(); state[0] = READY; check() }
	:: atomic { state[1] == ASKING -> lend(); state[1] = READY; check() }
	:: atomic { mapped && RESTS(0) && RESTS(1) && SERVED -> mapped = false; check() }
	:: atomic { EMPTY && !stripped && RESTS(0) && RESTS(1) && (alive(0) || alive(1)) ->
		EACH(i)
			if :: alive(i) -> pack[i] = page[i]; page[i] = 0; packed++ :: else fi;
			own_root[i] = false
		NEXT(i);
		free = free + NEED; stripped = true; check() }
	od
}

inline delete(t)
{
	state[t] = DEAD; hungry[t] = false; in_kip[t] = false; want[t] = 0;
	page[t] = 0; pack[t] = 0;
#ifndef DELETE_LEAKS
	packed = (stripped -> packed - 1 : packed);
#endif
	if
	:: !alive(0) && !alive(1) ->
		mapped = false;
		if :: !stripped -> free = free + NEED :: else -> stripped = false fi
	:: else
	fi
}

active proctype Env()
{
	byte t;
end:	do
	:: atomic { if :: t = 0 :: t = 1 fi;
		if
		:: state[t] == RECEIVING -> act = 1 - want[t]; write(t, act); ready(t)	/* a message */
		:: state[t] == RECEIVING || state[t] == SENDING -> ready(t)	/* time-out, cancelled */
		:: state[t] == SENDING -> assert(word(t) == want[t]); ready(t)
#ifndef LIVE
		:: state[t] == FAULTING || state[t] == FORWARDED -> ready(t)	/* cancelled: faults again */
		:: alive(t) -> delete(t)
#endif
#if !defined(LIVE) || defined(OTHERS_TAKE)
		:: free > 0 -> free--; others++
#else
		:: free > 0 && !lent -> free--; others++
#endif
		:: others > 0 -> others--; free++
		:: else
		fi;
		t = 0; act = 0; check() }
	od
}

ltl ends { [] (hungry[0] -> <> !hungry[0]) && [] (hungry[1] -> <> !hungry[1]) }
