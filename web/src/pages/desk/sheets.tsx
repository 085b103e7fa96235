import { type FormEvent, useEffect, useRef, useState } from "react";
import { post } from "../../api/client";
import { session } from "../../parts/air";
import { Button } from "../../ui/button";
import { useWords } from "../../words/all";

interface Props {
  at: string;
  onError: (error: unknown) => void;
  onClose: () => void;
}

/** One optional sentence and a button: what giving back and asking for help have in common. */
function OneLine({
  label,
  go,
  send,
}: {
  label: string;
  go: string;
  send: (text: string) => Promise<void>;
}) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(text.trim());
  };
  return (
    <form className="sheet" onSubmit={submit}>
      <label className="field grow">
        <span>{label}</span>
        <input ref={field} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <Button type="submit" tone="main">
        {go}
      </Button>
    </form>
  );
}

export function GiveBack({ at, onError, onClose }: Props) {
  const { desk } = useWords();
  const send = async (note: string) => {
    // Off before the AI speaks again, so that the caller never hears two at once.
    session.setMuted(true);
    try {
      await post(`${at}/giveback`, { note });
      session.hush();
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  return <OneLine label={desk.giveBackNote} go={desk.giveBack} send={send} />;
}

export function HelpBox({ at, onError, onClose }: Props) {
  const { desk } = useWords();
  const send = async (note: string) => {
    try {
      await post(`${at}/help`, { on: true, note });
      onClose();
    } catch (error) {
      onError(error);
    }
  };
  return <OneLine label={desk.helpNote} go={desk.help} send={send} />;
}
