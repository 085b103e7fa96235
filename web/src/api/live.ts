import type { Call, Offer, Seat, Tiles } from "./types";

type Listener = () => void;

/**
 * The picture of now. Rows live in a Map and have listeners of their own, so that one event costs
 * one row and not the list; everything that arrives within one animation frame is shown at once.
 * Objects are replaced, never changed: a row that is the same object has not changed.
 */
export class LiveStore {
  #calls = new Map<string, Call>();
  #words = new Map<string, Words>();
  #seats = new Map<string, Seat>();
  #offers: Offer[] = [];
  #tiles: Tiles | null = null;
  #plan: string | null = null;
  #order: string[] = [];
  #ready = false;
  #rows = new Map<string, Set<Listener>>();
  #whole = new Set<Listener>();
  #dirty = new Set<string>();
  #resort = false;
  #scheduled = false;
  readonly #frame: (run: () => void) => void;
  readonly #sort: (calls: Iterable<Call>) => string[];

  constructor(
    sort: (calls: Iterable<Call>) => string[],
    frame: (run: () => void) => void = (run) => void requestAnimationFrame(run),
  ) {
    this.#sort = sort;
    this.#frame = frame;
  }

  call = (id: string): Call | undefined => this.#calls.get(id);
  words = (id: string): Words | undefined => this.#words.get(id);
  order = (): string[] => this.#order;
  tiles = (): Tiles | null => this.#tiles;
  offers = (): Offer[] => this.#offers;
  plan = (): string | null => this.#plan;
  ready = (): boolean => this.#ready;
  seats = (): Map<string, Seat> => this.#seats;

  watch = (listener: Listener): (() => void) => {
    this.#whole.add(listener);
    return () => this.#whole.delete(listener);
  };

  watchRow(id: string, listener: Listener): () => void {
    let set = this.#rows.get(id);
    if (!set) {
      set = new Set();
      this.#rows.set(id, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.#rows.get(id) === set) this.#rows.delete(id);
    };
  }

  snapshot(calls: Call[], tiles: Tiles, seats: Seat[], offers: Offer[], plan: string | null): void {
    for (const id of this.#calls.keys()) this.#dirty.add(id);
    this.#calls = new Map(calls.map((call) => [call.id, call]));
    this.#words.clear();
    for (const id of this.#calls.keys()) this.#dirty.add(id);
    this.#seats = new Map(seats.map((seat) => [seat.name, seat]));
    this.#tiles = tiles;
    this.#offers = offers;
    this.#plan = plan;
    this.#ready = true;
    this.#resort = true;
    this.#later();
  }

  /** A row as the gateway folds it. An older picture of the same call never replaces a newer. */
  put(call: Call): void {
    const old = this.#calls.get(call.id);
    if (old && old.seq > call.seq) return;
    this.#calls.set(call.id, call);
    if (call.last?.at !== old?.last?.at || call.ended_at) this.#words.delete(call.id);
    if (!old || placed(old) !== placed(call)) this.#resort = true;
    this.#dirty.add(call.id);
    this.#later();
  }

  /** Words while they are spoken; the next row with final words replaces them. */
  say(id: string, words: Words): void {
    if (!this.#calls.has(id)) return;
    this.#words.set(id, words);
    this.#dirty.add(id);
    this.#later();
  }

  seat(seat: Seat): void {
    this.#seats = new Map(this.#seats).set(seat.name, seat);
    this.#later();
  }

  offer(offer: Offer): void {
    this.#offers = [...this.#offers.filter((each) => each.id !== offer.id), offer];
    this.#later();
  }

  /** All that ring now; comes after a break, in which some may have stopped. */
  ring(offers: Offer[]): void {
    this.#offers = offers;
    this.#later();
  }

  withdraw(id: string): void {
    this.#offers = this.#offers.filter((each) => each.id !== id);
    this.#later();
  }

  count(tiles: Tiles): void {
    this.#tiles = tiles;
    this.#later();
  }

  applied(revision: string | null): void {
    this.#plan = revision;
    this.#later();
  }

  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#frame(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#resort) {
      this.#resort = false;
      this.#order = this.#sort(this.#calls.values());
    }
    const dirty = this.#dirty;
    this.#dirty = new Set();
    for (const listener of this.#whole) listener();
    for (const id of dirty) for (const listener of this.#rows.get(id) ?? []) listener();
  }

  /** Calls that ended a while ago leave the list; called by the clock, not by events. */
  sweep(endedBefore: number): void {
    for (const call of this.#calls.values()) {
      if (!call.ended_at || Date.parse(call.ended_at) > endedBefore) continue;
      this.#calls.delete(call.id);
      this.#words.delete(call.id);
      this.#resort = true;
    }
    if (this.#resort) this.#later();
  }
}

export interface Words {
  speaker: string;
  role: string;
  text: string;
}

/** Everything the order of the list depends on. */
const placed = (call: Call): string =>
  `${call.state} ${call.needs.join()} ${call.needs_since} ${call.state_since}`;
