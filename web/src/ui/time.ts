/** How long something has lasted, as a clock: 0:07, 12:03, 1:02:03. Never negative. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${two(s % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** Seconds from an ISO instant to `now` (ms); 0 for nothing or for clocks that disagree. */
export function secondsSince(iso: string | null | undefined, now: number): number {
  if (!iso) return 0;
  const then = Date.parse(iso);
  return Number.isNaN(then) ? 0 : Math.max(0, (now - then) / 1000);
}

/** A gap between turns: milliseconds below a second, then seconds with one digit. */
export function gap(ms: number | null | undefined, language: string): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${(ms / 1000).toLocaleString(language, digits)} s`;
}

export function timeOfDay(iso: string, language: string, withSeconds = true): string {
  const second = withSeconds ? ({ second: "2-digit" } as const) : {};
  // Twenty-four hours in every language: what is compared all day should be short and one shape.
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Date(iso).toLocaleTimeString(language, { ...shape, ...second });
}

/** Today by its time, other days by date and time. */
export function moment(iso: string, language: string, now: number): string {
  const then = new Date(iso);
  const time = timeOfDay(iso, language, false);
  if (then.toDateString() === new Date(now).toDateString()) return time;
  const day = then.toLocaleDateString(language, {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
  return `${day}, ${time}`;
}

export function percent(share: number | null | undefined, language: string): string {
  if (share === null || share === undefined) return "–";
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits: 0 });
}
