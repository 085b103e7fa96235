/**
 * A call's id as a part of an address. The router reads addresses by decodeURI, which leaves an
 * escaped plus as it is, and every id has one: the number that was dialled.
 */
const segment = (id: string): string => encodeURIComponent(id).replaceAll("%2B", "+");

/** The id in an address, also in one that a mail program has escaped further than we do. */
export const idIn = (part: string): string => part.replaceAll(/%2b/gi, "+");

/** Every address of the console, in one place. State that one may want to share is in the URL. */
export const paths = {
  live: "/",
  liveCall: (id: string) => `/live/${segment(id)}`,
  desk: "/desk",
  history: "/history",
  historyCall: (id: string) => `/history/${segment(id)}`,
  routing: "/routing",
  settings: (part: "people" | "keys" | "trail") => `/settings/${part}`,
  talk: "/talk",
  signIn: "/sign-in",
  password: "/password",
} as const;

/** Only addresses of our own are followed after signing in. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\")
    ? next
    : paths.live;
}
