import {
  createLocalAudioTrack,
  DisconnectReason,
  type LocalAudioTrack,
  LogLevel,
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
} from "livekit-client";
import type { Connection } from "../api/types";
import { chosenDevice } from "./devices";
import { Meter } from "./meter";
import { obeySeal } from "./sealed";
import {
  type Gone,
  type Levels,
  MicrophoneError,
  type Present,
  type Wire,
  type WireEvents,
} from "./wire";

/** The call ended, as against a line that broke. */
const OVER = new Set([DisconnectReason.ROOM_DELETED, DisconnectReason.ROOM_CLOSED]);

function whyGone(reason: DisconnectReason | undefined): Gone {
  if (reason === DisconnectReason.PARTICIPANT_REMOVED) return "ended_elsewhere";
  return reason !== undefined && OVER.has(reason) ? "over" : "lost";
}

function kindOf(participant: RemoteParticipant): Present["kind"] {
  if (participant.kind === ParticipantKind.SIP) return "caller";
  if (participant.kind === ParticipantKind.AGENT) return "persona";
  const role = participant.attributes["switchboard.role"];
  return role === "caller" || role === "agent" || role === "supervisor" ? role : "supervisor";
}

function openMicrophone(): Promise<LocalAudioTrack> {
  const chosen = chosenDevice();
  return createLocalAudioTrack({
    ...(chosen ? { deviceId: chosen } : {}),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  }).catch((error: unknown) => {
    throw new MicrophoneError(String(error));
  });
}

interface Joined {
  room: Room;
  elements: Map<string, HTMLMediaElement>;
}

/** The real rooms. The only file, with its neighbours in this folder, that knows livekit-client. */
export class LiveKitWire implements Wire {
  #joined = new Map<string, Joined>();
  #mic: { track: LocalAudioTrack; room: Room } | null = null;
  /** Opened while its line is still being joined; published by `speak` alone. */
  #coming: { identity: string; track: Promise<LocalAudioTrack> } | null = null;
  #meter = new Meter();
  readonly #events: WireEvents;

  constructor(events: WireEvents) {
    // What goes wrong is told to the person who listens, not to the browser's console.
    setLogLevel(LogLevel.silent);
    this.#events = events;
  }

  async warm(): Promise<void> {
    this.#meter.warm();
    void navigator.mediaDevices?.enumerateDevices().catch(() => {});
    // An offer that is sent to nobody: the network engine and its codecs are there afterwards.
    const nobody = new RTCPeerConnection();
    nobody.addTransceiver("audio", { direction: "recvonly" });
    await nobody.createOffer().finally(() => nobody.close());
  }

  async open(connection: Connection): Promise<void> {
    const { identity } = connection;
    // No automatic reconnection: a line in doubt is a line where nobody knows who hears.
    const room = new Room({ reconnectPolicy: { nextRetryDelayInMs: () => null } });
    const joined: Joined = { room, elements: new Map() };
    this.#joined.set(identity, joined);
    if (connection.microphone) this.#prepare(identity);
    const gone = (reason?: DisconnectReason) => {
      if (this.#joined.get(identity)?.room !== room) return;
      this.#events.dropped(identity, whyGone(reason));
    };
    room
      .on(RoomEvent.Disconnected, gone)
      .on(RoomEvent.Reconnecting, () => gone())
      .on(RoomEvent.SignalReconnecting, () => gone())
      .on(RoomEvent.ParticipantConnected, this.#events.changed)
      .on(RoomEvent.ParticipantDisconnected, this.#events.changed)
      .on(RoomEvent.ParticipantAttributesChanged, this.#events.changed)
      .on(RoomEvent.TrackSubscribed, (track, _, who) => this.#hear(joined, track, who))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#unhear(joined, track));
    obeySeal(room);
    try {
      await room.connect(connection.server_url, connection.token, { autoSubscribe: true });
    } catch (error) {
      this.#joined.delete(identity);
      this.#discard(identity);
      throw error;
    }
    if (this.#joined.get(identity) !== joined) {
      void room.disconnect();
      return;
    }
    await room.startAudio().catch(() => {});
    this.#events.changed();
  }

  #hear(joined: Joined, track: RemoteTrack, who: RemoteParticipant): void {
    if (track.kind !== Track.Kind.Audio || !track.sid) return;
    // WebAudio hears a remote track only while an element plays it.
    joined.elements.set(track.sid, track.attach());
    this.#meter.add(
      track.sid,
      track.mediaStreamTrack,
      kindOf(who) === "caller" ? "caller" : "ours",
    );
    this.#events.changed();
  }

  #unhear(joined: Joined, track: RemoteTrack): void {
    if (!track.sid) return;
    this.#meter.remove(track.sid);
    joined.elements.delete(track.sid);
    for (const element of track.detach()) element.remove();
  }

  async speak(identity: string, still: () => boolean): Promise<void> {
    const joined = this.#joined.get(identity);
    if (!joined) throw new MicrophoneError("not in that room");
    const coming = this.#coming?.identity === identity ? this.#coming.track : null;
    if (coming) this.#coming = null;
    else this.#discard();
    const track = await (coming ?? openMicrophone());
    if (!still() || this.#mic) {
      track.stop();
      return;
    }
    this.#mic = { track, room: joined.room };
    this.#meter.add("me", track.mediaStreamTrack, "me");
    try {
      await joined.room.localParticipant.publishTrack(track, { source: Track.Source.Microphone });
    } catch (error) {
      this.mute();
      throw error;
    }
    // Silenced while it was being published: the track is stopped already, take the rest down too.
    if (this.#mic?.track !== track) await joined.room.localParticipant.unpublishTrack(track, true);
  }

  #prepare(identity: string): void {
    this.#discard();
    const track = openMicrophone();
    track.catch(() => {}); // `speak` tells; a wish that was given up has nobody to tell
    this.#coming = { identity, track };
  }

  #discard(identity?: string): void {
    const coming = this.#coming;
    if (!coming || (identity !== undefined && coming.identity !== identity)) return;
    this.#coming = null;
    coming.track.then(
      (track) => track.stop(),
      () => {},
    );
  }

  mute(): void {
    this.#discard();
    const mic = this.#mic;
    if (!mic) return;
    this.#mic = null;
    mic.track.mediaStreamTrack.enabled = false;
    mic.track.mediaStreamTrack.stop();
    mic.track.stop();
    this.#meter.remove("me");
    void mic.room.localParticipant.unpublishTrack(mic.track, true).catch(() => {});
  }

  leave(identity: string): void {
    const joined = this.#joined.get(identity);
    if (!joined) return;
    this.#discard(identity);
    if (this.#mic?.room === joined.room) this.mute();
    this.#joined.delete(identity);
    for (const [sid, element] of joined.elements) {
      this.#meter.remove(sid);
      element.remove();
    }
    void joined.room.disconnect(true);
  }

  leaveAll(): void {
    this.mute();
    for (const identity of [...this.#joined.keys()]) this.leave(identity);
  }

  present(identity: string): Present[] {
    const joined = this.#joined.get(identity);
    if (!joined) return [];
    return [...joined.room.remoteParticipants.values()].map((participant) => ({
      kind: kindOf(participant),
      name: participant.attributes["switchboard.who"] || participant.name || "",
    }));
  }

  levels(): Levels {
    return this.#meter.read();
  }
}
