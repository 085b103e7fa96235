import type { Call } from "../api/types";
import type { Words } from "../words";
import { actorOf } from "./actor";
import { readable } from "./number";

/** Pieces of a call's row as text, the same on every page. */
export function callerText(call: Pick<Call, "caller" | "direction">, words: Words): string {
  if (call.caller === "anonymous" || call.caller === "") {
    return call.direction === "web" ? words.live.web : words.live.anonymous;
  }
  return readable(call.caller);
}

export function holderText(call: Pick<Call, "holder">, words: Words): string {
  const { kind, name } = call.holder;
  if (kind === "persona") return words.live.ai(name);
  if (kind === "nobody" || !name) return words.live.nobody;
  return name;
}

/** The strongest need of a call as a word, or null. */
export function needText(call: Pick<Call, "needs" | "ended_at">, words: Words): string | null {
  const need = call.ended_at ? undefined : call.needs[0];
  return need ? (words.live.needs[need] ?? need) : null;
}

/** Where a call is or goes, e.g. `queue support`, with the kind in the reader's words. */
export function placeText(place: string, kinds: Record<string, string>): string {
  const { kind, name } = actorOf(place);
  return [kinds[kind] ?? kind, name].filter(Boolean).join(" ");
}
