/** Every address of the console, in one place. State that one may want to share is in the URL. */
export const paths = {
  live: "/",
  liveCall: (id: string) => `/live/${encodeURIComponent(id)}`,
  desk: "/desk",
  history: "/history",
  historyCall: (id: string) => `/history/${encodeURIComponent(id)}`,
  routing: "/routing",
  talk: "/talk",
  signIn: "/sign-in",
} as const;

/** Only addresses of our own are followed after signing in. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\")
    ? next
    : paths.live;
}
