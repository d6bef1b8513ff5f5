/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames: taken away and used again while map items are on their way.
 *
 * Models kernel/l4/map_page.c and unmap.c (map_page, unmap_page, unmap_node, revoke_below,
 * keep_above, grant_node, extend; the tree as parents instead of the list with depths), map items
 * evaluated at delivery (ipc_transfer.c), and of servers/physmem fault.c (answer), dispatch.c
 * (on_call: map items are answered before the event goes on), page.c (unmap_batch_*, flag
 * `mapped'), replacement.c (sample), swap_out.c, swap_finish.c.  A system call is atomic; physmem
 * is one thread and can be interrupted between two of its own. Three tasks with one place in their
 * spaces each, two pages, one frame (-DFRAMES=2 -DTWO_TASKS: two, without Z).  X faults on the
 * first page, Y on the second, Z asks for the first by a call (PHYSMEM_MAP).  Everybody maps or
 * grants what he has to anybody, by a message that waits in a queue, one at a time; flushes his
 * place; writes.  Without bound.
 * Proves: nothing maps a frame that is free, read into or written out; every task finds in its
 * place the page that was mapped there, with what was written last.
 * Not in it: rights other than all, liveness, copy-on-write, frames of dead drivers.
 * Run: tests/model/check.sh unmap_map.   Holds: 609 181 states, 4 s; two frames and X, Y alone
 * 88 181 states, < 1 s.
 * Fails when broken: -DREPLY_AFTER_EVENT -DEARLY_SOURCE -DONLY_CHILDREN -DGRANT_FORGETS
 * -DSTATUS_LOST -DSAMPLE_CLEARS_MAPPED -DSAMPLE_DROPS_DIRTY -DREUSE_BEFORE_WRITTEN. */
#ifndef FRAMES
#define FRAMES 1
#endif
#define X 1
#define Y 2
#define Z 3
#define TASKS 3
#define A 1
#define B 2
#define EACH(i) i = 1; do :: i <= TASKS -> 
#define NEXT(i) ; i++ :: else -> i = 0; break od

mtype = { OUT, READING, IN, WRITING };
/* kernel */
byte pte[4];			/* the frame mapped there, 0: none */
byte parent[4];			/* in the tree: the task it was mapped from, 0: physmem */
bool hw[4];			/* dirty bit of the entry */
bool kept[4];			/* status from below that this space has not seen */
bool head[3];			/* the same for physmem, by frame */
byte item_from, item_to;	/* a message with a map item waits for this receiver */
bool item_grant;
#ifdef EARLY_SOURCE
byte item_frame;
#endif
/* physmem */
mtype state[3] = OUT;
byte frame[3];			/* of a page, 0: none */
byte owner[3];			/* of a frame: its page, 0: free */
bool mapped[3];			/* of a frame: somebody may have it mapped */
bool dirty[3];			/* of a page */
byte parked[4];			/* page that a task's fault, or call, is for */
/* ghosts */
byte meant[4];			/* the page that was mapped there */
bool stale[3];			/* what the page has on swap is not what was written last */
bool status;
byte i, u, f;			/* of the inlines: 0 in between */

/* ---- the kernel ---- */
inline delete_node(t, below)	/* nothing hangs on it any more */
{
	if
#ifndef STATUS_LOST
	:: !below && parent[t] == 0 -> head[pte[t]] = head[pte[t]] || hw[t] || kept[t]
	:: !below && parent[t] != 0 -> kept[parent[t]] = kept[parent[t]] || hw[t] || kept[t]
#endif
	:: else
	fi;
	pte[t] = 0; parent[t] = 0; hw[t] = false; kept[t] = false; meant[t] = 0
}

#define is_child(t, of) (pte[t] != 0 && parent[t] == (of))
#define derives(t, of) (is_child(t, of) || (is_child(t, 1) && is_child(1, of)) || \
	(is_child(t, 2) && is_child(2, of)) || (is_child(t, 3) && is_child(3, of)))
#define take(t) status = status || hw[t] || kept[t]; delete_node(t, true)

inline revoke_below(t)		/* grandchildren first */
{
#ifndef ONLY_CHILDREN
	EACH(i) if :: derives(i, t) && !is_child(i, t) -> take(i) :: else fi NEXT(i);
#endif
	EACH(i) if :: is_child(i, t) -> take(i) :: else fi NEXT(i)
}

inline unmap_node(t)		/* flush */
{
	status = false;
	revoke_below(t);
	kept[t] = kept[t] || status;
	status = false;
	delete_node(t, false)
}

inline unmap_root(fr)		/* result in status */
{
	status = head[fr]; head[fr] = false;
#ifdef ONLY_CHILDREN
	EACH(i) if :: pte[i] == fr && parent[i] == 0 -> take(i) :: else fi NEXT(i)
#else
	EACH(i) if :: pte[i] == fr && parent[i] != 0 -> take(i) :: else fi NEXT(i);
	EACH(i) if :: pte[i] == fr -> take(i) :: else fi NEXT(i)
#endif
}

inline take_status(fr)
{
	status = head[fr]; head[fr] = false;
	EACH(i) if :: pte[i] == fr -> status = status || hw[i] || kept[i]; hw[i] = false; kept[i] = false :: else fi NEXT(i)
}

/* src 0: physmem, of frame fr and page pg. */
inline map_page(src, fr, pg, to, grant)
{
	if
	:: fr == 0 || to == src			/* nothing is mapped there, or no more */
	:: else ->
		if :: pte[to] != 0 && pte[to] != fr -> unmap_node(to) :: else fi;
		if
		:: pte[to] == fr && !(grant && derives(to, src)) ->		/* extend */
			if :: grant -> unmap_node(src) :: else fi
		:: else ->
			if :: pte[to] == fr -> unmap_node(to) :: else fi;
			meant[to] = pg; pte[to] = fr;
			if
			:: grant ->			/* it takes the source's place in the tree */
				parent[to] = parent[src]; kept[to] = hw[src] || kept[src];
				EACH(i) if :: is_child(i, src) -> parent[i] = to :: else fi NEXT(i);
				pte[src] = 0; parent[src] = 0; hw[src] = false; kept[src] = false; meant[src] = 0
#ifdef GRANT_FORGETS
				; parent[to] = to
#endif
			:: else -> parent[to] = src
			fi
		fi
	fi
}

/* ---- physmem ---- */
#define unmapped(fr) (pte[X] != (fr) && pte[Y] != (fr) && pte[Z] != (fr))

inline put_frame(p)
{
	f = frame[p];
	assert(unmapped(f));
	owner[f] = 0; frame[p] = 0; state[p] = OUT; f = 0
}

inline note_status(fr)
{
	if :: status -> dirty[owner[fr]] = true :: else fi;
	status = false
}

/* One of the pages in memory. */
inline page_in(p) { if :: state[A] == IN -> p = A :: state[B] == IN -> p = B fi }

active proctype Physmem()
{
	byte p, t;
#ifdef REPLY_AFTER_EVENT
	byte late, page;
#endif
end:	do
	/* fault_serve_all */
	:: atomic { if :: parked[X] != 0 -> t = X :: parked[Y] != 0 -> t = Y :: parked[Z] != 0 -> t = Z fi; p = parked[t];
		if
		:: state[p] == IN -> mapped[frame[p]] = true;
#ifdef REPLY_AFTER_EVENT
			late = frame[p]; page = p;
			if
			:: t == Z && owner[late] == p -> goto take	/* the rest of the event, and then the reply */
			:: true
			fi;
reply:			skip;
			d_step { map_page(0, late, page, t, false); parked[t] = 0; late = 0; page = 0 }
#else
			d_step { map_page(0, frame[p], p, t, false); parked[t] = 0; i = 0 }
#endif
		:: state[p] == OUT && owner[1] == 0 -> owner[1] = p; frame[p] = 1; state[p] = READING; assert(unmapped(1))
		:: state[p] == OUT && FRAMES == 2 && owner[1] != 0 && owner[2] == 0 ->
			owner[2] = p; frame[p] = 2; state[p] = READING; assert(unmapped(2))
		:: else
		fi;
		p = 0; t = 0 }
	:: atomic { page_in(p);			/* swap_out */
#ifdef REPLY_AFTER_EVENT
take:		skip;
#endif
		d_step {
			if
			:: mapped[frame[p]] -> unmap_root(frame[p]); note_status(frame[p]); mapped[frame[p]] = false
			:: else
			fi; i = 0 } };
		atomic {		/* meanwhile others run */
			assert(unmapped(frame[p]));
			if
			:: !dirty[p] -> assert(!stale[p]); put_frame(p)
			:: else -> dirty[p] = false;
#ifdef REUSE_BEFORE_WRITTEN
				put_frame(p)
#else
				state[p] = WRITING
#endif
			fi;
#ifdef REPLY_AFTER_EVENT
		if :: t != 0 -> goto reply :: else fi;
#endif
		p = 0 }
	:: atomic { page_in(p);	/* sample */
		d_step {
			take_status(frame[p]);
#ifdef SAMPLE_DROPS_DIRTY
			status = false;
#endif
#ifdef SAMPLE_CLEARS_MAPPED
			mapped[frame[p]] = false;
#endif
			note_status(frame[p]); i = 0; p = 0 } }
	:: d_step { state[A] == READING -> assert(unmapped(frame[A]) && !stale[A]); state[A] = IN }
	:: d_step { state[B] == READING -> assert(unmapped(frame[B]) && !stale[B]); state[B] = IN }
	:: d_step { state[A] == WRITING -> stale[A] = false; put_frame(A) }
	:: d_step { state[B] == WRITING -> stale[B] = false; put_frame(B) }
	od
}

proctype Task(byte me; byte page)
{
end:	do
	:: d_step { pte[me] != 0 ->		/* reads; writes */
		assert(owner[pte[me]] == meant[me] && state[meant[me]] == IN);
		stale[meant[me]] = true; hw[me] = true }
	:: atomic { pte[me] == 0 && parked[me] == 0 -> parked[me] = page }
	:: d_step { pte[me] != 0 -> unmap_node(me); i = 0 }
	:: atomic { pte[me] != 0 && item_to == 0 ->
		item_from = me;
		if
		:: me != X -> item_to = X
		:: me != Y -> item_to = Y
#ifndef TWO_TASKS
		:: me != Z -> item_to = Z
#endif
		fi;
		if :: item_grant = true :: true fi
#ifdef EARLY_SOURCE
		; item_frame = pte[me]
#endif
		}
	:: d_step { item_to == me ->		/* takes it: only now it is looked what the sender has mapped */
		u = item_from;
#ifdef EARLY_SOURCE
		map_page(u, item_frame, meant[u], me, item_grant);
		item_frame = 0;
#else
		map_page(u, pte[u], meant[u], me, item_grant);
#endif
		u = 0; item_from = 0; item_to = 0; item_grant = false }
	od
}

init { atomic { run Task(X, A); run Task(Y, B);
#ifndef TWO_TASKS
	run Task(Z, A)
#endif
	} }
