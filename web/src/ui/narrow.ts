import { useSyncExternalStore } from "react";

/** The width below which a page shows one thing at a time; the style sheets use the same. */
const query = window.matchMedia("(max-width: 860px)");

const watch = (listener: () => void) => {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
};

export const useNarrow = (): boolean => useSyncExternalStore(watch, () => query.matches);
