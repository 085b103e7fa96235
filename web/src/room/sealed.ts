import { ParticipantKind, type Room, RoomEvent } from "livekit-client";

/** The agent's word that it asks for a secret now; `SEALED` of dialplans/contracts/jobs.py. */
const SEALED = "switchboard.sealed";
/** So long a step stays sealed whose agent is gone: another is to take its place. */
const WITHOUT_AGENT_MS = 10_000;
/** An agent that is there anew says a moment later whether it asks; until then it has not said no. */
const UNSAID_MS = 3_000;
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
  let waiting = "";

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
  const stay = () => {
    clearTimeout(later);
    waiting = "";
  };
  const lift = (why: "alone" | "unsaid") => {
    if (waiting === why) return;
    stay();
    waiting = why;
    const open = () => {
      waiting = "";
      apply(false, []);
    };
    later = setTimeout(open, why === "alone" ? WITHOUT_AGENT_MS : UNSAID_MS);
  };
  const look = (said = false) => {
    const agents = [...room.remoteParticipants.values()].filter(
      (one) => one.kind === ParticipantKind.AGENT,
    );
    const sealed = agents.some((one) => one.attributes[SEALED]);
    if (room.localParticipant.attributes["switchboard.role"] !== "caller") {
      if (was && !sealed) later = setTimeout(hearAgain, SOON_MS);
    } else {
      const names = agents.map((one) => one.identity);
      if (sealed || said || !letIn) {
        stay();
        apply(sealed, names);
      } else {
        apply(true, names);
        lift(names.length > 0 ? "unsaid" : "alone");
      }
    }
    was = sealed;
  };
  room
    .on(RoomEvent.ParticipantConnected, () => look())
    .on(RoomEvent.ParticipantDisconnected, () => look())
    .on(RoomEvent.ParticipantAttributesChanged, (changed, who) =>
      look(SEALED in changed && who.kind === ParticipantKind.AGENT),
    )
    .on(RoomEvent.Connected, () => look())
    .on(RoomEvent.Disconnected, stay);
}
