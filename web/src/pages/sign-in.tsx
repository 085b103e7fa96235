import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { get, post, withQuery } from "../api/client";
import { retryAfter } from "../api/problem";
import { setWho } from "../api/session";
import type { Me, SignInOptions } from "../api/types";
import { Preferences } from "../parts/account";
import { safeNext } from "../paths";
import { Button } from "../ui/button";
import { useErrorText } from "../ui/empty";
import { useWait } from "../ui/wait";
import { useWords } from "../words";

/** No field's text is kept in the page's state: the form holds it until it is sent. */
export function SignIn() {
  const { signIn, app, errors } = useWords();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const next = safeNext(search.get("next"));
  const errorText = useErrorText();
  const errorId = useId();
  const name = useRef<HTMLInputElement>(null);
  const [options, setOptions] = useState<SignInOptions | null>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(search.get("sign_in") === "failed" ? signIn.failed : null);
  const [left, waitFor] = useWait();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is shown
  useEffect(() => {
    name.current?.focus();
    get<SignInOptions>("/api/session/options").then(setOptions, (error) =>
      setFailed(errorText(error)),
    );
  }, []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailed(null);
    try {
      const body = { name: String(form.get("name")), password: String(form.get("password")) };
      setWho({ is: "known", me: await post<Me>("/api/session", body) });
      go(next, { replace: true });
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds) waitFor(seconds);
      else setFailed(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  // The sentence stands still, so that it is read out once; the button counts down.
  const trouble = left > 0 ? errors.too_many : failed;
  const { oidc = null, local = true } = options ?? {};
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/mark.svg" alt="" width="40" height="40" />
        <h1>{app.name}</h1>
        {oidc && (
          <a className="button main" href={withQuery(oidc.url, { next })}>
            {signIn.with(oidc.name)}
          </a>
        )}
        {oidc && local && <p className="or">{signIn.or}</p>}
        {local && (
          <form
            onSubmit={(event) => void submit(event)}
            aria-describedby={trouble ? errorId : undefined}
          >
            <label className="field">
              <span>{signIn.name}</span>
              <input
                ref={name}
                name="name"
                autoComplete="username"
                required
                autoCapitalize="none"
              />
            </label>
            <label className="field">
              <span>{signIn.password}</span>
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
            <Button
              type="submit"
              tone={oidc ? "plain" : "main"}
              why={left > 0 ? signIn.inAMoment(left) : null}
            >
              {left > 0 ? signIn.inAMoment(left) : busy ? signIn.busy : signIn.submit}
            </Button>
          </form>
        )}
        {trouble && (
          <p className="bad" role="alert" id={errorId}>
            {trouble}
          </p>
        )}
        <p className="dim small">{signIn.first}</p>
      </div>
      <div className="sign-in-foot">
        <Preferences />
      </div>
    </main>
  );
}
