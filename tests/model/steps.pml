/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel does in steps: others come in between.
 *
 * Models kernel/l4/unmap.c (delete_below, unmap_some), mapping_walk.c, unmap_call.c and reaper.c.
 * A step is atomic and does one node, or goes down one level on the way to the first leaf; between
 * two steps anybody does anything, and whoever goes on may disappear.  One frame, three places for
 * mappings of it, which form a tree below sigma0 and a list in preorder.  Everybody maps what he
 * has, writes, takes his mapping away whole.  The owner of place 1 unmaps what is derived from it;
 * two threads of his revoke the right to write from it, by a walk, and there is one place for a
 * walk that has stopped.  Two callers delete each other, or spaces, whose rest is the reaper's.
 * Proves: between two steps the tree is a tree and the list is in preorder; no write is lost to
 * sigma0, whoever disappears; a walk has been everywhere when it ends, and never stands at a node
 * that has gone; nothing is in the reaper's list that nobody works on.
 * Not in it: status told to others than sigma0, devices' lists, ports, liveness.
 * Run: tests/model/check.sh steps.   Holds: 123 049 states, < 1 s; the reaper, -DREAPER: 12.
 * Fails when broken: -DPARENT_FIRST -DSTATUS_IN_CALL -DPLACE_STAYS -DROOT_STAYS -DPLACE_OF_OTHERS;
 * -DREAPER -DDELETER_LEAVES. */
#define N 3
#define EACH(i) i = 1; do :: i <= N ->
#define NEXT(i) ; i++ :: else -> i = 0; break od

#ifndef REAPER
bool there[4], can_write[4], hw[4], kept[4];
byte parent[4];			/* 0: sigma0 */
byte after[4], before[4];	/* the list; 0: its head, and its end */
bool head_kept;
byte walk_owner, walk_tree, walk_next;
byte down;			/* where the deletion of what is below 1 stands; 0: nowhere */
bool taken;			/* a status that only a call knows */
/* ghosts */
bool written;			/* and sigma0 has not asked since */
bool must[12];			/* of walker w and node n, at 4 * w + n: it is to be visited */
byte i, d, p;			/* of the inlines: 0 in between */

#define has_below(m) (after[m] != 0 && parent[after[m]] == (m))
#define below1(n, m) (parent[n] == (m) && (m) != 0)
#define below(n, m) (below1(n, m) || below1(parent[n], m) || below1(parent[parent[n]], m))

inline check_tree()
{
	EACH(i)
		if
		:: there[i] ->
			assert(parent[i] == 0 || there[parent[i]]);
			assert(before[i] == parent[i] || parent[i] == 0 || below(before[i], parent[i]));
			assert(after[before[i]] == i)
		:: else
		fi
	NEXT(i);
	assert(!walk_owner || (there[walk_tree] && (walk_next == 0 || there[walk_next])));
	assert(!down || (there[1] && there[down]));
	assert(!written || head_kept || (there[1] && (hw[1] || kept[1])) || (there[2] && (hw[2] || kept[2])) ||
		(there[3] && (hw[3] || kept[3])))
}

inline unlink(n)
{
	if
#ifndef ROOT_STAYS
	:: walk_owner && walk_tree == n -> walk_owner = 0; walk_tree = 0; walk_next = 0
#endif
#ifndef PLACE_STAYS
	:: walk_owner && walk_tree != n && walk_next == n -> walk_next = after[n]
#endif
	:: else
	fi;
	if
	:: n == 1 -> down = 0
#ifndef PLACE_STAYS
	:: n != 1 && down == n -> down = after[n]
#endif
	:: else
	fi;
	after[before[n]] = after[n];
	if :: after[n] != 0 -> before[after[n]] = before[n] :: else fi;
	there[n] = false; can_write[n] = false; hw[n] = false; kept[n] = false; parent[n] = 0;
	after[n] = 0; before[n] = 0; must[4 + n] = false; must[8 + n] = false
}

/* The first leaf below m, or (if broken) the first node. */
inline leaf_below(m)
{
	d = after[m];
#ifndef PARENT_FIRST
	do :: after[d] != 0 && parent[after[d]] == d -> d = after[d] :: else -> break od
#endif
}

/* A level down, or one leaf below 1, which has some: its status is 1's.  Where others have been
 * meanwhile, the place may be no longer below 1. */
inline delete_step()
{
	d = (down != 0 && below(down, 1) -> down : after[1]);
	down = 0;
	if
#ifndef PARENT_FIRST
	:: has_below(d) -> down = after[d]
	:: else ->
#else
	:: true ->
#endif
#ifdef STATUS_IN_CALL
		taken = taken || hw[d] || kept[d];
#else
		kept[1] = kept[1] || hw[d] || kept[d];
#endif
		unlink(d)
	fi;
	d = 0
}

/* keep_above, for a node without any below */
inline delete_self(m)
{
	if
	:: parent[m] == 0 -> head_kept = head_kept || hw[m] || kept[m]
	:: else -> kept[parent[m]] = kept[parent[m]] || hw[m] || kept[m]
	fi;
	unlink(m)
}

/* Everybody: map from p (0: sigma0) to d, write, flush. */
active proctype others()
{
	do
	:: atomic {
		select(p : 0 .. N); select(d : 1 .. N);
		if
		:: !there[d] && (p == 0 || (there[p] && p != d)) && (p == 0 || parent[p] == 0 || parent[parent[p]] == 0) ->
			there[d] = true; parent[d] = p; can_write[d] = (p == 0 || can_write[p]);
			after[d] = after[p]; before[d] = p;
			if :: after[d] != 0 -> before[after[d]] = d :: else fi;
			after[p] = d
		:: else
		fi;
		p = 0; d = 0; check_tree()
	}
	:: atomic { select(d : 1 .. N);
		if :: there[d] && can_write[d] -> hw[d] = true; written = true :: else fi; d = 0; check_tree() }
	:: atomic { select(p : 2 .. N);
		if
		:: there[p] ->
			do :: has_below(p) -> leaf_below(p); kept[p] = kept[p] || hw[d] || kept[d]; unlink(d); d = 0
			:: else -> break od;
			delete_self(p)
		:: else
		fi;
		p = 0; d = 0; check_tree() }
	:: atomic { written && head_kept -> head_kept = false; written = false; /* sigma0 asks */
		EACH(i) hw[i] = false; kept[i] = false NEXT(i); taken = false }
	od
}

/* Unmap of what is derived from 1; or the thread disappears. */
active proctype unmapper()
{
	do
	:: atomic { there[1] && has_below(1) -> delete_step(); check_tree() }
	:: atomic { taken ->
		if
		:: there[1] -> kept[1] = true /* the call ends, and tells */
		:: true /* or its thread disappears */
		fi;
		taken = false; check_tree() }
	od
}

/* Walkers 1 and 2 revoke the right to write from all below 1. */
proctype walker(byte w)
{
	byte at;		/* 0: at the end */
	bool again;
	do
	:: atomic { there[1] && !again ->	/* begins */
		if :: walk_owner == w -> walk_owner = 0; walk_tree = 0; walk_next = 0 :: else fi;
		EACH(i) must[4 * w + i] = there[i] && below(i, 1) NEXT(i);
		again = true }
	:: atomic { again ->			/* a step */
		if
		:: !there[1] -> again = false
		:: else ->
			at = after[1];
			if
#ifdef PLACE_OF_OTHERS
			:: walk_owner != 0 && walk_tree == 1 -> at = walk_next; walk_owner = 0; walk_tree = 0; walk_next = 0
#else
			:: walk_owner == w && walk_tree == 1 -> at = walk_next; walk_owner = 0; walk_tree = 0; walk_next = 0
#endif
			:: else
			fi;
			if
			:: at != 0 && below(at, 1) ->
				can_write[at] = false;
				walk_owner = w; walk_tree = 1; walk_next = after[at]
			:: else -> /* the end */
				EACH(i) assert(!must[4 * w + i] || !can_write[i]); must[4 * w + i] = false NEXT(i);
				again = false
			fi
		fi;
		at = 0; check_tree() }
	:: atomic { again -> again = false;	/* disappears, and another one at its place begins */
		EACH(i) must[4 * w + i] = false NEXT(i) }
	od
}

init { atomic { run walker(1); run walker(2) } }

#else /* ---- the reaper ---- */

bool rest, lives[3], reaps[3];
byte c;

inline delete(by, space)	/* a space's last thread, or the other caller */
{
	if
	:: space -> rest = true
	:: else -> lives[3 - by] = false; reaps[3 - by] = false
	fi;
#ifdef DELETER_LEAVES
	reaps[by] = reaps[by] || space
#else
	reaps[by] = reaps[by] || rest
#endif
}

active proctype callers()
{
	lives[1] = true; lives[2] = true;
	do
	:: atomic { select(c : 1 .. 2);
		if
		:: lives[c] && !reaps[c] -> if :: true -> delete(c, true) :: true -> delete(c, false) fi
		:: lives[c] && reaps[c] -> if :: rest = false; reaps[c] = false :: true fi
		:: !lives[c] -> lives[c] = true
		fi;
		c = 0; assert(!rest || (lives[1] && reaps[1]) || (lives[2] && reaps[2])) }
	od
}
#endif
