import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const STAY_MS = 6000;
let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(now: Toast[]): void {
  toasts = now;
  for (const listener of listeners) listener();
}

/** Says one sentence for a few seconds; the same sentence is not stacked. */
export function toast(text: string, bad = false): void {
  const id = next++;
  set([...toasts.filter((each) => each.text !== text), { id, text, bad }].slice(-3));
  setTimeout(() => set(toasts.filter((each) => each.id !== id)), STAY_MS);
}

const watch = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const now = useSyncExternalStore(watch, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {now.map((each) => (
        <p key={each.id} className={each.bad ? "toast bad" : "toast"}>
          {each.text}
        </p>
      ))}
    </div>
  );
}
