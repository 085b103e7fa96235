import { Problem, problemFrom } from "./problem";

type Query = Record<string, string | number | boolean | null | undefined>;

export interface Ask {
  query?: Query;
  body?: unknown;
  /** The request outlives the page: for what must be said while the tab closes. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

const changed = new Set<(code: string) => void>();
const ABOUT_US = ["not_signed_in", "must_change_password"];

/** Runs when the gateway no longer knows us, or wants a new password of us before anything else,
 * whichever request found out. */
export function onShutOut(listener: (code: string) => void): () => void {
  changed.add(listener);
  return () => changed.delete(listener);
}

/** One request; raises Problem for every answer that is not a success. */
export async function ask<T>(method: string, path: string, options: Ask = {}): Promise<T> {
  const { query, body, keepalive = false, signal } = options;
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-switchboard"] = "1";
  const raw = body instanceof Blob;
  if (body !== undefined && !raw) headers["content-type"] = "application/json";
  const response = await fetch(withQuery(path, query), {
    method,
    headers,
    body: body === undefined ? null : raw ? body : JSON.stringify(body),
    keepalive,
    credentials: "same-origin",
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) {
    const problem = await problemFrom(response);
    if (ABOUT_US.includes(problem.code)) for (const each of changed) each(problem.code);
    throw problem;
  }
  if (response.status === 204 || response.headers.get("content-length") === "0") {
    return undefined as T;
  }
  return (await response.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  ask("GET", path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });
export const post = <T>(path: string, body: unknown = {}): Promise<T> =>
  ask("POST", path, { body });
export const put = <T>(path: string, body: unknown): Promise<T> => ask("PUT", path, { body });

export { Problem };
