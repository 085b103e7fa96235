import { createParser, type EventSourceMessage } from "eventsource-parser";

/** One frame of a server-sent event stream; a comment is a heartbeat and none. */
export type Frame = EventSourceMessage;

export type Link = "connecting" | "open" | "lost" | "signed_out";

export interface StreamOptions {
  url: string;
  onFrames: (frames: Frame[]) => void;
  onLink: (link: Link) => void;
  /** No byte for this long, heartbeats included, means that the line is dead. */
  silenceMs?: number;
  fetcher?: typeof fetch;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Follows a stream of server-sent events for good: resumes after the last id it saw, waits longer
 * after each failure, notices a line that is open but dead, and tells `onLink` what is true.
 * EventSource cannot do two of these: it gives up for ever after an HTTP error, and it does not
 * notice silence. Returns the function that ends it.
 */
export function follow(options: StreamOptions): () => void {
  const { url, onFrames, onLink, silenceMs = 35_000, fetcher = fetch } = options;
  let lastId: string | null = null;
  let failures = 0;
  let stopped = false;
  let current: AbortController | null = null;
  let wake: () => void = () => {};

  const online = () => wake();
  window.addEventListener("online", online);

  async function once(): Promise<void> {
    const abort = new AbortController();
    current = abort;
    let guard = setTimeout(() => abort.abort(), silenceMs);
    const alive = () => {
      clearTimeout(guard);
      guard = setTimeout(() => abort.abort(), silenceMs);
    };
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastId !== null) headers["last-event-id"] = lastId;
      const response = await fetcher(url, { headers, signal: abort.signal, cache: "no-store" });
      if (response.status === 401 || response.status === 403) {
        stopped = true;
        onLink("signed_out");
        return;
      }
      if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
      onLink("open");
      let frames: Frame[] = [];
      const parser = createParser({ onEvent: (frame) => frames.push(frame) });
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        failures = 0;
        frames = [];
        parser.feed(decoder.decode(value, { stream: true }));
        for (const frame of frames) lastId = frame.id ?? lastId;
        if (frames.length > 0) onFrames(frames);
      }
    } finally {
      clearTimeout(guard);
      abort.abort();
    }
  }

  async function loop(): Promise<void> {
    onLink("connecting");
    while (!stopped) {
      try {
        await once();
      } catch {
        // Whatever it was, the answer is the same: say so, wait, try again.
      }
      if (stopped) return;
      onLink("lost");
      failures += 1;
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      });
    }
  }

  void loop();
  return () => {
    stopped = true;
    window.removeEventListener("online", online);
    current?.abort();
    wake();
  };
}
