import { useState } from "react";
import { Link } from "wouter";
import { ask } from "../api/client";
import { paths } from "../paths";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { chosenTheme, type Theme, wear } from "../ui/theme";
import { type Language, speak, useLanguage, useWords } from "../words";
import { session } from "./air";
import { useMe } from "./me";

const ADMINISTERS = ["users.manage", "keys.manage", "audit.read"];
const THEMES: Theme[] = ["auto", "light", "dark"];

export function Preferences() {
  const { app } = useWords();
  const language = useLanguage();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <>
      <label className="field">
        <span>{app.language}</span>
        <select value={language} onChange={(event) => void speak(event.target.value as Language)}>
          <option value="en">English</option>
          <option value="de">Deutsch</option>
        </select>
      </label>
      <label className="field">
        <span>{app.theme}</span>
        <select
          value={theme}
          onChange={(event) => {
            const chosen = event.target.value as Theme;
            wear(chosen);
            setTheme(chosen);
          }}
        >
          {THEMES.map((each) => (
            <option key={each} value={each}>
              {app.themes[each]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

export function Account() {
  const me = useMe();
  const { app, password } = useWords();
  const leave = async () => {
    session.hide();
    await ask("DELETE", "/api/session").catch(() => {});
    window.location.assign("/sign-in");
  };
  return (
    <details className="account" name="account">
      <summary title={app.account}>
        <Icon name="person" />
        <span>{me.display || me.name}</span>
      </summary>
      <div className="account-sheet">
        <p>
          <strong>{me.display || me.name}</strong>
          <br />
          <span className="dim">{me.roles.join(", ")}</span>
        </p>
        <Preferences />
        {ADMINISTERS.some((may) => me.may.includes(may)) && (
          <Link className="button" href="/settings">
            {app.settings}
          </Link>
        )}
        <Link className="button" href={paths.password}>
          {password.title}
        </Link>
        <Button onClick={() => void leave()}>{app.signOut}</Button>
      </div>
    </details>
  );
}
