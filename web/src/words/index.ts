import { useSyncExternalStore } from "react";
import { keep, kept } from "../ui/kept";
import { en } from "./en";

export type Language = "en" | "de";
export type Words = typeof en;
type LoadBook = (language: Language) => Promise<void>;

/** English comes with the page; German when it is wanted. Pages that load later add their books. */
let words: Words = en;
let language: Language = "en";
const books: LoadBook[] = [];
const listeners = new Set<() => void>();
const KEY = "switchboard.language";

export const current = (): Words => words;

export const watchWords = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** A page's own words, in the language of now and of later. */
export async function addBook(load: LoadBook): Promise<void> {
  books.push(load);
  await load(language);
}

export async function speak(wanted: Language): Promise<void> {
  const core = wanted === "de" ? (await import("./de")).de : en;
  await Promise.all(books.map((load) => load(wanted)));
  words = core;
  language = wanted;
  keep(KEY, wanted);
  document.documentElement.lang = wanted;
  for (const listener of listeners) listener();
}

/** What was chosen before, else what the browser prefers. */
export function preferred(): Language {
  const chosen = kept(KEY) ?? navigator.language;
  return chosen.startsWith("de") ? "de" : "en";
}

export const useWords = (): Words => useSyncExternalStore(watchWords, current);
export const useLanguage = (): Language => useSyncExternalStore(watchWords, () => language);
