import { ParticipantKind, type Room, RoomEvent } from "livekit-client";

/** The agent's word that it asks for a secret now; `SEALED` of dialplans/jobs.py. */
const SEALED = "switchboard.sealed";
/** So long a step stays sealed whose agent is gone: another is to take its place. */
const WITHOUT_AGENT_MS = 10_000;
const SOON_MS = 200;

/**
 * While an agent asks the caller, us, for a secret, our microphone is sent to agents alone. Whoever else
 * is in the room, seen or unseen, hears silence: the server keeps that, whatever their browser does.
 * Who listens is sent the sound again by itself, but sooner if they ask for it once it is over.
 */
export function obeySeal(room: Room): void {
  let letIn = "";
  let was = false;
  let later: ReturnType<typeof setTimeout> | undefined;

  const apply = (sealed: boolean, agents: string[]) => {
    const now = sealed ? JSON.stringify(agents) : "";
    if (now === letIn) return;
    letIn = now;
    room.localParticipant.setTrackSubscriptionPermissions(
      !sealed,
      sealed ? agents.map((participantIdentity) => ({ participantIdentity, allowAll: true })) : [],
    );
  };
  const hearAgain = () => {
    for (const one of room.remoteParticipants.values())
      for (const track of one.trackPublications.values())
        if (!track.isSubscribed) track.setSubscribed(true);
  };
  const look = () => {
    const agents = [...room.remoteParticipants.values()].filter(
      (one) => one.kind === ParticipantKind.AGENT,
    );
    const sealed = agents.some((one) => one.attributes[SEALED]);
    if (room.localParticipant.attributes["switchboard.role"] !== "caller") {
      if (was && !sealed) later = setTimeout(hearAgain, SOON_MS);
    } else if (agents.length > 0) {
      clearTimeout(later);
      const names = agents.map((one) => one.identity);
      apply(sealed, names);
    } else if (letIn) {
      clearTimeout(later);
      apply(true, []);
      later = setTimeout(() => apply(false, []), WITHOUT_AGENT_MS);
    }
    was = sealed;
  };
  room
    .on(RoomEvent.ParticipantConnected, look)
    .on(RoomEvent.ParticipantDisconnected, look)
    .on(RoomEvent.ParticipantAttributesChanged, look)
    .on(RoomEvent.Connected, look)
    .on(RoomEvent.Disconnected, () => clearTimeout(later));
}
