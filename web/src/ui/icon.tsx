/** Own pictures, drawn on a 16 × 16 grid with one stroke; always beside a word or with a label. */
const PATHS = {
  live: "M2 9h2.5L6 4.5 9 12l1.8-4.5H14",
  desk: "M3 9.5V8a5 5 0 0 1 10 0v1.5M3 9.5h2v3H4a1 1 0 0 1-1-1zm10 0h-2v3h1a1 1 0 0 0 1-1zM12 12.5c0 1-1 1.5-2.5 1.5H8",
  history: "M3 3v3h3M3.4 6A5.2 5.2 0 1 1 2.8 9M8 5.2V8l2 1.4",
  routing: "M3.5 12.5v-3c0-2 9-1 9-4v-2M3.5 12.5 2 11m1.5 1.5L5 11M12.5 3.5 11 5m1.5-1.5L14 5",
  tape: "M4.5 5a2.5 2.5 0 1 0 .01 0M11.5 5a2.5 2.5 0 1 0 .01 0M4.5 10h7",
  talk: "M2.5 3.5h11v7H8l-3 2.5v-2.5H2.5zM5 7h.01M8 7h.01M11 7h.01",
  help: "M6 6.2A2 2 0 1 1 8.4 8c-.3.2-.4.5-.4 1M8 11.4v.1",
  sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  ear: "M5 7a3 3 0 0 1 6 0c0 2.4-2.2 2.6-2.2 4.6A1.7 1.7 0 0 1 7 13.3M6.8 7a1.3 1.3 0 0 1 2.5 0c0 .9-.9 1.2-.9 1.2",
  whisper: "M3 5.5h4v3.2a2 2 0 0 1-2 2H3.6M9.5 6a3 3 0 0 1 0 4M11.7 4.3a5.6 5.6 0 0 1 0 7.4",
  barge: "M6 3.5a2 2 0 0 1 4 0V8a2 2 0 0 1-4 0zM4 7.5a4 4 0 0 0 8 0M8 11.5V14",
  takeover: "M8 2.5v6m0-6L5.7 4.8M8 2.5l2.3 2.3M3 8.5v4.2h10V8.5",
  back: "M9.5 3.5 5 8l4.5 4.5",
  forward: "M6.5 3.5 11 8l-4.5 4.5",
  stop: "M4.5 4.5h7v7h-7z",
  mute: "M6 3.5a2 2 0 0 1 4 0V8a2 2 0 0 1-4 0zM4 7.5a4 4 0 0 0 8 0M8 11.5V14M2.5 2.5l11 11",
  hangup: "M2.5 9.5c0-3 11-3 11 0v1.2l-3 .6-.6-1.9a8 8 0 0 0-3.8 0l-.6 1.9-3-.6z",
  transfer: "M2.5 5.5h9.5M9.5 3 12 5.5 9.5 8M13.5 10.5H4M6.5 8 4 10.5 6.5 13",
  note: "M3.5 2.5h9v8l-3 3h-6zM9.5 13.5v-3h3M5.5 5.5h5M5.5 8h5",
  coach: "M2.5 8 13 3l-2.5 10-3-3.5zM7.5 9.5 13 3",
  hold: "M5.5 3.5v9M10.5 3.5v9",
  hand: "M5 8.5V4.2a1 1 0 0 1 2 0V7m0-3.8a1 1 0 0 1 2 0V7m0-2.8a1 1 0 0 1 2 0v5.3a4 4 0 0 1-4 4c-2 0-2.7-1-4.4-3.6-.5-.9.7-1.6 1.4-.9L5 10",
  search: "M7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8M10 10l3.5 3.5",
  down: "M8 3v10M4 9l4 4 4-4",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  warn: "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.1",
  person: "M8 3a2.4 2.4 0 1 1 0 4.8A2.4 2.4 0 0 1 8 3M3 13.5c.6-2.6 2.6-3.8 5-3.8s4.4 1.2 5 3.8",
  phone:
    "M4 2.5h2l1 3-1.4 1a7 7 0 0 0 3.9 3.9l1-1.4 3 1v2c0 .8-.7 1.5-1.5 1.5A9.5 9.5 0 0 1 2.5 4c0-.8.7-1.5 1.5-1.5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
