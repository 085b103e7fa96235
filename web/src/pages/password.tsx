import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { ask, post } from "../api/client";
import { setWho } from "../api/session";
import type { Me } from "../api/types";
import { paths } from "../paths";
import { Button } from "../ui/button";
import { useErrorText } from "../ui/empty";
import { useTitle } from "../ui/title";
import { toast } from "../ui/toast";
import { useWords } from "../words";

/** A password that somebody else has seen is changed before anything else is shown. */
export function Password({ me }: { me: Me }) {
  const { app, password: words, signIn } = useWords();
  const [, go] = useLocation();
  const errorText = useErrorText();
  const errorId = useId();
  const first = useRef<HTMLInputElement>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useTitle(words.title);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "");
    if (read("new") !== read("again")) return setFailed(words.differ);
    try {
      await post("/api/session/password", { old: read("old"), new: read("new") });
      toast(words.done);
      // The gateway ends every session of an account whose password changes; go on in a new one.
      const body = { name: me.name, password: read("new") };
      setWho({ is: "known", me: await post<Me>("/api/session", body) });
      go(paths.live, { replace: true });
    } catch (error) {
      setFailed(errorText(error));
    }
  };
  const leave = async () => {
    await ask("DELETE", "/api/session").catch(() => {});
    window.location.assign("/sign-in");
  };
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <h1>{words.title}</h1>
        {me.must_change_password && <p className="dim">{words.must}</p>}
        <form
          onSubmit={(event) => void submit(event)}
          aria-describedby={failed ? errorId : undefined}
        >
          <input type="hidden" name="username" autoComplete="username" value={me.name} readOnly />
          <label className="field">
            <span>{words.old}</span>
            <input
              ref={first}
              name="old"
              type="password"
              autoComplete="current-password"
              required
            />
          </label>
          <label className="field">
            <span>{words.fresh}</span>
            <input name="new" type="password" autoComplete="new-password" required minLength={12} />
          </label>
          <label className="field">
            <span>{words.again}</span>
            <input name="again" type="password" autoComplete="new-password" required />
          </label>
          <Button type="submit" tone="main">
            {words.save}
          </Button>
        </form>
        {failed && (
          <p className="bad" role="alert" id={errorId}>
            {failed}
          </p>
        )}
        <p className="dim small">
          {signIn.name}: {me.name}
        </p>
        {me.must_change_password && (
          <Button tone="quiet" onClick={() => void leave()}>
            {app.signOut}
          </Button>
        )}
      </div>
    </main>
  );
}
