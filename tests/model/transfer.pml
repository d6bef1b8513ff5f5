/* SPDX-License-Identifier: BSD-2-Clause */
/* A string transfer: suspended for page faults of either side, ended by anybody at any moment.
 *
 * Models kernel/l4/ipc_suspend.c and ipc_abort.c (ipc_transfer_fault, ipc_transfer_pause,
 * ipc_continue, transfer_over, transfer_break, begin_, end_ and leave_nested_fault, become_ready,
 * ipc_abort, ipc_timeout, ipc_forget_step) and the loop of ipc_string_copy in ipc_string.c, with
 * one page at once; an inline here has the name of its function there.  A kernel entry is atomic. A
 * sender with a string of two pages, a receiver, a pager for each side that maps and answers; pages
 * go away again; either side, or a pager, is deleted or cancelled, and the transfer time-outs run,
 * at any moment.
 * Proves: a nested fault is in its pager's queue, or waits for it, or has been left, never two of
 * these; no timer, link or queue entry is left behind; the message has its own tag and phases again
 * when it arrives; both sides end once, with errors that match (ltl ends, weak fairness: the
 * transfer is always over some day).
 * Not in it: items other than strings, overflow, pieces, a pager that is the partner (it waits for
 * itself until the transfer time-out, as X.2 wants it).
 * Run: tests/model/check.sh transfer.   Holds: 54 022 states; ends 13 876 states; < 1 s.
 * Fails when broken: -DSTAYS_AT_PAGER -DTIMER_STAYS -DPARTNER_NOT_TOLD -DOUTER_LOST
 * -DCONTINUING_STAYS -DPAGER_DEATH_UNSEEN -DTIMED_TWICE -DERRORS_SWAPPED -DREDIRECTION_LOST
 * -DUNLINKED_TWICE, and
 * ltl ends with -DHALT_STOPS (a halted sender does not go on with its transfer). */
#define S 1			/* sender */
#define R 2			/* receiver */
#define PAGES 2
#ifndef EVICTS
#define EVICTS 2
#endif

mtype = { DEAD, READY, SENDING, RECEIVING, TRANSFER };
mtype = { USER, FAULT };
mtype = { NEVER, FINITE, ZERO };
mtype = { NONE, OK, ABORTED, OWN_TIMEOUT, PARTNERS_TIMEOUT, SUSPENDED, BROKEN };

mtype state[3] = READY;
mtype kind[3] = USER, tag[3] = USER, outer_tag[3] = USER;
bool has_receive[3], outer_has_receive[3];
bool intended, outer_intended;		/* of the sender: redirected */
bool linked;				/* peer */
bool goes_on;				/* of ipc_transfer_fault alone */
bool continuing, halted;		/* of the sender */
bool timer_armed, timed, receiver_shorter;
bool in_queue[3];			/* at its pager */
bool pager_alive[3] = true;
mtype xfer[3] = NEVER;			/* transfer time-outs */
bool receiver_earlier;			/* if both are finite */
mtype error[3] = NONE, outcome[3] = NONE;
bool present[7];		/* page p of side t: present[2 * p + t] */
byte done;				/* pages copied */
mtype result = NONE;
bool wants_answer, started;
byte evicts = EVICTS;

/* ---- nested faults ---- */
inline end_nested_fault(t)
{
	if
	:: kind[t] == FAULT ->
		kind[t] = USER; state[t] = TRANSFER;
#ifndef OUTER_LOST
		tag[t] = outer_tag[t]; has_receive[t] = outer_has_receive[t];
#ifndef REDIRECTION_LOST
		if :: t == S -> intended = outer_intended :: else fi
#endif
#endif
	:: else
	fi
}

inline begin_nested_fault(t)
{
	outer_tag[t] = tag[t]; outer_has_receive[t] = has_receive[t];
	kind[t] = FAULT; tag[t] = FAULT; has_receive[t] = true;
	if :: t == S -> outer_intended = intended; intended = false :: else fi
}

inline leave_nested_fault(t)
{
	if
#ifndef STAYS_AT_PAGER
	:: state[t] == SENDING -> in_queue[t] = false
#endif
	:: else
	fi;
	end_nested_fault(t)
}

inline unlink_peers()
{
#ifndef TIMER_STAYS
	timer_armed = false;
#endif
#ifndef CONTINUING_STAYS
	continuing = false;
#endif
	linked = false
}

/* ---- the end ---- */
inline finish(t, why) { assert(outcome[t] == NONE); outcome[t] = why; state[t] = READY }

inline arrived()
{
	assert(kind[R] == USER && tag[S] == USER);
	assert(intended);
	finish(R, (error[R] == NONE -> OK : error[R]));
	if
	:: error[S] != NONE -> finish(S, error[S])
	:: else ->
		assert(done == PAGES && has_receive[S] == wants_answer);
		finish(S, OK);
		if :: wants_answer -> state[S] = RECEIVING :: else fi
	fi
}

inline transfer_over() { assert(linked); unlink_peers(); state[S] = TRANSFER; arrived() }

/* ---- the copy ---- */
inline set_aborted() { error[S] = ABORTED; error[R] = ABORTED }

inline set_timeout_errors()
{
	if
#ifdef ERRORS_SWAPPED
	:: receiver_shorter -> error[S] = PARTNERS_TIMEOUT; error[R] = PARTNERS_TIMEOUT
#else
	:: receiver_shorter -> error[S] = PARTNERS_TIMEOUT; error[R] = OWN_TIMEOUT
#endif
	:: else -> error[S] = OWN_TIMEOUT; error[R] = PARTNERS_TIMEOUT
	fi
}

inline start_transfer_timeout()
{
	timed = true;
	receiver_shorter = xfer[S] != ZERO &&
		(xfer[R] == ZERO || (xfer[R] == FINITE && (xfer[S] == NEVER || receiver_earlier)));
	if
	:: xfer[S] == ZERO || xfer[R] == ZERO -> result = BROKEN
	:: else ->
		if
		:: xfer[S] == FINITE || xfer[R] == FINITE -> assert(!timer_armed); timer_armed = true
		:: else
		fi
	fi
}

inline ipc_transfer_fault(t)
{
#ifdef TIMED_TWICE
	timed = false;
#endif
	if :: !timed -> start_transfer_timeout() :: else fi;
	if
	:: result == BROKEN -> set_timeout_errors()
	:: else ->
		goes_on = linked;
		linked = true; state[S] = TRANSFER; state[R] = TRANSFER;
		begin_nested_fault(t);
		if
		:: !pager_alive[t] ->
			end_nested_fault(t);
			if
#ifndef UNLINKED_TWICE
			:: goes_on
#endif
			:: else -> unlink_peers()
			fi;
			set_aborted(); result = BROKEN
		:: else -> state[t] = SENDING; in_queue[t] = true; result = SUSPENDED
		fi;
		goes_on = false
	fi
}

inline ipc_string_copy()
{
	result = NONE;
	if
	:: done == PAGES
	:: done < PAGES && !present[2 * done + S] -> ipc_transfer_fault(S)
	:: done < PAGES && present[2 * done + S] && !present[2 * done + R] -> ipc_transfer_fault(R)
	:: else ->		/* one page; then others may run */
		done++;
		linked = true; state[R] = TRANSFER; state[S] = READY; continuing = true; result = SUSPENDED
	fi
}

inline deliver()		/* the sender's call finds the receiver waiting */
{
	ipc_string_copy();
	if :: result != SUSPENDED -> arrived() :: else fi;
	result = NONE
}

inline ipc_continue()
{
	assert(linked);
	continuing = false; state[S] = TRANSFER;
	ipc_string_copy();
	if :: result != SUSPENDED -> transfer_over() :: else fi;
	result = NONE
}

/* ---- from outside ---- */
inline transfer_break()
{
	leave_nested_fault(S);
	leave_nested_fault(R);
	transfer_over()
}

inline ipc_abort(t)
{
	if
#ifdef PARTNER_NOT_TOLD
	:: linked -> set_aborted(); leave_nested_fault(t); unlink_peers(); finish(t, ABORTED)
#else
	:: linked -> set_aborted(); transfer_break()
#endif
	:: !linked && state[t] == RECEIVING -> state[t] = READY
	:: else
	fi
}

inline thread_delete(t)
{
	ipc_abort(t);
	state[t] = DEAD;
	/* ipc_forget_step */
	if :: !linked && t == R && state[S] == RECEIVING -> state[S] = READY :: else fi
}

inline delete_pager(t)
{
	pager_alive[t] = false;
#ifndef PAGER_DEATH_UNSEEN
	/* ipc_forget_step: the thread is queued there or waits. */
	if :: kind[t] == FAULT -> ipc_abort(t) :: else fi
#endif
}

inline answered(t)		/* by its pager: become_ready */
{
	end_nested_fault(t);
	state[S] = READY; continuing = true
}

inline check_side(t)
{
	assert(in_queue[t] == (state[t] == SENDING));
	assert(kind[t] == USER || (linked && pager_alive[t] && (state[t] == SENDING || state[t] == RECEIVING)))
}

inline check()
{
	check_side(S);
	check_side(R);
	if
	:: linked ->
		assert(outcome[S] == NONE && outcome[R] == NONE && state[S] != DEAD && state[R] != DEAD);
		assert(continuing == (state[S] == READY));
		assert((state[S] == READY || kind[S] == FAULT) + (kind[R] == FAULT) == 1);
		assert(timer_armed == (timed && (xfer[S] == FINITE || xfer[R] == FINITE)))
	:: else ->
		assert(!timer_armed && !continuing && state[S] != TRANSFER && state[R] != TRANSFER);
		assert((outcome[S] == NONE) == (outcome[R] == NONE));
		assert(outcome[S] != OK || outcome[R] == OK);
		assert((outcome[S] == ABORTED) == (outcome[R] == ABORTED));
		assert((outcome[S] == OWN_TIMEOUT) == (outcome[R] == PARTNERS_TIMEOUT));
		assert((outcome[S] == PARTNERS_TIMEOUT) == (outcome[R] == OWN_TIMEOUT))
	fi
}

#define timeout_of(t) if :: xfer[t] = NEVER :: xfer[t] = FINITE :: xfer[t] = ZERO fi

active proctype Sender()
{
	atomic {
		timeout_of(S); timeout_of(R);
		if :: xfer[S] == FINITE && xfer[R] == FINITE -> receiver_earlier = true :: true fi;
		if :: wants_answer = true :: true fi;
		has_receive[S] = wants_answer; has_receive[R] = true; intended = true;
		state[R] = RECEIVING; started = true;
		d_step { deliver(); check(); result = NONE } };
	do
#ifdef HALT_STOPS
	:: atomic { continuing && !halted -> d_step { ipc_continue(); check(); result = NONE } }
#else
	:: atomic { continuing -> d_step { ipc_continue(); check(); result = NONE } }
#endif
	:: state[S] == DEAD || (!linked && state[S] == READY) -> break
	od
}

active proctype Receiver()
{
	outcome[R] != NONE;
	if
	:: atomic { state[R] == READY && state[S] == RECEIVING -> state[S] = READY }	/* the answer */
	:: state[S] != RECEIVING || state[R] == DEAD
	fi
}

proctype Pager(byte t)
{
end:	do
	:: atomic { pager_alive[t] && in_queue[t] -> assert(kind[t] == FAULT); in_queue[t] = false; state[t] = RECEIVING }
	:: atomic { pager_alive[t] && kind[t] == FAULT && state[t] == RECEIVING ->
		d_step { present[2 * done + t] = true; answered(t); check(); result = NONE } }
	:: !pager_alive[t] -> break
	od
}

active proctype Clock()
{
end:	do
	:: atomic { timer_armed -> d_step { timer_armed = false; assert(linked);
		set_timeout_errors(); transfer_break(); check(); result = NONE } }
	od
}

active proctype Others()		/* one thing from outside, at any moment; and pages that go */
{
	bool quiet;
end:	do
	:: atomic { evicts > 0 && started && present[2 * done + S] && done < PAGES -> evicts--; present[2 * done + S] = false }
	:: atomic { evicts > 0 && started && present[2 * done + R] && done < PAGES -> evicts--; present[2 * done + R] = false }
	:: atomic { !halted && linked -> halted = true }
	:: atomic { started && !quiet -> quiet = true;
		if
		:: d_step { ipc_abort(S); check(); result = NONE }
		:: d_step { ipc_abort(R); check(); result = NONE }
		:: d_step { thread_delete(S); check(); result = NONE }
		:: d_step { thread_delete(R); check(); result = NONE }
		:: d_step { delete_pager(S); check(); result = NONE }
		:: d_step { delete_pager(R); check(); result = NONE }
		:: true
		fi }
	od
}

init { atomic { run Pager(S); run Pager(R) } }

ltl ends { <> (outcome[S] != NONE && outcome[R] != NONE && state[S] != RECEIVING) }
