import { useSyncExternalStore } from "react";
import { call } from "./en.call";
import { desk, history, talk } from "./en.pages";
import { routing } from "./en.routing";
import { settings } from "./en.settings";
import { addBook, current, type Language, type Words, watchWords } from "./index";

/** The words of the pages that are loaded when they are opened, beside those that always are. */
const english = { call, desk, history, talk, routing, settings };
type Book = typeof english;
export type AllWords = Words & Book;

let book: Book = english;
let merged: AllWords = { ...current(), ...book };

async function load(language: Language): Promise<void> {
  book = language === "de" ? (await import("./de.book")).book : english;
}

await addBook(load);

function all(): AllWords {
  const core = current();
  if (merged.app !== core.app || merged.call !== book.call) merged = { ...core, ...book };
  return merged;
}

export const useWords = (): AllWords => useSyncExternalStore(watchWords, all);
export { useLanguage } from "./index";
