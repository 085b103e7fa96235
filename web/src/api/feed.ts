import { useSyncExternalStore } from "react";
import { lag } from "./lag";
import { LiveStore } from "./live";
import { byNeed } from "./needs";
import { askWho } from "./session";
import { type Frame, follow, type Link } from "./stream";
import type { Call, ModeAnswer, Offer, Seat, Tiles } from "./types";

/** The one live picture of this tab, fed by the one stream of this tab. */
export const live = new LiveStore(byNeed);

const KEEP_ENDED_MS = 20_000;
const modeListeners = new Set<(mode: ModeAnswer) => void>();
const linkListeners = new Set<() => void>();
let link: Link = "connecting";

/** The server changed our own part in a call, e.g. because our connection left. */
export function onMode(listener: (mode: ModeAnswer) => void): () => void {
  modeListeners.add(listener);
  return () => modeListeners.delete(listener);
}

interface Snapshot {
  calls: Call[];
  tiles: Tiles;
  desk: Seat[];
  offers: Offer[];
  plan: string | null;
}

export function take(frame: Frame): void {
  const data = JSON.parse(frame.data);
  switch (frame.event) {
    case "snapshot": {
      const s = data as Snapshot;
      live.snapshot(s.calls, s.tiles, s.desk, s.offers, s.plan);
      break;
    }
    case "call": {
      const call = data as Call;
      if (call.last?.at !== live.call(call.id)?.last?.at) lag.arrived(call.last?.at);
      live.put(call);
      break;
    }
    case "words":
      live.say(data.call, data);
      break;
    case "tiles":
      live.count(data as Tiles);
      break;
    case "desk":
      live.seat(data as Seat);
      break;
    case "offer":
      live.offer(data as Offer);
      break;
    case "offers":
      live.ring(data.offers as Offer[]);
      break;
    case "offer_gone":
      live.withdraw(data.id);
      break;
    case "plan":
      live.applied(data.revision);
      break;
    case "mode":
      for (const each of modeListeners) each(data as ModeAnswer);
  }
}

export function startFeed(): () => void {
  const sweeper = setInterval(() => live.sweep(Date.now() - KEEP_ENDED_MS), 2000);
  const stop = follow({
    url: "/api/events",
    onFrames: (frames) => {
      for (const frame of frames) take(frame);
    },
    onLink: (now) => {
      link = now;
      for (const each of linkListeners) each();
      // Whoever may not see this any more does not go on looking at what was shown last.
      if (now === "signed_out") void askWho();
    },
  });
  return () => {
    clearInterval(sweeper);
    stop();
  };
}

const watchLink = (listener: () => void) => {
  linkListeners.add(listener);
  return () => linkListeners.delete(listener);
};

export const useLink = (): Link => useSyncExternalStore(watchLink, () => link);
export const useOrder = (): string[] => useSyncExternalStore(live.watch, live.order);
export const useTiles = (): Tiles | null => useSyncExternalStore(live.watch, live.tiles);
export const useOffers = (): Offer[] => useSyncExternalStore(live.watch, live.offers);
export const useSeats = (): Map<string, Seat> => useSyncExternalStore(live.watch, live.seats);
export const usePlan = (): string | null => useSyncExternalStore(live.watch, live.plan);
export const useReady = (): boolean => useSyncExternalStore(live.watch, live.ready);
