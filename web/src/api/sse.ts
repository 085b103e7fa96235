/** One frame of a server-sent event stream (HTML Standard §9.2.6). */
export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Cuts a byte stream into frames. Chunks may end anywhere, also inside a line or a character's
 * bytes (the caller decodes as a stream). `retry` is kept for the reader; comments are heartbeats
 * and yield nothing.
 */
export class FrameParser {
  retryMs: number | null = null;
  #rest = "";
  #id: string | null = null;
  #event = "message";
  #data: string[] = [];

  push(chunk: string): Frame[] {
    const frames: Frame[] = [];
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const frame = this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (frame) frames.push(frame);
    }
    return frames;
  }

  #line(line: string): Frame | null {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const name = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id") this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #finish(): Frame | null {
    const data = this.#data;
    const frame = { id: this.#id, event: this.#event, data: data.join("\n") };
    this.#event = "message";
    this.#data = [];
    return data.length > 0 ? frame : null;
  }
}
