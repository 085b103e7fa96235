import type { CallState, SeatState } from "../api/words";
import { named } from "../words/named";

/** A state as a shape, so that it can be told without colour; always beside the word. */
const SHAPES = named<CallState | SeatState | "help">({
  ringing:
    "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6m0 2.2a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2",
  talking: "M8 2.4 13.6 8 8 13.6 2.4 8z",
  waiting: "M8 2.6 14 13H2z",
  human: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3",
  held: "M4 3.5h3v9H4zm5 0h3v9H9z",
  ended: "M3 7h10v2H3z",
  refused: "m4.5 3 3.5 3.5L11.5 3 13 4.5 9.5 8l3.5 3.5-1.5 1.5L8 9.5 4.5 13 3 11.5 6.5 8 3 4.5z",
  help: "M6.9 2.5h2.2v6.6H6.9zm0 8.2h2.2v2.2H6.9z",
  ready: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3",
  not_ready:
    "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6m0 2.2a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2",
  wrap_up: "M8 3a5 5 0 1 1-5 5h5z",
  busy: "M3.5 3.5h9v9h-9z",
  offline: "M3 7h10v2H3z",
});

export function Lamp({ state }: { state: string }) {
  return (
    <svg className={`lamp ${state}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={SHAPES[state] ?? SHAPES.ended} fillRule="evenodd" />
    </svg>
  );
}
