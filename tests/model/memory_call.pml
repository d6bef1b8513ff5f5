/* SPDX-License-Identifier: BSD-2-Clause */
/* MemoryControl goes on in steps, and the kernel remembers one place.
 *
 * Models memory_control.c (memory_control, goes_on, stop).  Two threads of sigma0 each set a type
 * of all frames, or of all but the first; a step does one frame.  Between two steps interrupts
 * come, the other thread makes a call or goes on with one, and a caller is cancelled, killed and
 * made again at the same place, and makes another call.
 * Proves: when a call ends, all its frames have its type, whoever has been in between; a call that
 * nobody disturbs ends.
 * Not in it: loans, lists of mappings (steps.pml), fpages of several words.
 * Run: tests/model/check.sh memory_call.   Holds: 2 515 states, < 1 s.
 * Fails when broken: -DPLACE_STAYS -DANY_CALL -DNO_PLACE. */
#define FRAMES 3

byte type[FRAMES];
bool calls[3];
byte wants[3], first[3];	/* the type; the first frame */
byte stopped_caller, stopped_wants, stopped_first, stopped_next;
byte steps[3];			/* ghost: since anybody else was here */

inline check(by, i)
{
	i = first[by];
	do
	:: i < FRAMES -> assert(type[i] == wants[by]); i++
	:: else -> i = 0; break
	od
}

/* The call is made, or made again: the thread repeats its system call. */
inline memory_control(by, next, i)
{
	if
#ifdef ANY_CALL
	:: stopped_caller == by -> next = stopped_next
#else
#ifndef NO_PLACE
	:: stopped_caller == by && stopped_wants == wants[by] && stopped_first == first[by] -> next = stopped_next
#endif
#endif
	:: else -> next = first[by]
	fi;
#ifndef PLACE_STAYS
	stopped_caller = 0; stopped_wants = 0; stopped_first = 0; stopped_next = 0;
#endif
	if :: next < FRAMES -> type[next] = wants[by]; next++ :: else fi;
	steps[by]++; steps[3 - by] = 0;
	assert(steps[by] <= FRAMES);
	if
	:: next >= FRAMES -> check(by, i); calls[by] = false; wants[by] = 0; first[by] = 0; steps[by] = 0
#ifdef PLACE_STAYS
	:: next < FRAMES && (stopped_caller == 0 || stopped_caller == by) ->
#else
	:: next < FRAMES ->
#endif
		stopped_caller = by; stopped_wants = wants[by]; stopped_first = first[by]; stopped_next = next
#ifdef PLACE_STAYS
	:: else
#endif
	fi;
	next = 0
}

active proctype kernel()
{
	byte by, next, i;
	do
	:: atomic { select(by : 1 .. 2);
		if
		:: !calls[by] ->
			calls[by] = true; steps[by] = 0;
			if :: wants[by] = 1 :: wants[by] = 2 fi;
			if :: first[by] = 0 :: first[by] = 1 fi
		:: calls[by] -> memory_control(by, next, i)
		:: calls[by] ->			/* cancelled, or killed */
			calls[by] = false; wants[by] = 0; first[by] = 0; steps[by] = 0
		fi;
		by = 0 }
	od
}
