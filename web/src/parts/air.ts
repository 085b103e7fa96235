import { useSyncExternalStore } from "react";
import { ask, post } from "../api/client";
import { onMode } from "../api/feed";
import type { ModeAnswer } from "../api/types";
import type { Air, Mode } from "../room/machine";
import { type Grant, type Server, Session } from "../room/session";
import { onEscape } from "../ui/keys";
import { type Hearing, hearing, type Listener } from "./hearing";

const at = (call: string, what: string) => `/api/calls/${encodeURIComponent(call)}/${what}`;

/** What a change of mode grants; the gateway leaves out what is empty. */
export const grantOf = ({ open = [], close = [] }: ModeAnswer): Grant => ({ open, close });

const server: Server = {
  async ask(call, mode, have): Promise<Grant> {
    if (mode === "desk") {
      const grant = await post<{ connections: Grant["open"] }>("/api/tokens", {
        purpose: "call",
        call,
        have,
      });
      return { open: grant.connections, close: have };
    }
    return grantOf(await post<ModeAnswer>(at(call, "mode"), { mode, have }));
  },
  async tell(call, was): Promise<void> {
    // An agent who drops out still holds the call; hanging up and giving back are said otherwise.
    if (was === "desk") return;
    await ask("POST", at(call, "mode"), { body: { mode: "idle", have: [] }, keepalive: true });
  },
};

/** Our one part in calls, for the whole tab: whatever page is open, Escape ends it. */
export const session = new Session(server, async (events) => {
  const { LiveKitWire } = await import("../room/livekit");
  return new LiveKitWire(events);
});

export function startAir(): () => void {
  const away = () => session.hide();
  window.addEventListener("pagehide", away);
  window.addEventListener("offline", away);
  const stops = [onEscape(fallSilent), onMode((mode) => session.overruled(mode.call, mode.mode))];
  return () => {
    window.removeEventListener("pagehide", away);
    window.removeEventListener("offline", away);
    for (const stop of stops) stop();
    session.hide();
  };
}

/** Silent at once. An agent stays in the call that is theirs, with the microphone off. */
function fallSilent(): void {
  const { want, changing } = session.air();
  if (want === "desk" && !changing) session.setMuted(true);
  else session.hush();
}

export const useAir = (): Air => useSyncExternalStore(session.watch, session.air);

export const takePart = (call: string, mode: Mode): void => session.want(call, mode);

/** The facts of the sentence, read again whenever a room or our part in it changes. */
export function useHearing(listeners: Listener[], me: string): Hearing {
  useSyncExternalStore(session.watch, session.version);
  return hearing(session.air(), session.present(), listeners, me);
}
