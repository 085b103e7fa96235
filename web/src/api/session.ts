import { useSyncExternalStore } from "react";
import { get, onShutOut } from "./client";
import { codeOf } from "./problem";
import type { Me } from "./types";

export type Who =
  | { is: "asking" }
  | { is: "known"; me: Me }
  | { is: "stranger" }
  | { is: "unclear"; error: unknown };

/** Who is signed in here; outside the query cache, because everything else waits for it. */
let who: Who = { is: "asking" };
let asked = false;
const listeners = new Set<() => void>();

export function setWho(now: Who): void {
  who = now;
  for (const listener of listeners) listener();
}

export async function askWho(): Promise<void> {
  asked = true;
  try {
    setWho({ is: "known", me: await get<Me>("/api/session") });
  } catch (error) {
    const stranger = codeOf(error) === "not_signed_in";
    setWho(stranger ? { is: "stranger" } : { is: "unclear", error });
  }
}

onShutOut((code) => {
  if (code === "not_signed_in") setWho({ is: "stranger" });
  else void askWho();
});

const watch = (listener: () => void) => {
  listeners.add(listener);
  if (!asked) void askWho();
  return () => listeners.delete(listener);
};

export const useWho = (): Who => useSyncExternalStore(watch, () => who);
