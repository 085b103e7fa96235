import type { Call } from "./types";

/** Lower comes first. What a person must do something about stands above what goes well. */
const NEED_RANK: Record<string, number> = { help: 0, person_wanted: 1, problem: 2, long_gap: 3 };
const STATE_RANK: Record<Call["state"], number> = {
  waiting: 4,
  held: 5,
  ringing: 6,
  human: 7,
  talking: 8,
  ended: 9,
  refused: 10,
};

export const needRank = (call: Call): number => {
  if (call.ended_at) return STATE_RANK[call.state];
  const needs = call.needs.map((need) => NEED_RANK[need] ?? 3);
  return Math.min(STATE_RANK[call.state], ...needs);
};

/**
 * "Needs me" first: who asks for help, who wants a person, what is broken, who waits; within one
 * kind the one that has lasted longest. Calls that are over stand last, newest first.
 */
export function byNeed(calls: Iterable<Call>): string[] {
  const keyed = Array.from(calls, (call) => {
    const since = Date.parse(call.needs_since ?? call.state_since);
    return { id: call.id, rank: needRank(call), since: call.ended_at ? -since : since };
  });
  keyed.sort((a, b) => a.rank - b.rank || a.since - b.since || (a.id < b.id ? -1 : 1));
  return keyed.map((each) => each.id);
}
