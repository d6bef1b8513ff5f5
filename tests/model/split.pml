/* SPDX-License-Identifier: BSD-2-Clause */
/* A superpage is split in steps, in all spaces that have it.
 *
 * Models superpage.c (superframe_split, superpages_settle, split_one) and what stands in front of
 * each operation of unmap.c and map_page.c: superpages_settled.  Two frames and at most three
 * mappings of them, each derived from the one before.  A step makes a page table or a node; between
 * two steps interrupts come, others take kernel memory and give it back, unmap the last mapping or
 * map another one, and whoever goes on with the split may be killed or cancelled.
 * Proves: a split that has begun never lacks memory; when it ends each frame's list is the one that
 * the superpage had; nobody looks at a list that is half made; somebody can always go on.
 * Not in it: status and rights, charges, superpages that cannot be split.
 * Run: tests/model/check.sh split.   Holds: 1 328 states, < 1 s.
 * Fails when broken: -DOPERATES_HALF_SPLIT -DNOTHING_ASIDE -DPLACE_OF_CALLER -DTABLES_LAST. */
#define M 3
#define POOL 10

byte mappings = 2;		/* of the superpage, or of each frame */
bool big = true, splitting;
byte closed;			/* the next mapping without a table, while there are some: 1 .. */
byte frame, from;		/* of the list that is being made: how many of its nodes there are */
byte made[2];			/* nodes of each frame */
byte tables;			/* of its mappings */
byte wanted;			/* ghost: the mappings when it began */
byte free = POOL, aside, others;
byte who;			/* who has begun */
bool lives[3] = true;

#define settled() (!splitting)

inline take() { assert(free > 0); free--; if :: aside > 0 -> aside-- :: else fi }

inline begin(by)	/* a table and two nodes, less the first, which there is, for each mapping */
{
	if
	:: free >= 2 * mappings ->
#ifndef NOTHING_ASIDE
		aside = 2 * mappings;
#endif
		splitting = true; who = by; wanted = mappings;
		closed = 0; frame = 0; from = 0
	:: else			/* the operation fails, or does to all what it should do to a part */
	fi
}

inline step()
{
	if
#ifdef TABLES_LAST
	:: frame < 2 ->
#else
	:: closed < mappings -> take(); closed++; tables++
	:: closed >= mappings && frame < 2 ->
#endif
		if
		:: from < mappings ->
			assert(tables >= mappings);	/* a node's entry stands in its table */
			if :: frame > 0 -> take() :: else fi;
			made[frame]++; from++
		:: else -> frame++; from = 0
		fi
	:: else ->
		splitting = false; big = false; aside = 0; who = 0; closed = 0; frame = 0; from = 0;
		assert(made[0] == wanted && made[1] == wanted)
	fi
}

/* A part is unmapped from whoever has it last, or the whole is mapped on. */
inline operate()
{
	if
	:: big && mappings > 0 -> if :: mappings-- :: mappings < M -> mappings++ fi
	:: !big && made[0] > 0 -> made[0]--
	:: !big && made[1] > 0 -> made[1]--
	:: !big && made[0] == 0 && made[1] == 0 ->	/* all has gone, and is mapped as a superpage */
		big = true; mappings = 2; wanted = 0; tables = 0; free = POOL - others
	:: else
	fi
}

active proctype kernel()
{
	byte by;
	do
	:: atomic { settled() && big && mappings > 0 ->
		select(by : 1 .. 2); if :: lives[by] -> begin(by) :: else fi; by = 0 }
#ifdef PLACE_OF_CALLER
	:: atomic { splitting && lives[who] -> step() }
#else
	:: atomic { splitting -> step() }	/* whoever maps or unmaps next */
#endif
#ifdef OPERATES_HALF_SPLIT
	:: atomic { operate() }
#else
	:: atomic { settled() -> operate() }
#endif
	:: atomic { free > aside && others < 5 -> free--; others++ }	/* others' kernel memory */
	:: atomic { others > 0 -> free++; others-- }
	:: atomic { select(by : 1 .. 2); lives[by] = !lives[by]; by = 0;	/* killed, or made */
#ifdef PLACE_OF_CALLER
		assert(!splitting || lives[who])	/* nobody could go on */
#endif
	}
	od
}
