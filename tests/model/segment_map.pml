/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows, their records and DROPs, between physmem and a segmap that may be killed at any step.
 *
 * Models servers/segmap (serve.c: segmap_step; map.c: map_store, map_drop, map_batch_counted)
 * with physmem's calls for it, servers/physmem/segmap_calls (segmap_hand_out, segmap_on_pull).
 * One container number with pages 0 and 1 (window 0) and 2 (window 1), four swap slots, SLOTS
 * windows fit into physmem.  A message brings segmap up to two calls; its next pull has the
 * results of the first few of them, all others are open again.  So a restart is a pull without
 * results.  A window that is handed out to be stored gets a version, and loses it whenever it is
 * found for use; it goes when its record with the version that it still has is stored.  Two
 * threads read and write; pages leave when a window must go, and PRESS times out of the blue;
 * one PUNCH and one DESTROY at any time, the number is used again; KILLS times segmap is killed,
 * LOSSES times a reply does not reach it and it sends its old results once more; RECORDS windows
 * fit into the map.
 * Proves: a LOOKUP brings the truth; a slot is freed once, never while it is named; a number is
 * used again when nothing of the old container is left; at rest nothing has leaked, and map,
 * windows and counters agree; an error is given only while the map is full; every fault and
 * every PUNCH ends (ltl ends, weak fairness).
 * Assumes: a commit is a step (tests/unit/segmap_map_test.c); transfers are a step; a dirty page
 * loses its slot at once.
 * Not in it: frames, shared pages, which windows go first, that tables for windows can grow,
 * segmap's own faults (segmap_restart.pml).
 * Run: tests/model/check.sh segment_map.   Holds: 562 331 states, 4 s; ends: 1 239 506 states.
 * Fails when broken: the rules that check.sh names, each with the switches that show it. */
#ifndef SLOTS
#define SLOTS 1
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef LOSSES
#define LOSSES 0
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef PRESS
#define PRESS 0
#endif
#ifndef RECORDS
#define RECORDS 2
#endif
#ifndef PUNCHES
#define PUNCHES 1
#endif
#ifndef DESTROYS
#define DESTROYS 1
#endif
#define FRAME 9
#define USED 0
#define window_of(p) ((p) / 2)

mtype = { ABSENT, HERE, AWAY };			/* a window: all its pages are holes; in physmem; in the map */
mtype = { NOTHING, LOOKUP, STORE, DROP, FORGET };
mtype = { OPENS, SENDS, WAITS, WORKS };		/* segmap */
mtype = { DONE, MORE, FULL };			/* results */

/* physmem */
mtype window[2] = ABSENT;
byte entry[3];			/* 0: a hole; or a slot, even of a page that is in memory */
bool in[3];
byte version[2], sequence;	/* USED, or which hand-out of a STORE */
byte free_windows = SLOTS;
bool used[5];			/* slots of the disk, from 1 on */
byte charged;			/* slots of the container, counted in its header */
bool alive = true, recorded;	/* the map may have records of the container */
byte drop;			/* the table of DROPs: a bit for each window */
byte punching;			/* a PUNCH waits for a window: page + 1 */
bool map_full;
byte waits[2];			/* a thread, for page + 1 */
bool writes[2];
mtype kind[2] = NOTHING;	/* the calls handed out, and on what */
byte what[2], as[2], handed, round, counted;	/* as: the version of a STORE */
bool parked;			/* a pull of segmap's */
byte message[3];		/* entries: those of a STORE as handed out, those that a LOOKUP found */

/* what survives segmap: the map and its batch */
byte map[3], batch, number;

/* segmap */
mtype task = OPENS;
byte my_round, results;		/* how many calls are answered */
mtype result[2] = DONE;
bool reported;			/* the pull on its way has the batch in it */
#ifdef BATCH_ERASED_EARLY
byte erased;			/* of the map, before physmem has counted it */
#endif

byte truth[3];			/* where the contents of a page are */
byte kills = KILLS, losses = LOSSES, press = PRESS;
byte i, p, s;			/* of the inlines: 0 in between */

#define wants(page, w) (page && window_of(page - 1) == w)
#define needs(w) (alive && (wants(waits[0], w) || wants(waits[1], w) || wants(punching, w)))
#define none_in(w) (w == 0 -> !in[0] && !in[1] : !in[2])
#define is_handed(kd, w) ((kind[0] == kd && what[0] == w) || (kind[1] == kd && what[1] == w))
#define looking (kind[0] == LOOKUP || kind[1] == LOOKUP)
#define missing(w) (needs(w) && window[w] != HERE)
#define short (free_windows == 0 && !looking && (missing(0) || missing(1)))

/* ---- physmem: entries and windows ---- */

inline use(w)			/* whoever finds a window may change it */
{
#ifndef VERSION_STAYS
	version[w] = USED
#else
	skip
#endif
}

inline free_slot(n)
{
	assert(used[n] && truth[0] != n && truth[1] != n && truth[2] != n);
	used[n] = false; charged--
}

inline take_slot(n)
{
	if
	:: !used[1] -> s = 1
	:: used[1] && !used[2] -> s = 2
	:: used[1] && used[2] && !used[3] -> s = 3
	:: used[1] && used[2] && used[3] && !used[4] -> s = 4
	fi;
	used[s] = true; entry[n] = s; truth[n] = s; s = 0; charged++
}

inline clear(n)			/* the page is a hole from now on */
{
	in[n] = false; truth[n] = 0;
	if :: entry[n] != 0 -> s = entry[n]; entry[n] = 0; free_slot(s); s = 0 :: else fi
}

inline touch(t)
{
	p = waits[t] - 1;
	use(window_of(p));
	assert(in[p] || truth[p] == entry[p]);
	if :: !in[p] && entry[p] == 0 -> truth[p] = FRAME :: else fi;
	in[p] = true;
	if
	:: writes[t] && entry[p] != 0 -> s = entry[p]; entry[p] = 0; truth[p] = FRAME; free_slot(s); s = 0
	:: else
	fi;
	waits[t] = 0; writes[t] = false; p = 0
}

inline swap_out(n)
{
	if :: entry[n] == 0 -> take_slot(n) :: else fi;
	use(window_of(n)); in[n] = false
}

inline become(w, state)		/* it takes no memory any more, and its entries are not here */
{
	window[w] = state; free_windows++; version[w] = USED;
	if :: w == 0 -> entry[0] = 0; entry[1] = 0 :: else -> entry[2] = 0 fi
}

/* Goes by itself, or because others need the room; a thread that waits keeps its window. */
#define may_go(w) (alive && (short || press) && window[w] == HERE && !needs(w))
inline spend() { if :: !short -> press-- :: else fi }

/* ---- physmem: the calls ---- */

inline hand_out(kd, w) { kind[handed] = kd; what[handed] = w; handed++ }

#define free_in_message (parked && handed < 2)
#define can_store(w) (may_go(w) && none_in(w) && !map_full && !is_handed(STORE, w))
#ifdef LOOKUP_WITHOUT_ROOM
#define room_for_lookup true
#else
#define room_for_lookup (free_windows > 0)
#endif
#define dropped_over(w) ((drop >> w) & 1)
#define can_look_up(w) (needs(w) && window[w] == AWAY && room_for_lookup && !is_handed(LOOKUP, w))
#define can_drop (drop && !is_handed(DROP, 0))
#ifdef FORGET_BEFORE_EMPTY	/* while windows of the container still are away */
#define can_forget (!alive && recorded && !is_handed(FORGET, 0))
#else
#define can_forget (!alive && recorded && !is_handed(FORGET, 0) && window[0] == ABSENT && window[1] == ABSENT)
#endif

inline store(w)
{
	if :: w == 0 -> message[0] = entry[0]; message[1] = entry[1] :: else -> message[2] = entry[2] fi;
#ifndef BIT_WITH_RESULT
	recorded = true;
#endif
	sequence = sequence % 3 + 1; version[w] = sequence; as[handed] = sequence; hand_out(STORE, w)
}

inline look_up(w) { if :: free_windows > 0 -> free_windows-- :: else fi; hand_out(LOOKUP, w) }

/* The reply; nobody may be there any more. */
inline reply()
{
	parked = false; round = round % 2 + 1;
	if
	:: task != WAITS
	:: task == WAITS -> task = WORKS; my_round = round; results = 0; result[0] = DONE; result[1] = DONE
	:: task == WAITS && losses > 0 -> losses--; task = SENDS
	fi
}

inline added(w)
{
	if
#ifndef ADD_OVER_DROP
	:: dropped_over(w) -> free_windows++	/* refused; asked again if it is still wanted */
#endif
	:: else ->
#ifdef ADD_OVER_DROP
		if :: window[w] != AWAY -> free_windows++ :: else
#else
		assert(window[w] == AWAY);
		if :: true
#endif
		-> window[w] = HERE; use(w);
		if
		:: w == 0 -> entry[0] = message[0]; entry[1] = message[1];
			assert(!alive || (truth[0] == entry[0] && truth[1] == entry[1]))
		:: else -> entry[2] = message[2]; assert(!alive || truth[2] == entry[2])
		fi fi
	fi
}

inline stored(w, v)
{
	if
	:: result[i] == FULL -> map_full = true	/* until something is deleted */
	:: result[i] != FULL && alive && window[w] == HERE && none_in(w) && version[w] == v ->
#ifdef BIT_WITH_RESULT
		recorded = true;
#endif
		become(w, AWAY)
	:: else
	fi
}

inline dropped()
{
	if
#ifdef DONE_WITH_BATCH
	:: true ->
#else
	:: result[i] == DONE ->
#endif
		map_full = false;
		if
		:: kind[i] == DROP ->
			if :: dropped_over(0) && window[0] == AWAY -> window[0] = ABSENT :: else fi;
			if :: dropped_over(1) && window[1] == AWAY -> window[1] = ABSENT :: else fi;
			drop = 0
		:: else -> recorded = false
		fi
	:: else
	fi
}

inline without_result(n)
{
	if
#ifndef PROMISE_LOST
	:: kind[n] == LOOKUP -> free_windows++
#endif
#ifdef DROP_LOST
	:: kind[n] == DROP -> drop = 0; window[0] = ABSENT; window[1] = ABSENT
	:: kind[n] == FORGET -> recorded = false
#endif
	:: else
	fi
}

inline count_slot(n) { if :: (batch >> n) & 1 -> free_slot(n) :: else fi }

inline count_batch()
{
	if
#ifdef COUNTS_TWICE
	:: reported ->
#else
	:: reported && number != counted ->
#endif
		counted = number; count_slot(1); count_slot(2); count_slot(3); count_slot(4)
	:: else
	fi
}

inline on_pull()
{
	count_batch();
	do
	:: i < handed ->
		if
#ifdef ANY_ROUND
		:: i < results ->
#else
		:: i < results && my_round == round ->
#endif
			if
			:: kind[i] == LOOKUP -> added(what[i])
			:: kind[i] == STORE -> stored(what[i], as[i])
			:: else -> dropped()
			fi
		:: else -> without_result(i)
		fi;
		kind[i] = NOTHING; what[i] = 0; as[i] = 0; i++
	:: else -> break
	od;
	i = 0; handed = 0; message[0] = 0; message[1] = 0; message[2] = 0; parked = true
}

/* A window is made for what has been a hole. */
#define can_make(w) (needs(w) && window[w] == ABSENT && free_windows > 0)
#define refuse(t) (map_full && free_windows == 0 && waits[t] && alive && window[window_of(waits[t] - 1)] != HERE)

#ifdef SWEPT_ONCE		/* what comes back behind the sweep stays */
bool swept;
#define sweeps(w) (!alive && window[w] == HERE && !swept)
#else
#define sweeps(w) (!alive && window[w] == HERE && drop == 0)
#endif

active proctype Physmem()
{
end:	do
	:: atomic { waits[0] && !alive -> waits[0] = 0; writes[0] = false }
	:: atomic { waits[1] && !alive -> waits[1] = 0; writes[1] = false }
	:: atomic { waits[0] && alive && window[window_of(waits[0] - 1)] == HERE -> touch(0) }
	:: atomic { waits[1] && alive && window[window_of(waits[1] - 1)] == HERE -> touch(1) }
	:: atomic { can_make(0) -> window[0] = HERE; use(0); free_windows-- }
	:: atomic { can_make(1) -> window[1] = HERE; use(1); free_windows-- }
	/* room */
	:: atomic { may_go(0) && in[0] -> spend(); swap_out(0) }
	:: atomic { may_go(0) && in[1] -> spend(); swap_out(1) }
	:: atomic { may_go(1) && in[2] -> spend(); swap_out(2) }
#ifdef LEAVES_UNSTORED
	:: atomic { may_go(0) && none_in(0) -> spend(); become(0, AWAY) }
	:: atomic { may_go(1) && none_in(1) -> spend(); become(1, AWAY) }
#endif
#ifndef NO_ERROR
	/* No window can go, since the map is full: a window that is not there is refused. */
	:: atomic { refuse(0) -> waits[0] = 0; writes[0] = false }
	:: atomic { refuse(1) -> waits[1] = 0; writes[1] = false }
	:: atomic { map_full && free_windows == 0 && punching && window[window_of(punching - 1)] == AWAY -> punching = 0 }
#endif
	/* a container that ends: what is here goes, what is away is dropped */
	:: atomic { sweeps(0) -> clear(0); clear(1); become(0, ABSENT) }
	:: atomic { sweeps(1) -> clear(2); become(1, ABSENT) }
	:: atomic { !alive && drop == 0 && (window[0] == AWAY || window[1] == AWAY) -> drop = (window[0] == AWAY) + 2 * (window[1] == AWAY) }
#ifdef SWEPT_ONCE
	:: atomic { !alive && !swept && window[0] != HERE && window[1] != HERE -> swept = true }
#endif
	/* calls, of which those that are open now can be in one message */
	:: atomic { free_in_message && can_store(0) -> spend(); store(0) }
	:: atomic { free_in_message && can_store(1) -> spend(); store(1) }
	:: atomic { free_in_message && can_look_up(0) -> look_up(0) }
	:: atomic { free_in_message && can_look_up(1) -> look_up(1) }
	:: atomic { free_in_message && can_drop -> hand_out(DROP, 0) }
	:: atomic { free_in_message && can_forget -> hand_out(FORGET, 0) }
	:: atomic { parked && handed > 0 -> reply() }
	od
}

/* ---- segmap ---- */

inline delete(n)		/* with the commit that deletes it, its slot is in the batch */
{
	if
	:: map[n] != 0 ->
		if :: batch == 0 -> number = 1 - number :: else fi;
		batch = batch | (1 << map[n]); map[n] = 0; result[results] = MORE
	:: else
	fi
}

inline drop_some()
{
	if
	:: batch != 0 -> result[results] = MORE	/* one batch at a time */
	:: batch == 0 && kind[results] == FORGET -> map[0] = 0; map[1] = 0; map[2] = 0
	:: batch == 0 && kind[results] == DROP && dropped_over(0) && (map[0] != 0 || map[1] != 0) -> delete(0); delete(1)
	:: batch == 0 && kind[results] == DROP && !(dropped_over(0) && (map[0] != 0 || map[1] != 0)) ->
		if :: dropped_over(1) -> delete(2) :: else fi
	fi
}

#define records ((map[0] || map[1]) + (map[2] != 0))
inline store_record(w)
{
	if
	:: w == 0 && records == RECORDS && map[0] == 0 && map[1] == 0 && (message[0] || message[1]) -> result[results] = FULL
	:: w == 1 && records == RECORDS && map[2] == 0 && message[2] != 0 -> result[results] = FULL
	:: else ->
#ifdef STORE_FREES
		if :: w == 0 && map[0] != message[0] && batch == 0 -> delete(0); result[results] = DONE :: else fi;
#endif
		if :: w == 0 -> map[0] = message[0]; map[1] = message[1] :: else -> map[2] = message[2] fi
	fi
}

inline do_call()
{
	if
	:: kind[results] == LOOKUP && what[results] == 0 -> message[0] = map[0]; message[1] = map[1]
	:: kind[results] == LOOKUP && what[results] == 1 -> message[2] = map[2]
	:: kind[results] == STORE -> store_record(what[results])
	:: else -> drop_some()
	fi;
	results++
}

inline forget_all()
{
	my_round = 0; results = 0; reported = false; result[0] = DONE; result[1] = DONE;
#ifdef BATCH_ERASED_EARLY
	erased = 0
#endif
}

active proctype Segmap()
{
end:	do
	:: atomic { task == OPENS -> task = SENDS }
#ifdef BATCH_ERASED_EARLY
	:: atomic { task == SENDS && batch != 0 -> erased = batch; batch = 0 }
	:: atomic { task == SENDS && batch == 0 -> batch = erased; reported = batch != 0; on_pull(); batch = 0; erased = 0; reported = false; task = WAITS }
#else
	:: atomic { task == SENDS -> reported = batch != 0; on_pull(); task = WAITS }
#endif
	:: atomic { task == WORKS && reported -> batch = 0; reported = false }
	:: atomic { task == WORKS && !reported && results < handed -> do_call() }
	/* The results of some calls fill the message. */
	:: atomic { task == WORKS && !reported && results > 0 -> task = SENDS }
	od
}

active proctype Killer()
{
end:	do
	:: atomic { kills > 0 -> kills--; forget_all(); task = OPENS }
	od
}

/* ---- the owner ---- */

inline punch(n)			/* ZERO is the same */
{
	if
	:: window[window_of(n)] == HERE -> clear(n); use(window_of(n));
		if	/* a window of holes does not exist; the map may have an old record of it */
		:: window_of(n) == 0 && none_in(0) && entry[0] == 0 && entry[1] == 0 -> become(0, ABSENT)
		:: window_of(n) == 1 -> become(1, ABSENT)
		:: else
		fi
	:: else
	fi;
	punching = 0
}

active proctype Owner()
{
	byte punches = PUNCHES, destroys = DESTROYS, n;
end:	do
	:: atomic { punches > 0 && alive && punching == 0 -> punches--; if :: punching = 1 :: punching = 3 fi }
	:: atomic { punching && !alive -> punching = 0 }
#ifdef PUNCH_IGNORES_AWAY
	:: atomic { punching && alive -> n = punching - 1;
		if :: window[window_of(n)] == AWAY -> truth[n] = 0 :: else fi; punch(n); n = 0 }
#else
	:: atomic { punching && alive && window[window_of(punching - 1)] != AWAY -> n = punching - 1; punch(n); n = 0 }
#endif
	:: atomic { destroys > 0 && alive -> destroys--; alive = false; truth[0] = 0; truth[1] = 0; truth[2] = 0 }
#ifdef REUSED_EARLY
	:: atomic { !alive && window[0] != HERE && window[1] != HERE -> alive = true; window[0] = ABSENT; window[1] = ABSENT; drop = 0; charged = 0 }
#else
	:: atomic { !alive && !recorded && drop == 0 && window[0] == ABSENT && window[1] == ABSENT -> assert(charged == 0); alive = true }
#endif
	od
}

proctype Thread(byte me)
{
	byte n = ROUNDS;
	do
	:: n > 0 -> atomic { n--; if :: waits[me] = 1 :: waits[me] = 2 :: waits[me] = 3 fi; if :: writes[me] = true :: true fi };
		waits[me] == 0
	:: n == 0 -> break
	od
}

#define named(n) (truth[0] == n || truth[1] == n || truth[2] == n)
init {
	atomic { run Thread(0); run Thread(1) };
	timeout;		/* at rest */
	atomic {
		assert(waits[0] == 0 && waits[1] == 0 && task == WAITS && parked && batch == 0 && handed == 0);
		assert(alive && drop == 0 && punching == 0);
		assert(used[1] == named(1) && used[2] == named(2) && used[3] == named(3) && used[4] == named(4));
		assert(charged == used[1] + used[2] + used[3] + used[4]);
		assert(free_windows + (window[0] == HERE) + (window[1] == HERE) == SLOTS);
		assert(window[0] != ABSENT || (truth[0] == 0 && truth[1] == 0));
		assert(window[1] != ABSENT || truth[2] == 0);
		assert(window[0] != AWAY || (map[0] == truth[0] && map[1] == truth[1]));
		assert(window[1] != AWAY || map[2] == truth[2]);
		assert(recorded || (map[0] == 0 && map[1] == 0 && map[2] == 0)) }
}

ltl ends { [] ((waits[0] -> <> !waits[0]) && (waits[1] -> <> !waits[1]) && (punching -> <> !punching)) }
