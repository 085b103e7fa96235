import { type FormEvent, useEffect, useRef, useState } from "react";
import { ask, post } from "../../api/client";
import { Button } from "../../ui/button";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";

interface Props {
  at: string;
  onError: (error: unknown) => void;
  onClose: () => void;
}

interface Understood {
  text: string;
}

/** Typed or spoken. What is spoken is recorded here and sent as text's source: no room hears it. */
export function CoachBox({ at, onError, onClose }: Props) {
  const { call, why } = useWords();
  const [text, setText] = useState("");
  const [recording, setRecording] = useState<{ stop: () => Promise<Blob> } | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const open = useRef(recording);
  open.current = recording;
  useEffect(() => {
    field.current?.focus();
    return () => void open.current?.stop();
  }, []);
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!text.trim()) return toast(why.empty);
    try {
      await post(`${at}/coach`, { text: text.trim() });
      toast(call.coached);
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
    <form className="sheet" onSubmit={(event) => void send(event)}>
      <label className="field grow">
        <span>{call.coachLabel}</span>
        <textarea
          ref={field}
          rows={2}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) void send(event);
          }}
        />
      </label>
      <Button
        icon={recording ? "stop" : "barge"}
        className={recording ? "rec" : ""}
        onClick={() => void speak()}
      >
        {recording ? call.coachStop : call.coachSpeak}
      </Button>
      <Button type="submit" tone="main" why={text.trim() ? null : why.empty}>
        {call.coachSend}
      </Button>
    </form>
  );
}
