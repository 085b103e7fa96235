/** What of the trail is shown; empty is everything. Days are the reader's, as `2026-11-30`. */
export interface TrailFilter {
  q: string;
  action: string;
  since: string;
  until: string;
}

const NAMES = ["q", "action", "since", "until"] as const;

export function fromSearch(search: string): TrailFilter {
  const address = new URLSearchParams(search);
  const read = (name: string) => address.get(name) ?? "";
  return { q: read("q"), action: read("action"), since: read("since"), until: read("until") };
}

export function toSearch(filter: TrailFilter): string {
  const address = new URLSearchParams();
  for (const name of NAMES) if (filter[name]) address.set(name, filter[name]);
  const text = address.toString();
  return text ? `?${text}` : "";
}

/** For the gateway, which is asked for instants; the last day is included. */
export function dayQuery(filter: TrailFilter): Record<string, string> {
  const query: Record<string, string> = {};
  if (filter.q) query.q = filter.q;
  if (filter.action) query.action = filter.action;
  const since = startOf(filter.since, 0);
  const until = startOf(filter.until, 1);
  if (since) query.since = since;
  if (until) query.until = until;
  return query;
}

/** Nothing for what is no day, as an address may have it. */
function startOf(day: string, later: number): string {
  const start = new Date(`${day}T00:00`);
  if (Number.isNaN(start.getTime())) return "";
  start.setDate(start.getDate() + later);
  return start.toISOString();
}

/** `{"added": "ben", "roles": ["agent"]}` as `added: ben · roles: agent`, by the reader's words. */
export function particulars(detail: Record<string, unknown>, keys: Record<string, string>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== "" && value !== null)
    .map(([key, value]) => `${keys[key] ?? key}: ${plain(value)}`)
    .join(" · ");
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object" && value !== null) return particulars(value as never, {});
  return String(value);
}
