/* SPDX-License-Identifier: BSD-2-Clause */
/* Too few windows, frames or disk slots: who waits, when the table grows, who is refused.
 *
 * Task 0 has the windows 0, 1 and 2, task 1 has 3 and 4, with one page each; task 1 is
 * guaranteed G1 frames and windows, task 0 G0.  An instruction needs one or two windows of its
 * task with their pages at the same time, and both tasks run for ever; AT_ONCE of them are
 * admitted to that.  FRAMES, WINDOWS and DISK are what there is; DISK = 0: no page ever leaves.
 * The table grows by a window for a frame.  -DPINS: task 0 may pin the page of window 0 for
 * ever.
 * Proves: every instruction ends, done or refused (ltl ends, weak fairness); the guaranteed task
 * is never refused; -DFITS: nor is the other one.
 * Assumes: segmap's steps are always possible (segment_map.pml); a frame holds no page at first.
 * Not in it: windows of several pages; guarantees smaller than an instruction; a disk that is
 * full while there are fewer windows than frames.
 * Run: tests/model/check.sh window_slots.   Holds: 30 330 states, 1 s.
 * Fails when broken: the rules that check.sh names, each with the switches that show it. */
#ifndef FRAMES
#define FRAMES 4
#endif
#ifndef WINDOWS
#define WINDOWS 4
#endif
#ifndef DISK
#define DISK 5
#endif
#ifndef AT_ONCE
#define AT_ONCE 1
#endif
#ifndef G0
#define G0 2
#endif
#ifndef G1
#define G1 2
#endif
#define task_of(w) ((w) / 3)

mtype = { ABSENT, LOOKED_UP, ACTIVE, LEAVING };
mtype window[5] = ABSENT;
bool in[5], exists[5];		/* the page: in memory; somewhere */
bool wanted[5], shield[5], pin[5];
byte frames = FRAMES, windows = WINDOWS, disk = DISK;	/* free */
byte frames_of[2], windows_of[2], grown[2];	/* what a task has; frames of the table that are its */
bool runs[2], admitted[2], refused[2];
byte turn;

#ifdef OWED_IS_USED
#define owed_frames(t) 0
#define owed_windows(t) 0
#else				/* to the other task */
#define owed_frames(t) (t == 0 -> (frames_of[1] < G1 -> G1 - frames_of[1] : 0) : (frames_of[0] < G0 -> G0 - frames_of[0] : 0))
#define owed_windows(t) (t == 0 -> (windows_of[1] < G1 -> G1 - windows_of[1] : 0) : (windows_of[0] < G0 -> G0 - windows_of[0] : 0))
#endif
#define frame_for(t) (frames > owed_frames(t))
#define window_for(t) (windows > owed_windows(t))

/* Counts, which say alone whether a task can ever have one more. */
#define fixed(w) (in[w] && (DISK == 0 || shield[w] || pin[w]))
#define fixed_window(w) (fixed(w) || (wanted[w] && window[w] != ABSENT))
#define fixed_frames(t) (grown[t] + (t == 0 -> fixed(0) + fixed(1) + fixed(2) : fixed(3) + fixed(4)))
#define fixed_windows(t) (t == 0 -> fixed_window(0) + fixed_window(1) + fixed_window(2) : fixed_window(3) + fixed_window(4))
#define most_frames(t) (FRAMES - (t == 0 -> G1 : G0))
#define most_windows(t) (WINDOWS + grown[t] - (t == 0 -> G1 : G0))
#define pages_of(t) (t == 0 -> exists[0] + exists[1] + exists[2] : exists[3] + exists[4])
#ifdef DISK_TO_THE_LAST		/* nothing is left to move a page with */
#define spare 0
#else
#define spare (DISK > 0)
#endif
#define room_for_page(t) (pages_of(t) + grown[t] + 1 <= FRAMES + DISK - spare - (t == 0 -> G1 : G0))
#ifdef BY_MOTION		/* refused when nothing moves, which others can put off for ever */
#define moves(w) (may_go(w) || may_leave(w) || window[w] == LEAVING || window[w] == LOOKED_UP)
#define stuck(t) (!moves(0) && !moves(1) && !moves(2) && !moves(3) && !moves(4) && !admitted[1 - t])
#define no_window(t) stuck(t)
#define no_frame(t) stuck(t)
#define may_grow(t) frame_for(t)
#else
#define no_window(t) (fixed_windows(t) + 1 > most_windows(t))
#define no_frame(t) (fixed_frames(t) + 1 > most_frames(t))
#define may_grow(t) (fixed_frames(t) + 2 <= most_frames(t) && room_for_page(t))	/* two frames */
#endif

#define asks(w) (wanted[w] && admitted[task_of(w)])
#define waits_window(w) (asks(w) && window[w] == ABSENT && !window_for(task_of(w)))
#define has_window(w) (window[w] == ACTIVE || window[w] == LEAVING)
#define waits_frame(w) (asks(w) && has_window(w) && !in[w] && !frame_for(task_of(w)))
#define waits_growth(w) (waits_window(w) && no_window(task_of(w)) && may_grow(task_of(w)) && !frame_for(task_of(w)))
#define short_windows (waits_window(0) || waits_window(1) || waits_window(2) || waits_window(3) || waits_window(4))
#define short_frames (waits_frame(0) || waits_frame(1) || waits_frame(2) || waits_frame(3) || waits_frame(4) || \
	waits_growth(0) || waits_growth(1) || waits_growth(2) || waits_growth(3) || waits_growth(4))
#ifdef EVICTION_NEEDS_WINDOW
#define can_go(w) (in[w] && !shield[w] && !pin[w] && !wanted[w] && disk > 0 && windows > 0)
#else
#define can_go(w) (in[w] && !shield[w] && !pin[w] && !wanted[w] && disk > 0)
#endif
#ifdef OWED_IS_EVICTED
#define may_go(w) can_go(w)
#else				/* a frame that is owed to its task then helps nobody, and costs a slot of the disk */
#define may_go(w) (can_go(w) && (admitted[task_of(w)] || frames_of[task_of(w)] > (task_of(w) == 0 -> G0 : G1)))
#endif
#define may_leave(w) (window[w] == ACTIVE && !in[w] && !wanted[w])
#ifdef NO_ROOM_PROMISED
#define no_room(w) false
#else
#define no_room(w) (!exists[w] && !room_for_page(task_of(w)))
#endif

inline refuse(w) { wanted[w] = false; refused[task_of(w)] = true }

inline bring_in(w)
{
	window[w] = ACTIVE; in[w] = true; frames--; frames_of[task_of(w)]++;
	if :: exists[w] -> disk++ :: else -> exists[w] = true fi
}

inline step(w)
{
	if
	:: atomic { asks(w) && in[w] -> wanted[w] = false; shield[w] = true; window[w] = ACTIVE }
	:: atomic { asks(w) && has_window(w) && !in[w] && !no_room(w) && frame_for(task_of(w)) -> bring_in(w) }
	:: atomic { asks(w) && window[w] == ABSENT && window_for(task_of(w)) ->
		window[w] = LOOKED_UP; windows--; windows_of[task_of(w)]++ }
	:: atomic { window[w] == LOOKED_UP -> window[w] = ACTIVE }
	:: atomic { window[w] == LEAVING -> window[w] = ABSENT; windows++; windows_of[task_of(w)]-- }
	:: atomic { (short_frames || short_windows) && may_go(w) -> in[w] = false; disk--; frames++; frames_of[task_of(w)]-- }
	:: atomic { short_windows && may_leave(w) -> window[w] = LEAVING }
#ifndef NO_GROWTH
	:: atomic { waits_window(w) && no_window(task_of(w)) && may_grow(task_of(w)) && frame_for(task_of(w)) ->
		frames--; frames_of[task_of(w)]++; grown[task_of(w)]++; windows_of[task_of(w)]++; window[w] = LOOKED_UP }
#endif
#ifndef NO_REFUSAL
	:: atomic { asks(w) && !in[w] && has_window(w) && no_room(w) -> refuse(w) }
	:: atomic { waits_frame(w) && no_frame(task_of(w)) -> refuse(w) }
#ifdef NO_GROWTH
	:: atomic { waits_window(w) && no_window(task_of(w)) -> refuse(w) }
#else
	:: atomic { waits_window(w) && no_window(task_of(w)) && !may_grow(task_of(w)) -> refuse(w) }
#endif
#endif
	fi
}

proctype Physmem(byte w)	/* one for each window, so that fairness is towards each */
{
end:	do
	:: step(w)
	od
}

inline over(t)
{
	if
	:: t == 0 -> shield[0] = false; shield[1] = false; shield[2] = false; wanted[0] = false; wanted[1] = false; wanted[2] = false
	:: else -> shield[3] = false; shield[4] = false; wanted[3] = false; wanted[4] = false
	fi;
	admitted[t] = false; runs[t] = false; refused[t] = false
}

#define has(w) (in[w] && shield[w])
proctype Task(byte me)
{
	byte a, b;
end:	do
	:: atomic { runs[me] = true;
		if
		:: me == 0 -> if :: a = 0; b = 1 :: a = 1; b = 2 :: a = 2; b = 0 :: a = 0; b = 0 :: a = 2; b = 2 fi
		:: else -> if :: a = 3; b = 4 :: a = 4; b = 4 fi
		fi };
#ifdef ALL_ADMITTED
		admitted[me] = true;
#else				/* first come, first served */
		atomic { admitted[0] + admitted[1] < AT_ONCE && (turn == me || !runs[1 - me] || admitted[1 - me]) ->
			admitted[me] = true; turn = 1 - me };
#endif
		do
		:: atomic { has(a) && has(b) ->
#ifdef PINS
			if :: me == 0 && in[0] -> pin[0] = true :: true fi;
#endif
			over(me); a = 0; b = 0; break }
		:: atomic { !refused[me] && !has(a) && !wanted[a] -> wanted[a] = true }; !wanted[a]
		:: atomic { !refused[me] && has(a) && !has(b) && !wanted[b] -> wanted[b] = true }; !wanted[b]
		:: atomic { refused[me] ->
			assert(me == 0);
#ifdef FITS
			assert(false);
#endif
			over(me); a = 0; b = 0; break }
		od
	od
}

init {
	atomic { run Task(0); run Task(1);
		run Physmem(0); run Physmem(1); run Physmem(2); run Physmem(3); run Physmem(4) }
}

ltl ends { [] ((runs[0] -> <> !runs[0]) && (runs[1] -> <> !runs[1])) }
