import { useCallback, useSyncExternalStore } from "react";
import { live } from "./feed";
import type { Words } from "./live";
import type { Call } from "./types";

/** One call of the live picture; a component that uses this renders for this call's events only. */
export function useCall(id: string): Call | undefined {
  const watch = useCallback((listener: () => void) => live.watchRow(id, listener), [id]);
  return useSyncExternalStore(watch, () => live.call(id));
}

export function useWordsNow(id: string): Words | undefined {
  const watch = useCallback((listener: () => void) => live.watchRow(id, listener), [id]);
  return useSyncExternalStore(watch, () => live.words(id));
}
