import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { post } from "../../api/client";
import { useSeats } from "../../api/feed";
import type { Call, Graph } from "../../api/types";
import { Button } from "../../ui/button";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";

interface Props {
  at: string;
  onError: (error: unknown) => void;
  onClose: () => void;
}

const TARGETS = new Set(["persona", "queue", "target", "menu", "voicemail"]);

/** Where a call can go, from the plan that is live and from who is at a desk; anything else may be
 * typed, the gateway knows best. */
function useDestinations(): string[] {
  const seats = useSeats();
  const graph = useQuery({
    queryKey: ["routing-graph"],
    queryFn: () => post<Graph>("/api/routing/graph"),
    staleTime: 60_000,
    retry: false,
  });
  const fromPlan = (graph.data?.nodes ?? [])
    .filter((node) => TARGETS.has(node.kind))
    .map((node) => `${node.kind} ${node.name}`);
  const people = [...seats.values()]
    .filter((seat) => seat.state === "ready")
    .map((seat) => `agent ${seat.name}`);
  return [...new Set([...people, ...fromPlan])];
}

export function TransferBox({ at, onError, onClose }: Props) {
  const { call, why } = useWords();
  const [to, setTo] = useState("");
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const destinations = useDestinations();
  useEffect(() => field.current?.focus(), []);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!to.trim()) return toast(why.empty);
    try {
      await post(`${at}/transfer`, { to: to.trim() });
      toast(call.transferred);
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  return (
    <form className="sheet" onSubmit={(event) => void send(event)}>
      <label className="field grow">
        <span>{call.transferLabel}</span>
        <input
          ref={field}
          list={list}
          value={to}
          onChange={(event) => setTo(event.target.value)}
          placeholder="persona billing"
        />
      </label>
      <datalist id={list}>
        {destinations.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Button type="submit" tone="main" icon="transfer" why={to.trim() ? null : why.empty}>
        {call.transferGo}
      </Button>
    </form>
  );
}

export function NoteBox({ at, call, onError, onClose }: Props & { call: Call }) {
  const words = useWords();
  const [note, setNote] = useState("");
  const [disposition, setDisposition] = useState(call.disposition ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const nothing = !note.trim() && disposition === (call.disposition ?? "");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (nothing) return toast(words.why.empty);
    try {
      await post(`${at}/note`, { note: note.trim(), disposition: disposition || null });
      toast(words.call.saved);
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  return (
    <form className="sheet" onSubmit={(event) => void send(event)}>
      <label className="field grow">
        <span>{words.call.noteLabel}</span>
        <textarea
          ref={field}
          rows={2}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <label className="field">
        <span>{words.call.disposition}</span>
        <select value={disposition} onChange={(event) => setDisposition(event.target.value)}>
          {Object.entries(words.call.dispositions).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" tone="main" why={nothing ? words.why.empty : null}>
        {words.call.save}
      </Button>
    </form>
  );
}

interface HangUpProps extends Props {
  path?: string;
  /** Runs before the call is ended, e.g. to leave it oneself first. */
  first?: () => void;
}

export function HangUp({ at, path = "hangup", first, onError, onClose }: HangUpProps) {
  const { call, app } = useWords();
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current?.focus(), []);
  const end = async () => {
    first?.();
    try {
      await post(`${at}/${path}`, { reason: "" });
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  return (
    <div className="sheet" role="group" aria-label={call.hangUp}>
      <p className="grow">{call.hangUpSure}</p>
      <Button onClick={onClose}>{app.cancel}</Button>
      <Button ref={yes} tone="danger" icon="hangup" onClick={() => void end()}>
        {call.hangUpYes}
      </Button>
    </div>
  );
}
