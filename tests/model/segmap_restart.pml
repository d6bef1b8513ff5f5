/* SPDX-License-Identifier: BSD-2-Clause */
/* Who makes a new segmap, and whom he must not wait for.
 *
 * The task server has two threads: one serves requests, and its code and data may be cold, like
 * everybody's; the other one makes a new segmap when physmem says that the old one is gone.  The
 * table that requests need is under a lock.  Windows of the restarter, of what it loads and of
 * segmap are permanently active, so that a fault there is a transfer and no call for help; all
 * other windows need segmap each time, and so does a user's.  Each page is gone again when it
 * has been touched.  segmap is killed KILLS times, wherever it is.
 * Proves: no deadlock, and every fault and every request ends (ltl ends, weak fairness);
 * segmap's own fault, and that of who restarts it, is one that physmem answers alone: no third
 * round.
 * Not in it: what a call for help says (segment_map.pml), a restarter that dies itself.
 * Run: tests/model/check.sh segmap_restart.   Holds: 3 120 states; ends: 5 365.
 * Fails when broken: -DRESTARTER_COLD -DIMAGE_COLD -DMAP_COLD -DONE_THREAD -DSHARED_LOCK
 * -DRESTARTER_ASKS -DDEATH_UNTOLD -DCALL_FORGOTTEN. */
#ifndef KILLS
#define KILLS 2
#endif
/* windows, and whose fault it is */
#define USER 0
#define SERVER 1		/* of the thread that serves requests */
#define RESTARTER 2
#define IMAGE 3			/* of segmap, read by the restarter */
#define MAP 4			/* of segmap */
#define NONE 7
#ifdef RESTARTER_COLD
#define cold_restarter (w == RESTARTER)
#else
#define cold_restarter false
#endif
#ifdef IMAGE_COLD
#define cold_image (w == IMAGE)
#else
#define cold_image false
#endif
#ifdef MAP_COLD
#define cold_map (w == MAP)
#else
#define cold_map false
#endif
#define cold(w) (w <= SERVER || cold_restarter || cold_image || cold_map)

mtype = { NOTHING, WAITS, READING, IN };
mtype page[5] = NOTHING;	/* of a window: WAITS for help, or for a transfer */
mtype = { GONE, LOADING, PARKED, WORKS };
mtype segmap = PARKED;
byte call = NONE;		/* in segmap's hands */
bool told;			/* the restarter knows */
bool request, locked;
byte kills = KILLS;

inline touch(w)			/* an instruction, with the fault that it may cause */
{
	do
	:: atomic { page[w] == IN -> page[w] = NOTHING; break }
	:: atomic { page[w] == NOTHING -> page[w] = (cold(w) -> WAITS : READING) };
		page[w] == IN || page[w] == NOTHING
	od
}

#define ready(w) (page[w] == WAITS && call != w)
inline hand_out(w) { call = w; segmap = WORKS }

active proctype Physmem()
{
end:	do
	:: atomic { segmap == PARKED && ready(USER) -> hand_out(USER) }
	:: atomic { segmap == PARKED && ready(SERVER) -> hand_out(SERVER) }
	:: atomic { segmap == PARKED && ready(RESTARTER) -> hand_out(RESTARTER) }
	:: atomic { segmap == PARKED && ready(IMAGE) -> hand_out(IMAGE) }
	:: atomic { segmap == PARKED && ready(MAP) -> hand_out(MAP) }
	od
}

proctype Transfer(byte w)
{
end:	do
	:: atomic { page[w] == READING -> page[w] = IN }
	od
}

active proctype Segmap()
{
	byte w;
endstart:
	segmap == WORKS;
	do
	:: atomic { segmap == WORKS && page[MAP] == IN -> page[MAP] = NOTHING;
		page[call] = READING; call = NONE; segmap = PARKED }	/* ADD, and the next pull */
	:: atomic { segmap == WORKS && page[MAP] == NOTHING -> w = MAP; page[MAP] = (cold(w) -> WAITS : READING) }
	:: atomic { segmap != WORKS -> goto endstart }
	od
}

active proctype Killer()
{
end:	do
	:: atomic { kills > 0 && segmap != GONE && segmap != LOADING -> kills--;
		segmap = GONE; page[MAP] = NOTHING;
#ifndef CALL_FORGOTTEN
		call = NONE;	/* and so it is open again */
#endif
#ifndef DEATH_UNTOLD
		told = true
#endif
		}
	od
}

active proctype User()
{
	byte n = 2;
	do
	:: n > 0 -> n--; touch(USER);
		request = true; !request
	:: n == 0 -> break
	od
}

inline restart()
{
	told = false;
	touch(RESTARTER);
#ifdef SHARED_LOCK
	atomic { !locked -> locked = true };
#endif
	segmap = LOADING;
	touch(IMAGE);
#ifdef RESTARTER_ASKS		/* the other thread, for what only that one knows */
	atomic { !request -> request = true }; !request;
#endif
#ifdef SHARED_LOCK
	locked = false;
#endif
	touch(RESTARTER);
	segmap = PARKED
}

active proctype Server()
{
end:	do
	:: request ->
		touch(SERVER);
		atomic { !locked -> locked = true };
		touch(SERVER);
		atomic { locked = false; request = false }
#ifdef ONE_THREAD
	:: told -> restart()
#endif
	od
}

#ifndef ONE_THREAD
active proctype Restarter()
{
end:	do
	:: told -> restart()
	od
}
#endif

init { atomic { run Transfer(USER); run Transfer(SERVER); run Transfer(RESTARTER); run Transfer(IMAGE); run Transfer(MAP) } }

ltl ends { [] (page[USER] == WAITS -> <> (page[USER] != WAITS)) && [] (request -> <> !request) }
