import type { Call, Me } from "../api/types";
import type { Mode } from "../room/machine";
import type { Words } from "../words";

export type Action =
  | "listen"
  | "whisper"
  | "barge"
  | "takeover"
  | "giveback"
  | "coach"
  | "instruct"
  | "say"
  | "transfer"
  | "hangup"
  | "note";

const PERMISSION: Record<Action, string> = {
  listen: "calls.listen",
  whisper: "calls.whisper",
  barge: "calls.barge",
  takeover: "calls.takeover",
  giveback: "calls.takeover",
  coach: "calls.coach",
  instruct: "calls.coach",
  say: "calls.say",
  transfer: "calls.act",
  hangup: "calls.act",
  note: "calls.note",
};

const AUDIBLE = ["talking", "human", "held"];

/**
 * Why an action cannot be taken now, as the sentence that its button says; null when it can. The
 * gateway decides again: this only keeps people from asking in vain.
 */
export function whyNot(
  action: Action,
  { call, me, mode, words }: { call: Call; me: Me; mode: Mode; words: Words },
  may: (permission: string) => string | null,
): string | null {
  const { why } = words;
  const own = call.holder.kind === "agent" && call.holder.name === me.name;
  const permission = PERMISSION[action];
  const role = permission === "calls.act" && own ? may("calls.act.own") : may(permission);
  if (role) return role;
  if (action === "note") return null;
  if (call.state === "refused") return why.refused;
  if (call.ended_at) return why.over;
  if (mode === "desk" && action !== "transfer" && action !== "hangup") return why.onCall;
  const withPerson = call.holder.kind === "agent";
  switch (action) {
    case "listen":
    case "barge":
      return null;
    case "whisper":
      if (withPerson) return null;
      return call.coachable ? why.noHuman : why.noHumanFixedFlow;
    case "takeover":
      return withPerson ? why.human : AUDIBLE.includes(call.state) ? null : why.nobodySpeaks;
    case "giveback":
      return mode === "takeover" ? null : why.notTakenOver;
    case "coach":
    case "say":
    case "instruct":
      if (withPerson) return why.human;
      if (call.state !== "talking") return why.nobodySpeaks;
      return action === "instruct" && !call.coachable ? why.fixedFlow : null;
    default:
      return null;
  }
}
