import { useSyncExternalStore } from "react";
import { en } from "./en";

export type Language = "en" | "de";
export type Words = typeof en;

/** English comes with the page; German when it is wanted. */
let words: Words = en;
let language: Language = "en";
const listeners = new Set<() => void>();
const KEY = "switchboard.language";

async function load(wanted: Language): Promise<Words> {
  return wanted === "de" ? (await import("./de")).de : en;
}

export async function speak(wanted: Language): Promise<void> {
  words = await load(wanted);
  language = wanted;
  localStorage.setItem(KEY, wanted);
  document.documentElement.lang = wanted;
  for (const listener of listeners) listener();
}

/** What was chosen before, else what the browser prefers. */
export function preferred(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language;
  return chosen.startsWith("de") ? "de" : "en";
}

const watch = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useWords = (): Words => useSyncExternalStore(watch, () => words);
export const useLanguage = (): Language => useSyncExternalStore(watch, () => language);
