/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC rendezvous of the kernel: send queues, both phases, time-outs, cancelling, deletion,
 * propagation.
 *
 * Models kernel/l4/ipc_rendezvous.c, ipc_state.c, ipc_propagation.c and ipc_abort.c
 * (ipc_system_call, send_phase, receive_from_partner, ipc_deliver, ipc_retarget, ipc_fail,
 * ipc_abort, ipc_timeout, ipc_forget_step) and thread_delete of thread.c.  An inline here has
 * the name of its function there, in most cases without the prefix ipc_. Three threads call with
 * every combination of partners, names and time-outs, without bound; each is deleted and made again
 * at any moment.  A kernel entry is atomic: one stack, interrupts off.
 * Proves, after every entry: who is blocked has a living partner; a message is delivered once, or
 * its sender gets an error, never both; a thread is in exactly the one queue of the receiver it
 * sends to, or in none; a timer runs only for the phase that has one; whom a thread waits for alone
 * is marked as `awaited'; a caller whose message has been delivered waits for the receiver in the
 * same entry, so that a reply without patience finds it; nobody waits for what is in its queue.
 * Not in it: searches in steps (search.pml), strings (transfer.pml), spaces with what they allow or
 * take (reaper_look_again: tests/unit/propagation_test.c), redirectors, changed ids (rename.pml),
 * the assembler path (tests/system/ipc_paths.sh), order of the queue.
 * Run: tests/model/check.sh rendezvous.   Holds: 853 984 states, 6 s.
 * Fails when broken: -DFORGET_SENDERS -DFORGET_WAITERS -DRECEIVE_LATER -DTIMER_STAYS -DSTAYS_QUEUED
 * -DNO_RETARGET -DUNMARKED -DONLY_VIRTUAL.
 * A fourth thread that has queued a message in the name of whom another's waiting goes over to is
 * not in it: tests/unit/propagation_test.c. */
#define N 3
#define ANY 15
#define EACH(i) i = 1; do :: i <= N -> 
#define NEXT(i) ; i++ :: else -> i = 0; break od

mtype = { DEAD, READY, SENDING, RECEIVING, NEVER, FINITE, ZERO };
typedef fifo { byte n; byte at[N] };

mtype state[N + 1] = READY;
byte partner[N + 1];		/* SENDING: to whom; RECEIVING: from whom alone, in the kernel an id */
bool awaited[N + 1];		/* somebody waits for it alone, or has done so */
byte from_spec[N + 1];		/* 0: no receive phase */
byte virtual_id[N + 1];
mtype time[N + 1] = NEVER;	/* of both phases; ZERO: of the send alone */
bool timer_armed[N + 1];
fifo senders[N + 1];
bool message[N + 1];		/* handed over by the thread, and not yet delivered or failed */
byte owes[N + 1];		/* who called this thread and waits for its answer */
#ifdef RECEIVE_LATER
bool later[N + 1];
#endif

byte i, j, k;		/* of the inlines: 0 between entries */
byte s, v, cur;
byte act, to;

/* ---- queues, and entering and leaving the blocked states ---- */
inline queue_remove(r, t)
{
	j = 0;
	do
	:: j < senders[r].n && senders[r].at[j] != t -> j++
	:: else -> break
	od;
	assert(j < senders[r].n);
	do
	:: j + 1 < senders[r].n -> senders[r].at[j] = senders[r].at[j + 1]; j++
	:: else -> break
	od;
	senders[r].n--; senders[r].at[senders[r].n] = 0; j = 0
}

inline await(t, p) { partner[t] = p; if :: p != 0 -> awaited[p] = true :: else fi }

inline stop_timer(t)
{
#ifndef TIMER_STAYS
	timer_armed[t] = false
#else
	skip
#endif
}

inline leave_receiving(t)
{
	stop_timer(t);
	partner[t] = 0
}

inline leave_sending(t)
{
	stop_timer(t);
#ifndef STAYS_QUEUED
	queue_remove(partner[t], t);
#endif
	partner[t] = 0
}

/* Its IPC is over. */
inline become_ready(t)
{
	assert(!message[t]);
	state[t] = READY; from_spec[t] = 0; virtual_id[t] = 0; time[t] = NEVER;
	EACH(k) if :: owes[k] == t -> owes[k] = 0 :: else fi NEXT(k)
}

inline fail_sending(t) { assert(message[t]); message[t] = false; become_ready(t) }
inline fail_receiving(t) { assert(!message[t]); become_ready(t) }

/* ---- names ---- */
inline find_virtual_sender(t)	/* result in v; 0: its own name */
{
	v = virtual_id[t];
	if :: v != 0 && state[v] == DEAD -> v = 0 :: else fi
}

/* r takes a message of t in this name: who waits for either takes it */
#define accepts(r, t, name) (partner[r] == 0 || partner[r] == (name) || partner[r] == (t))
#ifdef ONLY_VIRTUAL
#define takes(r, t, name) (partner[r] == 0 || partner[r] == (name))
#else
#define takes accepts
#endif

inline retarget(from, r)
{
	if
#ifndef NO_RETARGET
	:: state[v] == RECEIVING && partner[v] == from ->
		assert(awaited[from]);
#ifndef UNMARKED
		awaited[r] = true;
#endif
		partner[v] = r; from_spec[v] = r
#endif
	:: else
	fi
}

/* ---- phases ---- */
inline deliver(t, r)		/* r waits for it and is in no queue */
{
	assert(state[r] == RECEIVING || r == cur);
	leave_receiving(r);
	assert(message[t]);	/* not delivered before, not failed */
	message[t] = false;
	find_virtual_sender(t);
	become_ready(r);
	if
	:: v != 0 ->
		if :: state[v] == RECEIVING && partner[v] == t -> owes[r] = v; if :: owes[t] == v -> owes[t] = 0 :: else fi :: else fi;
		retarget(t, r)
	:: else -> if :: from_spec[t] == r -> owes[r] = t :: else fi
	fi;
	v = 0
}

inline find_sender(r)		/* result in s; 0: none */
{
	i = 0;
	do
	:: i < senders[r].n && s == 0 ->
		find_virtual_sender(senders[r].at[i]);
		if :: v == 0 -> v = senders[r].at[i] :: else fi;
		if :: takes(r, senders[r].at[i], v) -> s = senders[r].at[i] :: else fi;
		v = 0; i++
	:: else -> break
	od;
	i = 0
}

inline block_receiving(t)
{
	state[t] = RECEIVING;
	if :: time[t] == FINITE -> timer_armed[t] = true :: else fi
}

inline receive_phase()		/* of cur; if a queued sender is taken, that one's follows, and so on */
{
	do
	:: cur == 0 -> break
	:: cur != 0 && from_spec[cur] != ANY && state[from_spec[cur]] == DEAD -> fail_receiving(cur); cur = 0
	:: else ->
		await(cur, (from_spec[cur] == ANY -> 0 : from_spec[cur]));
		find_sender(cur);
		if
		:: s == 0 -> block_receiving(cur); cur = 0
		:: else ->
			leave_sending(s);
			deliver(s, cur);
			if
			:: from_spec[s] == 0 -> become_ready(s); cur = 0
			:: else -> cur = s
			fi;
			s = 0
		fi
	od
}

inline block_sending(t, p)
{
	if
	:: time[t] == ZERO -> fail_sending(t)
	:: else ->
		if :: time[t] == FINITE -> timer_armed[t] = true :: else fi;
		partner[t] = p; state[t] = SENDING;
		senders[p].at[senders[p].n] = t; senders[p].n++
	fi
}

inline system_call(t)		/* act: the thread; to, and the fields of the thread, are set */
{
	cur = t;
	if
	:: to == 0
	:: to != 0 && state[to] == DEAD -> fail_sending(t); cur = 0
	:: else ->
		find_virtual_sender(t);
		if :: v == 0 -> v = t :: else fi;
		if
		:: state[to] == RECEIVING && takes(to, t, v) -> v = 0; deliver(t, to)
		:: else -> v = 0; block_sending(t, to); cur = 0
		fi
	fi;
	if
	:: cur != 0 && from_spec[t] == 0 -> become_ready(t); cur = 0
#ifdef RECEIVE_LATER
	:: cur != 0 && from_spec[t] != 0 && to != 0 -> later[t] = true; cur = 0
#endif
	:: else
	fi
}

/* ---- from outside ---- */
inline ipc_abort(t)
{
	if
	:: state[t] == SENDING -> leave_sending(t); fail_sending(t)
	:: state[t] == RECEIVING -> leave_receiving(t); fail_receiving(t)
	:: else
	fi
}

inline ipc_forget_step(t)
{
#ifndef FORGET_SENDERS
	do
	:: senders[t].n > 0 -> s = senders[t].at[0]; ipc_abort(s); s = 0
	:: else -> break
	od;
#endif
#ifndef FORGET_WAITERS
	EACH(i) if :: awaited[t] && state[i] == RECEIVING && partner[i] == t -> ipc_abort(i) :: else fi NEXT(i);
	awaited[t] = false
#endif
}

inline thread_delete(t)
{
	ipc_abort(t);
	ipc_forget_step(t);
	state[t] = DEAD; owes[t] = 0
}

/* ---- what holds between two entries ---- */
inline check()
{
	EACH(i)
		if
		:: state[i] == SENDING -> assert(state[partner[i]] != DEAD && message[i])
		:: state[i] == RECEIVING -> assert((partner[i] == 0 || state[partner[i]] != DEAD) && !message[i])
		:: else -> assert(partner[i] == 0 && !message[i])
		fi;
		assert(timer_armed[i] == (time[i] == FINITE && (state[i] == SENDING || state[i] == RECEIVING)));
		assert(owes[i] == 0 || (state[owes[i]] == RECEIVING && partner[owes[i]] == i));
		k = 0; j = 1;
		do
		:: j <= N -> if :: state[j] == RECEIVING && partner[j] == i -> k++ :: else fi; j++
		:: else -> break
		od;
		assert(k == 0 || awaited[i]);
		k = 0; j = 0;
		do
		:: j < senders[i].n ->
			assert(state[senders[i].at[j]] == SENDING && partner[senders[i].at[j]] == i);
			assert(j == 0 || senders[i].at[0] != senders[i].at[j]);
			find_virtual_sender(senders[i].at[j]);
			if :: v == 0 -> v = senders[i].at[j] :: else fi;
			assert(state[i] != RECEIVING || !accepts(i, senders[i].at[j], v));
			v = 0;
			j++
		:: else -> j = 0; break
		od
	NEXT(i);
	EACH(i)
		if :: state[i] == SENDING -> k = 0; j = 0;
			do
			:: j < senders[partner[i]].n -> if :: senders[partner[i]].at[j] == i -> k = 1 :: else fi; j++
			:: else -> break
			od;
			assert(k == 1); k = 0; j = 0
		:: else
		fi
	NEXT(i)
}

inline other(x) { if :: act != 1 -> x = 1 :: act != 2 -> x = 2 :: act != 3 -> x = 3 fi }

active proctype Kernel()
{
end:	do
	:: atomic {
		if :: act = 1 :: act = 2 :: act = 3 fi;
		if
#ifdef RECEIVE_LATER
		:: later[act] -> d_step { later[act] = false; cur = act; receive_phase(); check(); act = 0 }
		:: state[act] == READY && !later[act] ->
#else
		:: state[act] == READY ->		/* the system call */
#endif
			if :: to = 0 :: other(to) fi;
			if :: from_spec[act] = 0 :: from_spec[act] = ANY :: other(from_spec[act]) fi;
			if
			:: virtual_id[act] = 0
			:: to != 0 -> virtual_id[act] = 6 - act - to	/* the third */
			fi;
			if :: time[act] = NEVER :: time[act] = FINITE :: time[act] = ZERO fi;
			d_step { message[act] = (to != 0); system_call(act); receive_phase(); to = 0; check(); act = 0 }
		:: timer_armed[act] -> d_step { timer_armed[act] = false; ipc_abort(act); check(); act = 0 }
		/* ExchangeRegisters */
		:: state[act] == SENDING || state[act] == RECEIVING -> d_step { ipc_abort(act); check(); act = 0 }
		:: state[act] != DEAD -> d_step { thread_delete(act); check(); act = 0 }
		:: state[act] == DEAD -> d_step { state[act] = READY; check(); act = 0 }
		fi }
	od
}
