/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults end: thread -> pager -> physmem, while pages of both, or the whole task, go out at any
 * moment.
 *
 * Models lib/pager (loop.c, fault.c: a forward in the thread's name, and ASK when the same place
 * faults again) and servers/physmem: fault.c (fault_arrive, attempt, serve, fault_serve_all),
 * forget.c (fault_supersede), page.c (page_set_wanted), fault_calls.c (on_kernel_fault,
 * on_forward), rounds.c, shield.c, replacement.c, swap_out.c, swap_finish.c, outswap.c
 * (outswap_start, step_out, outswap_wake), event.c (event_settle); an event of physmem is atomic,
 * but not against its transfers. Two threads and the pager of one task, three pages that are
 * written (the third is the pager's code, data and stack), two frames; two evictions out of the
 * blue, and whatever is needed; one outswap, with or without hold; a thread is deleted.
 * Proves: the chain of who waits for whom is thread, pager, physmem at most, and the pager's part
 * of it is its own last-resort fault or a question answered at once: two rounds at physmem, as
 * counters.depth_max says; a task that is out has no frame; no deadlock; every fault of a
 * living thread ends, the task being inswapped again some day (ltl ends, weak fairness).
 * Assumed: a shield lasts until the page has been touched (the code: 20 ms).
 * Not in it: refused faults, read errors, several tasks, containers shared between tasks, the
 * outswap's budget, swap full.
 * Run: tests/model/check.sh fault_depth.   Holds: 537 204 states, 1 s; ends, with one eviction:
 * 297 835 states, 6 s (with two: 503 796 states, 11 s).
 * Fails when broken: -DNO_LAST_RESORT -DPAGER_WAITS -DSERVED_WHILE_GOING_OUT -DOUT_TOO_EARLY
 * -DFORGOTTEN_WHILE_OUT and (ends) -DNO_WAKE -DNO_SHIELD -DONLY_STARTER_SERVED. */
#define T1 1
#define T2 2
#define PG 3
#define PHYS 4
#define NOTHING 0
#define A 1
#define B 2
#define C 3			/* the pager's */
#ifndef FRAMES
#define FRAMES 2
#endif
#ifndef EVICTS
#define EVICTS 2
#endif

mtype = { OUT, READING, IN, WRITING };		/* of a page */
mtype = { TASK_IN, TASK_GOING_OUT, TASK_OUT };
mtype = { FAULT, FORWARD, ASK };
mtype state[4] = OUT, task = TASK_IN;
bool mapped[4], dirty[4], shield[4], hold;
byte free = FRAMES, evicts = EVICTS;
byte page_of[4];		/* the parked fault of a thread */
byte order[3], parked;		/* threads with one, oldest first */
bool last_resort;		/* the pager has had one since its last forward */
byte depth_max;

bool alive[4] = true;
byte waits[4];			/* for whom */
bool queued[3];			/* at the pager */
bool sending;			/* the pager, its forward */
byte handling;			/* the thread whose fault the pager has in hand */
bool done[3];
byte i, j, drop;		/* of the inlines */
chan at_pager = [2] of { byte, byte };
chan at_physmem = [2] of { byte, mtype, byte };	/* in whose name, what, page */

/* ---------------------------------------------------------------- physmem */
#define busy(p) (state[p] == READING || state[p] == WRITING)
#define wants(t, p) (page_of[t] == (p))
#define wanted(p) (wants(T1, p) || wants(T2, p) || wants(PG, p))

/* With a zero time-out. */
inline reply(t) { if :: alive[t] && waits[t] == PHYS -> waits[t] = 0 :: else fi }

inline unpark_at(n)
{
	page_of[order[n]] = NOTHING;
	j = n;
	do
	:: j + 1 < parked -> order[j] = order[j + 1]; j++
	:: else -> break
	od;
	parked--; order[parked] = 0; j = 0
}

inline supersede(t)
{
	i = 0;
	do
	:: i < parked && order[i] == t -> unpark_at(i)
	:: i < parked && order[i] != t -> i++
	:: else -> break
	od;
	i = 0
}

inline park(t, p) { page_of[t] = p; order[parked] = t; parked++ }

inline release(p) { state[p] = OUT; free++ }

inline outswap_step()
{
	if
	:: task == TASK_GOING_OUT ->
		i = A;
		do
		:: i <= C && state[i] == IN ->
			mapped[i] = false; shield[i] = false;
			if :: dirty[i] -> dirty[i] = false; state[i] = WRITING :: else -> release(i) fi;
			i++
		:: i <= C && state[i] != IN -> i++
		:: else -> break
		od;
		i = 0;
#ifdef OUT_TOO_EARLY
		task = TASK_OUT
#else
		if :: state[A] == OUT && state[B] == OUT && state[C] == OUT -> task = TASK_OUT :: else fi
#endif
	:: else
	fi
}

inline serve_all()
{
	i = 0;
	do
	:: i < parked ->
#ifndef NO_WAKE
		if :: task == TASK_OUT && !hold -> task = TASK_IN :: else fi;
#endif
		if
#ifdef SERVED_WHILE_GOING_OUT
		:: false
#else
		:: task != TASK_IN -> i++
#endif
		:: task == TASK_IN && state[page_of[order[i]]] == IN ->
			mapped[page_of[order[i]]] = true; shield[page_of[order[i]]] = true;
			reply(order[i]);
			unpark_at(i)
		:: task == TASK_IN && state[page_of[order[i]]] == OUT && free > 0 ->
			free--; state[page_of[order[i]]] = READING; i++
#ifdef SERVED_WHILE_GOING_OUT
		:: task != TASK_IN && state[page_of[order[i]]] == IN -> mapped[page_of[order[i]]] = true; reply(order[i]); unpark_at(i)
		:: task != TASK_IN && state[page_of[order[i]]] == OUT && free > 0 -> free--; state[page_of[order[i]]] = READING; i++
#endif
		:: else -> i++
		fi
	:: else -> break
	od;
	i = 0
}

inline settle()			/* rounds until nothing moves; two are enough */
{
	outswap_step(); serve_all(); outswap_step(); serve_all();
	assert(task != TASK_OUT || free == FRAMES);
	assert(parked <= 3);
	/* who waits for whom */
	assert(waits[T1] == 0 || waits[T1] == PG || waits[T1] == PHYS);
	assert(waits[T2] == 0 || waits[T2] == PG || waits[T2] == PHYS);
	assert(waits[PG] == 0 || (waits[PG] == PHYS && (page_of[PG] == C || nempty(at_physmem))));
	assert(depth_max <= 2)
}

inline on_forward(t, p)		/* flag P is there only if the thread lives */
{
	if
	:: alive[t] ->
#ifndef PAGER_WAITS
		if :: waits[t] == PG -> waits[t] = PHYS :: else fi;	/* the kernel */
#endif
		depth_max = (last_resort || depth_max == 2 -> 2 : 1);
		last_resort = false;
		supersede(t);
		park(t, p)
	:: else
	fi;
#ifndef PAGER_WAITS
	sending = false
#endif
}

inline evict(p)
{
	mapped[p] = false; shield[p] = false;
	if :: dirty[p] -> dirty[p] = false; state[p] = WRITING :: else -> release(p) fi;
	settle()
}

inline completion(p)
{
	if
	:: state[p] == READING -> state[p] = IN
	:: state[p] == WRITING && wanted(p) && task == TASK_IN -> state[p] = IN
	:: else -> release(p)
	fi;
	/* Of several who wait for the page the oldest is answered; nobody looks at the others. */
#ifdef ONLY_STARTER_SERVED
	if :: state[p] == IN && page_of[T1] == p && page_of[T2] == p -> supersede(T2) :: else fi;
#endif
	settle()
}

#define needs_frame(t) (page_of[t] != NOTHING && state[page_of[t]] == OUT)
#define short (task == TASK_IN && free == 0 && (needs_frame(T1) || needs_frame(T2) || needs_frame(PG)) && \
	state[A] != WRITING && state[B] != WRITING && state[C] != WRITING)
#ifdef NO_SHIELD
#define victim(p) (state[p] == IN)
#else
#define victim(p) (state[p] == IN && !shield[p])
#endif

active proctype Physmem()
{
	byte t, p;
	mtype what;
end:	do
	:: atomic { nempty(at_physmem) ->
		at_physmem?t,what,p;
		d_step {
			if
			:: what == FAULT -> supersede(t); park(t, p); last_resort = true
			:: what == FORWARD -> on_forward(t, p)
			:: what == ASK -> reply(t)
			fi;
#ifdef FORGOTTEN_WHILE_OUT
			if :: task == TASK_OUT -> supersede(t) :: else fi;
#endif
			t = 0; p = 0; settle(); what = 0 } }
	:: d_step { short && victim(A) -> evict(A); i = 0 }
	:: d_step { short && victim(B) -> evict(B); i = 0 }
	:: d_step { short && victim(C) -> evict(C); i = 0 }
	od
}

active [3] proctype Transfer()
{
	byte p = _pid;		/* Physmem is 0 */
end:	do
	:: atomic { busy(p) -> d_step { completion(p); i = 0 } }
	od
}

active proctype Adversary()	/* evicts what it likes, and says when the task goes out */
{
	byte outswaps = 1, kills = 1;
end:	do
	:: d_step { evicts > 0 && victim(A) -> evicts--; evict(A); i = 0 }
	:: d_step { evicts > 0 && victim(B) -> evicts--; evict(B); i = 0 }
	:: d_step { evicts > 0 && victim(C) -> evicts--; evict(C); i = 0 }
	:: atomic { outswaps > 0 && task == TASK_IN -> outswaps--;
		if :: hold = true :: true fi;
		d_step { task = TASK_GOING_OUT; settle(); i = 0 } }
	:: atomic { kills > 0 && alive[T1] && !done[T1] -> kills--;
		alive[T1] = false; waits[T1] = 0;
		if :: queued[T1] -> queued[T1] = false; at_pager??T1,drop; drop = 0 :: else fi }
	/* PHYSMEM_FORGET_THREAD */
	:: atomic { !alive[T1] && page_of[T1] != NOTHING -> d_step { supersede(T1); settle(); i = 0 } }
	od
}

active proctype TaskServer()
{
end:	do
	:: atomic { hold && task == TASK_OUT -> d_step { hold = false; task = TASK_IN; settle(); i = 0 } }
	od
}

/* ---------------------------------------------------------------- the task */
inline instruction()		/* of the pager: any may fault; its pager is physmem */
{
	do
	:: d_step { mapped[C] -> shield[C] = false; dirty[C] = true } break
#ifdef NO_LAST_RESORT
	:: atomic { !mapped[C] -> waits[PG] = PG; assert(waits[PG] != PG) }
#else
	:: atomic { !mapped[C] -> waits[PG] = PHYS; at_physmem!PG,FAULT,C };
		waits[PG] == 0
#endif
	od
}

active proctype Pager()
{
	byte t, p;
	byte last[3];
end:	do
	:: atomic { nempty(at_pager) -> at_pager?t,p; queued[t] = false; handling = t };
		instruction();
		if
		:: last[t] == p ->
			atomic { waits[PG] = PHYS; at_physmem!PG,ASK,p };
			waits[PG] == 0;
			instruction()
		:: else
		fi;
		atomic { last[t] = p; sending = true; at_physmem!t,FORWARD,p };
#ifdef PAGER_WAITS
		waits[PG] = PHYS;
		atomic { mapped[p] -> waits[PG] = 0; waits[t] = 0; sending = false };
#else
		!sending;
#endif
		atomic { t = 0; p = 0; handling = 0 };
		instruction()
	od
}

proctype Thread(byte me; byte p; byte next)
{
	do
	:: d_step { alive[me] && mapped[p] -> shield[p] = false; dirty[p] = true; p = next; next = NOTHING };
		if :: p == NOTHING -> break :: else fi
	:: atomic { alive[me] && !mapped[p] -> waits[me] = PG; queued[me] = true; at_pager!me,p };
		waits[me] == 0
	:: !alive[me] -> break
	od;
	done[me] = true
}

init { atomic { run Thread(T1, A, B); run Thread(T2, B, NOTHING) } }

ltl ends { <> (done[T1] && done[T2]) }
