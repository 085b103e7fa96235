import { describe, expect, test, vi } from "vitest";
import { FrameParser } from "../src/api/sse";
import { follow, type Link } from "../src/api/stream";

describe("cutting a stream into frames", () => {
  test("a frame may come in any number of pieces", () => {
    const parser = new FrameParser();
    const text = 'id: 7\nevent: call\ndata: {"a":1}\n\n';
    const frames = [...text].flatMap((piece) => parser.push(piece));

    expect(frames).toEqual([{ id: "7", event: "call", data: '{"a":1}' }]);
  });

  test("comments are heartbeats and nothing else", () => {
    expect(new FrameParser().push(": ping\n\n")).toEqual([]);
  });

  test("several data lines are one text, and both line ends are understood", () => {
    const frames = new FrameParser().push("data: a\r\ndata: b\r\n\r\n");

    expect(frames[0]?.data).toBe("a\nb");
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
