/**
 * How long an event takes from the gateway's clock to the screen. Each arrival is paid out after
 * the frame that shows it; `window.switchboard.lag()` gives the distribution of the last thousand.
 */
const KEEP = 1000;

class Lag {
  #open: number[] = [];
  #paid: number[] = [];
  #scheduled = false;

  arrived(at: string | null | undefined): void {
    const then = at ? Date.parse(at) : Number.NaN;
    if (Number.isNaN(then)) return;
    this.#open.push(then);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // The store flushes in the next frame; a message posted from the frame after it runs when that
    // first frame has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#pay()));
  }

  #pay(): void {
    this.#scheduled = false;
    const now = Date.now();
    for (const then of this.#open) this.#paid.push(now - then);
    this.#open = [];
    if (this.#paid.length > KEEP) this.#paid = this.#paid.slice(-KEEP);
  }

  read(): { n: number; p50: number; p95: number; p99: number; max: number } {
    const sorted = [...this.#paid].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }

  reset(): void {
    this.#paid = [];
  }
}

export const lag = new Lag();

declare global {
  interface Window {
    switchboard?: { lag: () => ReturnType<Lag["read"]>; resetLag: () => void };
  }
}

window.switchboard = { lag: () => lag.read(), resetLag: () => lag.reset() };
