import { useEffect, useRef, useSyncExternalStore } from "react";
import { keep, kept } from "./kept";

export interface Shortcut {
  /** `j`, `?`, `Enter`, or a sequence: `g l`. */
  keys: string;
  group: string;
  what: string;
  run: () => void;
}

/** Shortcuts that are in force now, newest last; the newest wins where two want one key. */
const active: { current: Shortcut[] }[] = [];
const listeners = new Set<() => void>();
const PAUSE_MS = 1000;
const KEY = "switchboard.keys";
let version = 0;
let pending = "";
let pendingAt = 0;

function announce(): void {
  version += 1;
  for (const listener of listeners) listener();
}

export function shortcuts(): Shortcut[] {
  const seen = new Map<string, Shortcut>();
  for (const { current } of active) for (const each of current) seen.set(each.keys, each);
  return [...seen.values()];
}

/** Single letters can be switched off, for those whose speech input or hand hits them (WCAG 2.1.4). */
export const lettersOn = (): boolean => kept(KEY) !== "off";

export function switchLetters(on: boolean): void {
  keep(KEY, on ? "on" : "off");
  announce();
}

/** A key typed into a field is text; Escape never is. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[contenteditable='true']")) return true;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The shortcut that this key completes; remembers the first key of a sequence for a second. */
export function match(key: string, known: Shortcut[], now: number): Shortcut | null {
  const sequence = pending && now - pendingAt < PAUSE_MS ? `${pending} ${key}` : key;
  pending = "";
  const hit =
    known.find((each) => each.keys === sequence) ?? known.find((each) => each.keys === key);
  if (hit) return hit;
  if (known.some((each) => each.keys.startsWith(`${key} `))) {
    pending = key;
    pendingAt = now;
  }
  return null;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) return;
  const inDialog = document.querySelector("dialog[open]") !== null;
  if (inDialog) return;
  if (event.key.length === 1 && !lettersOn()) return;
  // Enter and Space belong to whatever is focused when that can be pressed.
  const target = event.target instanceof HTMLElement ? event.target : null;
  if ((event.key === "Enter" || event.key === " ") && target?.closest("a, button, summary")) return;
  const hit = match(event.key, shortcuts(), event.timeStamp);
  if (!hit) return;
  event.preventDefault();
  hit.run();
}

const escapes = new Set<() => void>();

/** Runs on every Escape, wherever the focus is, before anybody else can take the key. */
export function onEscape(run: () => void): () => void {
  escapes.add(run);
  return () => escapes.delete(run);
}

export function startKeys(): () => void {
  const onEscapeKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") for (const run of escapes) run();
  };
  window.addEventListener("keydown", onEscapeKey, { capture: true });
  window.addEventListener("keydown", onKey);
  return () => {
    window.removeEventListener("keydown", onEscapeKey, { capture: true });
    window.removeEventListener("keydown", onKey);
  };
}

/** Keeps these shortcuts in force while the component is on the page. */
export function useKeys(list: Shortcut[]): void {
  const holder = useRef(list);
  holder.current = list;
  useEffect(() => {
    active.push(holder);
    announce();
    return () => {
      active.splice(active.indexOf(holder), 1);
      announce();
    };
  }, []);
}

const watch = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** For the help: renders again when shortcuts come or go. */
export const useShortcutsVersion = (): number => useSyncExternalStore(watch, () => version);
