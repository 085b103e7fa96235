import { describe, expect, test, vi } from "vitest";
import { type Frame, follow, type Link } from "../src/api/stream";

/** The frames that a reader gets when the stream comes in these pieces of bytes. */
async function cut(...pieces: Uint8Array<ArrayBuffer>[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  await new Promise<void>((resolve) => {
    const stop = follow({
      url: "/api/events",
      onFrames: (some) => frames.push(...some),
      onLink: (link) => {
        if (link !== "lost") return;
        stop();
        resolve();
      },
      fetcher: async () => new Response(body),
    });
  });
  return frames;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("cutting a stream into frames", () => {
  test("a frame may come in any number of pieces", async () => {
    const text = 'id: 7\nevent: call\ndata: {"a":1}\n\n';
    const frames = await cut(...[...text].map(bytes));

    expect(frames).toEqual([{ id: "7", event: "call", data: '{"a":1}' }]);
  });

  test("a letter of several bytes may be cut in two", async () => {
    const text = bytes("data: für\n\n");
    const frames = await cut(...Array.from(text, (_, i) => text.slice(i, i + 1)));

    expect(frames.map(({ data }) => data)).toEqual(["für"]);
  });

  test("comments are heartbeats and nothing else", async () => {
    expect(await cut(bytes(": ping\n\n"))).toEqual([]);
  });

  test("a time to wait before the next try is no frame", async () => {
    const frames = await cut(bytes("retry: 1000\n\ndata: a\n\n"));

    expect(frames.map(({ data }) => data)).toEqual(["a"]);
  });

  test("several data lines are one text, and both line ends are understood", async () => {
    const whole = await cut(bytes("data: a\r\ndata: b\r\n\r\n"));
    const pieces = await cut(...[..."data: a\r\ndata: b\r\n\r\n"].map(bytes));

    expect(whole[0]?.data).toBe("a\nb");
    expect(pieces).toEqual(whole);
  });
});

function answer(body: string): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

describe("following a stream", () => {
  test("resumes after the last id and says in between that the line is lost", async () => {
    vi.useFakeTimers();
    const asked: (string | null)[] = [];
    const links: Link[] = [];
    const fetcher = async (_: RequestInfo | URL, init?: RequestInit) => {
      asked.push(new Headers(init?.headers).get("last-event-id"));
      return answer("id: 41\nevent: call\ndata: {}\n\n");
    };
    const stop = follow({
      url: "/api/events",
      onFrames: () => {},
      onLink: (link) => links.push(link),
      fetcher,
    });
    await vi.advanceTimersByTimeAsync(600);
    stop();
    vi.useRealTimers();

    expect(asked.slice(0, 2)).toEqual([null, "41"]);
    expect(links.slice(0, 4)).toEqual(["connecting", "open", "lost", "open"]);
  });

  test("waits longer after each failure, and never for ever", async () => {
    vi.useFakeTimers();
    let tries = 0;
    const fetcher = async () => {
      tries += 1;
      return new Response("", { status: 502 });
    };
    const stop = follow({ url: "/", onFrames: () => {}, onLink: () => {}, fetcher });
    await vi.advanceTimersByTimeAsync(60_000);
    stop();
    vi.useRealTimers();

    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(20);
  });

  test("a line that is open but silent is given up", async () => {
    vi.useFakeTimers();
    const links: Link[] = [];
    const fetcher = (_: RequestInfo | URL, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const stop = follow({
      url: "/",
      onFrames: () => {},
      onLink: (link) => links.push(link),
      silenceMs: 1000,
      fetcher,
    });
    await vi.advanceTimersByTimeAsync(1100);
    stop();
    vi.useRealTimers();

    expect(links).toContain("lost");
  });

  test.each([401, 403])("answered %i is the end, not a reason to try again", async (status) => {
    let tries = 0;
    const links: Link[] = [];
    const fetcher = async () => {
      tries += 1;
      return new Response("", { status });
    };
    follow({ url: "/", onFrames: () => {}, onLink: (link) => links.push(link), fetcher });
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(tries).toBe(1);
    expect(links.at(-1)).toBe("signed_out");
  });
});
