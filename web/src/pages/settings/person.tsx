import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { ask } from "../../api/client";
import type { Person } from "../../api/types";
import { useMe } from "../../parts/me";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Failure } from "../../ui/empty";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";
import { asSkills, freshPassword } from "./values";

interface Props {
  /** Null for somebody who is to be added. */
  person: Person | null;
  /** What others have, to choose from. */
  skills: string[];
  onClose: () => void;
  onSaved: () => void;
}

/** One account. A password made here is shown this once, and has to be changed at the first sign-in. */
export function PersonSheet({ person, skills, onClose, onSaved }: Props) {
  const { settings, app, why } = useWords();
  const { people: words, roles } = settings;
  const me = useMe();
  const listed = useId();
  const [secret, setSecret] = useState(person ? "" : freshPassword);
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      person
        ? ask<Person>("PATCH", `/api/users/${encodeURIComponent(person.name)}`, { body })
        : ask<Person>("POST", "/api/users", { body }),
    onSuccess: (saved) => {
      toast(words.saved(saved.name));
      onSaved();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const body: Record<string, unknown> = {
      display: text("display") || person?.name || text("name"),
      roles: form.getAll("role"),
      skills: asSkills(text("skills")),
    };
    if (!person) body.name = text("name");
    if (person) body.disabled = form.has("disabled");
    if (secret) body.password = secret;
    save.mutate(body);
  };
  const self = person?.name === me.name;
  return (
    <Dialog title={person ? words.editWhom(person.name) : words.add} onClose={onClose}>
      <form className="sheet-form" onSubmit={submit}>
        {!person && (
          <label className="field">
            <span>{words.signInName}</span>
            <input
              name="name"
              required
              maxLength={80}
              pattern="[A-Za-z0-9][A-Za-z0-9._@\-]*"
              title={words.nameShape}
              autoComplete="off"
            />
          </label>
        )}
        <label className="field">
          <span>{words.display}</span>
          <input
            name="display"
            maxLength={120}
            defaultValue={person?.display ?? ""}
            autoComplete="off"
          />
        </label>
        <fieldset>
          <legend>{words.roles}</legend>
          {Object.entries(roles).map(([role, { name, means }]) => (
            <label key={role} className="check">
              <input
                type="checkbox"
                name="role"
                value={role}
                defaultChecked={person ? person.roles.includes(role) : role === "agent"}
              />
              <span>
                <strong>{name}</strong> <span className="dim">{means}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>{words.skills}</span>
          <input
            name="skills"
            list={listed}
            defaultValue={person?.skills.join(", ") ?? ""}
            autoComplete="off"
          />
          <span className="dim">{words.skillsHint}</span>
        </label>
        <datalist id={listed}>
          {skills.map((skill) => (
            <option key={skill} value={skill} />
          ))}
        </datalist>
        {secret ? (
          <label className="field">
            <span>{words.password}</span>
            <input
              value={secret}
              required
              minLength={12}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setSecret(event.target.value)}
            />
            <span className="dim">{words.passwordHint}</span>
          </label>
        ) : (
          <Button
            why={person?.oidc ? words.oidcHint : null}
            onClick={() => setSecret(freshPassword())}
          >
            {words.newPassword}
          </Button>
        )}
        {person && !self && (
          <label className="check">
            <input type="checkbox" name="disabled" defaultChecked={person.disabled} />
            {words.disable}
          </label>
        )}
        {save.error && <Failure error={save.error} />}
        <p className="sheet-acts">
          <Button onClick={onClose}>{app.cancel}</Button>
          <Button tone="main" type="submit" why={save.isPending ? why.busy : null}>
            {words.save}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
