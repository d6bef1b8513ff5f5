/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread gets another id, and those who know it by the old one are told in steps.
 *
 * Models give_id and control_modify (thread_control.c), reaper_add_renamed (reaper.c) and
 * ipc_forget_id_step (ipc_abort.c).  A step tells one thread; between two steps others send to t by
 * either id, wait for it, are cancelled, have no more time or are deleted, t receives, and another
 * ThreadControl wants to give t the next id.  Ids come round: there are two.
 * Proves: who has named the id that t has is never told that there is no such thread; when the call
 * ends, nobody sends to t or waits for it by the other; each queued message ends once.
 * Not in it: who is found to wait (tell_awaiting), deletion of t, which waits as the next id does.
 * Run: tests/model/check.sh rename.   Holds: 3 281 states, < 1 s.
 * Fails when broken: -DNO_STAMP -DAWAITER_OF_NEW -DSECOND_AT_ONCE -DONLY_SENDERS. */
#define N 3
#define MANY 15
#define EACH(i) i = 1; do :: i <= N ->
#define NEXT(i) ; i++ :: else -> i = 0; break od

mtype = { READY, SENDING, RECEIVING };
mtype state[N + 1] = READY;
bit name[N + 1];		/* by which it has named t */
bool early[N + 1];		/* SENDING: it queued up before renamed.queue_stamp */
byte queue[N + 1], length;
bit id;				/* of t */
byte awaiter;
bool renamed;			/* the reaper's entry, with: */
bit old_id;
byte old_awaiter;
byte i, s;			/* of the inlines: 0 in between */

inline leave(t)
{
	if
	:: state[t] == SENDING ->
		i = 0;
		do :: queue[i] != t -> i++ :: else -> break od;
		do :: i + 1 < length -> queue[i] = queue[i + 1]; i++ :: else -> break od;
		length--; queue[length] = 0; i = 0
	:: else
	fi;
	state[t] = READY; early[t] = false; name[t] = 0
}

inline tell(t) { assert(name[t] != id); leave(t) }	/* there is no such thread */

inline await(t)
{
	if
	:: awaiter == 0 || awaiter == t -> awaiter = t
	:: else -> awaiter = MANY
	fi
}

inline give_id()
{
	old_id = id; id = 1 - id;
	EACH(i) early[i] = (state[i] == SENDING) NEXT(i);
	old_awaiter = awaiter; awaiter = 0;
	renamed = (length > 0 || old_awaiter != 0)
}

inline ended()
{
	renamed = false;
	EACH(i) assert(state[i] == READY || name[i] == id) NEXT(i);
	old_awaiter = 0
}

inline forget_id_step()
{
	if
#ifdef NO_STAMP
	:: length > 0 -> s = queue[0]; tell(s); s = 0
#else
	:: length > 0 && early[queue[0]] -> s = queue[0]; tell(s); s = 0
#endif
	:: else ->
		EACH(i)
#ifdef AWAITER_OF_NEW
			if :: s == 0 && state[i] == RECEIVING && name[i] == old_id && (awaiter == MANY || awaiter == i) -> s = i :: else fi
#else
#ifndef ONLY_SENDERS
			if :: s == 0 && state[i] == RECEIVING && name[i] == old_id && (old_awaiter == MANY || old_awaiter == i) -> s = i :: else fi
#else
			skip
#endif
#endif
		NEXT(i);
		if
		:: s != 0 -> tell(s); s = 0
		:: else -> ended()
		fi
	fi
}

active proctype kernel()
{
	byte t;
	do
	:: atomic { select(t : 1 .. N);
		if
		:: state[t] == READY ->		/* a system call, by the id that t has: by the other it fails */
			name[t] = id;
			if
			:: state[t] = SENDING; queue[length] = t; length++
			:: state[t] = RECEIVING; await(t)
			fi
		:: state[t] != READY -> leave(t)	/* cancelled, timed out, or deleted and made again */
		fi; t = 0 }
	:: atomic { length > 0 -> s = queue[0]; leave(s); s = 0 }	/* t receives */
#ifdef SECOND_AT_ONCE
	:: atomic { give_id() }
#else
	:: atomic { !renamed -> give_id(); if :: !renamed -> ended() :: else fi }
#endif
	:: atomic { renamed -> forget_id_step() }	/* whoever calls goes on */
	od
}
