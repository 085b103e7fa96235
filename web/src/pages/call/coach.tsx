import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ask, post } from "../../api/client";
import { Button } from "../../ui/button";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";

interface Props {
  at: string;
  /** Why the AI cannot be instructed, or cannot be made to say a sentence; null where it can. */
  why: { instruct: string | null; say: string | null };
  /** What can be done where the AI takes no instructions. */
  instead: ReactNode;
  onError: (error: unknown) => void;
  onClose: () => void;
}

interface Understood {
  text: string;
}

/**
 * Words for the AI, which the caller never hears, or a sentence that it says aloud to the caller:
 * which of both is chosen before they are written, and stands above them. What is spoken is
 * recorded here and sent as text's source: no room hears it.
 */
export function CoachBox({ at, why, instead, onError, onClose }: Props) {
  const words = useWords();
  const { call } = words;
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState<"instruct" | "say">("instruct");
  const aloud = wanted === "say" || why.instruct !== null;
  const hindered = aloud ? why.say : why.instruct;
  const [recording, setRecording] = useState<{ stop: () => Promise<Blob> } | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const open = useRef(recording);
  open.current = recording;
  useEffect(() => {
    field.current?.focus();
    return () => void open.current?.stop();
  }, []);
  const choose = (way: "instruct" | "say") => {
    setWanted(way);
    field.current?.focus();
  };
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (hindered) return toast(hindered);
    if (!text.trim()) return toast(words.why.empty);
    try {
      await post(`${at}/${aloud ? "say" : "coach"}`, { text: text.trim() });
      toast(aloud ? call.aloudSaid : call.coached);
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  const speak = async () => {
    try {
      if (!recording) {
        const { record } = await import("../../room/record");
        return setRecording(await record());
      }
      const sound = await recording.stop();
      setRecording(null);
      const understood = await ask<Understood>("POST", `${at}/coach/speech`, { body: sound });
      toast(call.coachUnderstood(understood.text));
      onClose();
    } catch (error) {
      setRecording(null);
      onError(error);
    }
  };
  return (
    <form className="sheet coach" onSubmit={(event) => void send(event)}>
      <fieldset className="ways">
        <legend className="sr">{call.coachWay}</legend>
        <Button
          icon="coach"
          why={why.instruct}
          aria-pressed={!aloud}
          onClick={() => choose("instruct")}
        >
          {call.coachInstruct}
        </Button>
        <Button icon="barge" why={why.say} aria-pressed={aloud} onClick={() => choose("say")}>
          {call.coachAloud}
        </Button>
        {instead && <span className="instead">{instead}</span>}
      </fieldset>
      {instead && <p className="dim">{call.fixedFlow}</p>}
      <label className={`field grow${aloud ? " aloud" : ""}`}>
        <span>{aloud ? call.aloudLabel : call.coachLabel}</span>
        <textarea
          ref={field}
          rows={2}
          maxLength={aloud ? 500 : 2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) void send(event);
          }}
        />
      </label>
      {!aloud && (
        <Button
          icon={recording ? "stop" : "barge"}
          className={recording ? "rec" : ""}
          onClick={() => void speak()}
        >
          {recording ? call.coachStop : call.coachSpeak}
        </Button>
      )}
      <Button type="submit" tone="main" why={hindered ?? (text.trim() ? null : words.why.empty)}>
        {aloud ? call.aloudSend : call.coachSend}
      </Button>
    </form>
  );
}
