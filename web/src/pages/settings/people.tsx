import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, get } from "../../api/client";
import type { Person } from "../../api/types";
import { Button } from "../../ui/button";
import { Empty, Failure, Loading, useErrorText } from "../../ui/empty";
import { moment } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useLanguage, useWords } from "../../words/all";
import { PersonSheet } from "./person";

const KEY = ["people"];

/** Who may sign in, as what, and with which skills. */
export function People() {
  const { settings } = useWords();
  const words = settings.people;
  const client = useQueryClient();
  const errorText = useErrorText();
  const [filter, setFilter] = useState("");
  const [open, setOpen] = useState<Person | "new" | null>(null);
  const people = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get<{ items: Person[] }>("/api/users", undefined, signal),
  });
  const out = useMutation({
    mutationFn: (name: string) =>
      ask<void>("DELETE", `/api/users/${encodeURIComponent(name)}/sessions`),
    onSuccess: (_, name) => toast(words.signedOut(name)),
    onError: (error) => toast(errorText(error), true),
  });
  const all = people.data?.items ?? [];
  const shown = all.filter((one) => holds(one, filter));
  return (
    <>
      <div className="settings-tools">
        <label className="grow">
          <span className="sr">{words.find}</span>
          <input
            type="search"
            value={filter}
            placeholder={words.find}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
        <Button tone="main" onClick={() => setOpen("new")}>
          {words.add}
        </Button>
      </div>
      <div className="history-body">
        {people.isPending && <Loading />}
        {people.error && <Failure error={people.error} onRetry={() => void people.refetch()} />}
        {people.isSuccess && shown.length === 0 && <Empty title={words.none} />}
        {shown.length > 0 && (
          <table className="table settings-table">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.roles}</th>
                <th scope="col">{words.skills}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.since}</th>
                <th scope="col">
                  <span className="sr">{words.acts}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((person) => (
                <Row
                  key={person.name}
                  person={person}
                  onEdit={() => setOpen(person)}
                  onSignOut={() => out.mutate(person.name)}
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {open && (
        <PersonSheet
          person={open === "new" ? null : open}
          skills={[...new Set(all.flatMap((one) => one.skills))].sort()}
          onClose={() => setOpen(null)}
          onSaved={() => {
            setOpen(null);
            void client.invalidateQueries({ queryKey: KEY });
          }}
        />
      )}
    </>
  );
}

function holds(person: Person, filter: string): boolean {
  const text = [person.name, person.display, ...person.roles, ...person.skills].join(" ");
  return text.toLowerCase().includes(filter.trim().toLowerCase());
}

interface RowProps {
  person: Person;
  onEdit: () => void;
  onSignOut: () => void;
}

function Row({ person, onEdit, onSignOut }: RowProps) {
  const { settings } = useWords();
  const language = useLanguage();
  const { people: words, roles } = settings;
  return (
    <tr className={person.disabled ? "disabled" : undefined}>
      <td>
        <strong>{person.display}</strong>
        {person.display !== person.name && <span className="dim"> {person.name}</span>}
      </td>
      <td>{person.roles.map((role) => roles[role]?.name ?? role).join(", ")}</td>
      <td className="wraps">{person.skills.join(", ") || <span className="dim">–</span>}</td>
      <td>
        {person.disabled ? <span className="bad">{words.disabled}</span> : words.active}
        {person.oidc && <span className="dim"> · {words.oidc}</span>}
      </td>
      <td className="num dim">{moment(person.created_at, language, Date.now())}</td>
      <td className="acts">
        <Button tone="quiet" aria-label={words.editWhom(person.name)} onClick={onEdit}>
          {words.edit}
        </Button>
        <Button tone="quiet" aria-label={words.signOutWhom(person.name)} onClick={onSignOut}>
          {words.signOut}
        </Button>
      </td>
    </tr>
  );
}
