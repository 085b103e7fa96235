import { ParticipantKind, type Room, RoomEvent } from "livekit-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { obeySeal } from "../src/room/sealed";

const SEALED = "switchboard.sealed";

interface Somebody {
  identity: string;
  kind: ParticipantKind;
  attributes: Record<string, string>;
  trackPublications: Map<string, unknown>;
}

function agent(identity: string, sealed = ""): Somebody {
  const attributes: Record<string, string> = sealed ? { [SEALED]: sealed } : {};
  return { identity, kind: ParticipantKind.AGENT, attributes, trackPublications: new Map() };
}

/** A caller's room on paper: who is there, what happens, and whom the server was told to let in. */
class PaperRoom {
  letIn: (string[] | "everybody")[] = [];
  remoteParticipants = new Map<string, Somebody>();
  localParticipant = {
    attributes: { "switchboard.role": "caller" },
    setTrackSubscriptionPermissions: (all: boolean, some: { participantIdentity: string }[]) => {
      this.letIn.push(all ? "everybody" : some.map((one) => one.participantIdentity));
    },
  };
  #handlers = new Map<string, (...args: unknown[]) => void>();

  on(event: string, handler: (...args: unknown[]) => void): this {
    this.#handlers.set(event, handler);
    return this;
  }

  comes(who: Somebody): void {
    this.remoteParticipants.set(who.identity, who);
    this.#handlers.get(RoomEvent.ParticipantConnected)?.(who);
  }

  goes(who: Somebody): void {
    this.remoteParticipants.delete(who.identity);
    this.#handlers.get(RoomEvent.ParticipantDisconnected)?.(who);
  }

  says(who: Somebody, sealed: string): void {
    who.attributes[SEALED] = sealed;
    this.#handlers.get(RoomEvent.ParticipantAttributesChanged)?.({ [SEALED]: sealed }, who);
  }
}

function sealedRoom(): [PaperRoom, Somebody] {
  const room = new PaperRoom();
  obeySeal(room as unknown as Room);
  const first = agent("agent-1");
  room.comes(first);
  room.says(first, "yes");
  return [room, first];
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("agents alone hear a sealed step, until the agent says otherwise", () => {
  const [room, first] = sealedRoom();
  room.says(first, "");

  expect(room.letIn).toEqual([["agent-1"], "everybody"]);
});

test("a successor that has not said yet keeps the step sealed", () => {
  const [room, first] = sealedRoom();
  room.goes(first);
  const second = agent("agent-2");
  room.comes(second);
  vi.advanceTimersByTime(2_900);
  const before = [...room.letIn];
  room.says(second, "yes");
  vi.advanceTimersByTime(60_000);

  expect(before).toEqual([["agent-1"], [], ["agent-2"]]);
  expect(room.letIn).toEqual(before);
});

test("a successor that never says is believed after three seconds, nobody at all after ten", () => {
  const [room, first] = sealedRoom();
  room.goes(first);
  vi.advanceTimersByTime(9_900);
  room.comes(agent("agent-2"));
  vi.advanceTimersByTime(2_900);
  const before = room.letIn.at(-1);
  vi.advanceTimersByTime(200);
  const unsaid = room.letIn.at(-1);

  const [other, last] = sealedRoom();
  other.goes(last);
  vi.advanceTimersByTime(10_100);

  expect(before).toEqual(["agent-2"]);
  expect(unsaid).toBe("everybody");
  expect(other.letIn.at(-1)).toBe("everybody");
});
