/* SPDX-License-Identifier: BSD-2-Clause */
/* A receiver looks through its send queues in steps, while senders come and go.
 *
 * Models queue_insert, queue_remove and queue_step (send_queue.h), ipc_search_begin,
 * ipc_search_pass, find_partner_queued, receive_on, send_phase and ipc_rematch (ipc_rendezvous.c),
 * ipc_virtual_sender, ipc_retarget, ipc_look_again_step and ipc_moved (ipc_propagation.c), as far
 * as they concern one receiver, thread 0.  It waits for one thread, for those of its space, or for
 * any; a step ends behind any look.  Between two steps the senders queue up, in their own name or
 * in that of thread P, are cancelled, have no more time, are deleted or made again, and move to the
 * other space; P gets another id; the receiver is cancelled, moves, or waits for another because of
 * propagation; and the reaper comes, or does not yet.
 * Proves, after every entry: a search stands at nobody who is not in that queue; it has passed
 * nobody whose message the receiver would take, and nobody waits for what is in its own queue,
 * unless the reaper is about to make it look again; what a search finds is the message that queued
 * up first of those that it may take; whom the receiver waits for alone need not wait for it.
 * Not in it: that a search comes to an end if it is made to begin again and again, redirectors,
 * stamps that wrap, what a taken sender's own receive phase finds (receive_on), deletion of the
 * receiver (rendezvous.pml), how those are found who wait for P (rename.pml).
 * Run: tests/model/check.sh search.   Holds: 878 632 states, 10 s.
 * Fails when broken: -DCURSOR_STAYS -DCURSOR_LOST -DOTHER_QUEUE_STAYS -DARRIVAL_UNSEEN -DGOES_ON
 * -DNOT_MIXED -DMOVE_UNSEEN -DDEATH_UNSEEN -DRETARGET_UNSEEN -DDEAF -DOVERTAKES -DONE_BY_ONE. */
#ifndef N
#define N 3
#endif
#define P N		/* in whose name others send */
#define ANY 14
#define LOCAL 15
#define EACH(i) i = 1; do :: i <= N ->
#define NEXT(i) ; i++ :: else -> i = 0; break od

mtype = { DEAD, READY, SENDING };
mtype state[N + 1] = READY;
bit space[N + 1];
byte name[N + 1];		/* SENDING: in whose name, an id; 0: its own */
byte order[N], n;		/* who is in the queues, in the order of their stamps */
bit kind[N + 1];		/* in which of the two; 1: SENDERS_LOCAL */
bool propagated, mixed;		/* QUEUE_PROPAGATED, QUEUE_MIXED */
bit version;			/* of P's id */

/* the receiver */
byte from;			/* 0: it does not wait */
bool searches;			/* READY, continues with its search; else RECEIVING */
byte next[2];			/* tcb.search */
bool look;			/* the reaper has ipc_look_again_step to do */
byte i, j, s, v, act, who;	/* of the inlines: 0 between entries */
bool over, found;
byte looks;			/* so many, and the step is over */

#define id(t) (t == P -> P + version : t)	/* P's ids: N and N + 1 */
#define is_open(f) (f >= ANY)
#define exists(x) (x < P -> state[x] != DEAD : state[P] != DEAD && x == P + version)

/* ---- whom the receiver accepts ---- */

#define named(t) (name[t] != 0 && t != P && state[P] != DEAD && name[t] == P + version && \
		  (space[P] == space[t] || space[t] == space[0]))
#define accepts(t) (from == ANY || from == id(t) || \
		    (from == LOCAL && space[(named(t) -> P : t)] == space[0]) || \
		    (named(t) && from == P + version))

/* ---- queues ---- */

/* The one behind t in its queue, into v; 0: t is the last. */
inline queue_next(t)
{
	v = 0; j = 0;
	do :: order[j] != t -> j++ :: else -> break od;
	j++;
	do
	:: j < n && kind[order[j]] != kind[t] -> j++
	:: j < n && kind[order[j]] == kind[t] -> v = order[j]; break
	:: else -> break
	od;
	j = 0
}

/* The first of a kind, into v. */
inline queue_head(k)
{
	v = 0; j = 0;
	do
	:: j < n && kind[order[j]] != k -> j++
	:: j < n && kind[order[j]] == k -> v = order[j]; break
	:: else -> break
	od;
	j = 0
}

inline queue_insert(t)
{
	kind[t] = (space[t] == space[0]);
	order[n] = t; n++;
	propagated = propagated || name[t] != 0;
#ifndef ARRIVAL_UNSEEN
	if :: searches && next[kind[t]] == 0 -> next[kind[t]] = t :: else fi
#endif
}

inline ipc_search_pass(t)
{
#ifdef CURSOR_LOST
	if :: next[kind[t]] == t -> next[kind[t]] = 0 :: else fi
#else
#ifdef OTHER_QUEUE_STAYS
	if :: next[kind[t]] == t && kind[t] == 0 -> queue_next(t); next[kind[t]] = v; v = 0 :: else fi
#else
	if :: next[kind[t]] == t -> queue_next(t); next[kind[t]] = v; v = 0 :: else fi
#endif
#endif
}

inline queue_remove(t)
{
#ifndef CURSOR_STAYS
	if :: searches -> ipc_search_pass(t) :: else fi;
#endif
	j = 0;
	do :: order[j] != t -> j++ :: else -> break od;
	do :: j + 1 < n -> order[j] = order[j + 1]; j++ :: else -> break od;
	n--; order[n] = 0; j = 0; kind[t] = 0; name[t] = 0;
	if :: n == 0 -> propagated = false; mixed = false :: else fi
}

/* Who stands first of the two places of the search, into s; that place goes on. */
inline queue_step()
{
	s = 0; j = 0;
	do
	:: j < n && order[j] != next[0] && order[j] != next[1] -> j++
	:: j < n && (order[j] == next[0] || order[j] == next[1]) -> s = order[j]; break
	:: else -> break
	od;
	j = 0;
	if :: s != 0 -> queue_next(s); next[kind[s]] = v; v = 0 :: else fi
}

/* ---- the receiver ---- */

inline stops() { from = 0; searches = false; next[0] = 0; next[1] = 0 }

inline search_begin()
{
	queue_head(0); next[0] = v;
	queue_head(1); next[1] = v; v = 0;
#ifdef NOT_MIXED
	if :: from == LOCAL -> next[0] = 0 :: else fi
#else
	if :: from == LOCAL && !mixed -> next[0] = 0 :: else fi
#endif
}

inline ipc_rematch()
{
	if
	:: n > 0 && from != 0 ->
#ifdef GOES_ON
		if :: !searches -> search_begin() :: else fi;
#else
		search_begin();
#endif
		searches = true
	:: else
	fi
}

inline taken(t)			/* found in its queue */
{
	EACH(i)
		if
		:: state[i] == SENDING && i != t && accepts(i) && !look ->
			j = 0;
			do :: order[j] != t && order[j] != i -> j++ :: else -> break od;
			assert(order[j] == t || !is_open(from) && id(t) == from); j = 0
		:: else
		fi
	NEXT(i);
	queue_remove(t); state[t] = READY; stops()
}

/* Its receive phase goes on; the step may be over behind any look. */
inline receive_on()
{
	s = 0; over = false; found = false;
	if
	:: n == 0
	:: n > 0 && from == ANY -> s = order[0]; found = true
#ifdef ONE_BY_ONE
	:: n > 0 && !is_open(from) ->
#else
	:: n > 0 && !is_open(from) && !propagated ->
#endif
		s = (from < P -> from : (from == P + version -> P : 0));
		if :: s != 0 && state[s] == SENDING -> found = true :: else -> s = 0 fi
	:: else ->
		do
		:: looks > 0 && !found ->
			queue_step();
			if
			:: s == 0 -> break
			:: s != 0 && accepts(s) -> found = true
			:: else -> looks--
			fi
		:: else -> break
		od;
		over = (looks == 0)
	fi;
	if
	:: found -> taken(s)
	:: !found && !over -> searches = false; next[0] = 0; next[1] = 0
	:: else -> searches = true
	fi;
	s = 0; over = false; found = false; looks = 0
}

/* ---- the senders ---- */

#ifdef DEAF
#define finds_it (from != 0 && !searches)
#else
#ifdef OVERTAKES
#define finds_it (from != 0)
#else
#define finds_it (from != 0 && (!searches || !is_open(from)))
#endif
#endif

inline send(t)
{
	if
	:: finds_it && accepts(t) ->
		EACH(i)		/* who takes messages of several takes them as they came */
			assert(state[i] != SENDING || !is_open(from) || look || !accepts(i))
		NEXT(i);
		name[t] = 0; stops()
	:: else ->
		assert(from != id(t));	/* a reply without patience is not lost */
		state[t] = SENDING; queue_insert(t)
	fi
}

inline look_again()		/* the reaper shall */
{
#ifndef DEATH_UNSEEN
	EACH(i) look = look || (state[i] == SENDING && name[i] != 0) NEXT(i)
#else
	skip
#endif
}

inline moved(t)
{
	if
	:: t == 0 && n > 0 || state[t] == SENDING ->
		mixed = true;
#ifndef MOVE_UNSEEN
		ipc_rematch()
#endif
	:: else
	fi;
	look_again()
}

inline leave(t) { if :: state[t] == SENDING -> queue_remove(t) :: else fi; state[t] = READY }

/* ---- what holds between two entries ---- */

/* Has the search passed t? */
inline passed(t)
{
	j = 0;
	do :: order[j] != t && order[j] != next[kind[t]] -> j++ :: else -> break od;
	found = (order[j] == t && next[kind[t]] != t); j = 0
}

inline check()
{
	assert(next[0] == 0 || searches && state[next[0]] == SENDING && kind[next[0]] == 0);
	assert(next[1] == 0 || searches && state[next[1]] == SENDING && kind[next[1]] == 1);
	EACH(i)
		if
		:: state[i] == SENDING && from != 0 && from != ANY && accepts(i) && !look ->
			assert(searches);
			passed(i); assert(!found)
		:: else
		fi;
		assert(state[i] != SENDING || from != ANY || look || searches)
	NEXT(i);
	found = false
}

active proctype kernel()
{
	do
	/* the receiver's call, and the steps of its search */
	:: atomic { from == 0 ->
		if :: from = ANY :: from = LOCAL :: select(from : 1 .. N + 1) fi;
		select(looks : 1 .. N);
		d_step {
			if
			:: !is_open(from) && !exists(from) -> from = 0; looks = 0
			:: else -> if :: n > 0 -> search_begin() :: else fi; receive_on()
			fi; check() } }
	:: atomic { searches -> select(looks : 1 .. N); d_step { receive_on(); check() } }
	:: d_step { from != 0 -> stops(); check() }	/* its time is over, or it is cancelled */
	:: d_step { look -> look = false; if :: propagated -> ipc_rematch() :: else fi; check() }
	:: atomic { from != 0 && !is_open(from) && exists(from) ->	/* ipc_retarget */
		select(who : 1 .. N);
		d_step {
			if :: state[who] != DEAD && id(who) != from -> from = id(who);
#ifndef RETARGET_UNSEEN
				ipc_rematch()
#endif
			:: else fi; who = 0; check() } }
	:: atomic { select(act : 0 .. N);
		if
		:: act != 0 && state[act] == READY ->
			if :: name[act] = 0 :: act != P && state[P] != DEAD -> name[act] = P + version fi;
			d_step { send(act); act = 0; check() }
		:: act != 0 && state[act] == SENDING -> d_step { leave(act); act = 0; check() }
		:: act != 0 && state[act] != DEAD ->
			d_step { leave(act); state[act] = DEAD; look_again(); act = 0; check() }
		:: act != 0 && state[act] == DEAD && from != id(act) -> state[act] = READY; act = 0
		:: act == P && state[P] != DEAD && !look && from != P + 1 - version ->
			d_step { version = 1 - version; look_again(); act = 0; check() } /* ThreadControl */
		:: act == 0 || state[act] != DEAD ->
			d_step { space[act] = 1 - space[act]; moved(act); act = 0; check() }
		:: else -> act = 0	/* its number is not free yet */
		fi }
	od
}
