import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask, get, post } from "../../api/client";
import type { ApiKey, MadeKey } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Empty, Failure, Loading, useErrorText } from "../../ui/empty";
import { moment } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useLanguage, useWords } from "../../words/all";

const KEY = ["keys"];

/** What machines sign in with. */
export function Keys() {
  const { settings } = useWords();
  const words = settings.keys;
  const language = useLanguage();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [sure, setSure] = useState<string | null>(null);
  const again = () => void client.invalidateQueries({ queryKey: KEY });
  const keys = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get<{ items: ApiKey[] }>("/api/keys", undefined, signal),
  });
  const revoke = useMutation({
    mutationFn: (name: string) => ask<void>("DELETE", `/api/keys/${encodeURIComponent(name)}`),
    onSuccess: (_, name) => {
      setSure(null);
      toast(words.revoked(name));
      again();
    },
    onError: (error) => toast(errorText(error), true),
  });
  const rows = keys.data?.items ?? [];
  return (
    <>
      <div className="settings-tools">
        <p className="dim grow">{words.means}</p>
        <Button tone="main" onClick={() => setAdding(true)}>
          {words.add}
        </Button>
      </div>
      <div className="history-body">
        {keys.isPending && <Loading />}
        {keys.error && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
        {keys.isSuccess && rows.length === 0 && <Empty title={words.none} />}
        {rows.length > 0 && (
          <table className="table settings-table">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{settings.people.roles}</th>
                <th scope="col">{settings.people.since}</th>
                <th scope="col">{words.used}</th>
                <th scope="col">
                  <span className="sr">{settings.people.acts}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((key) => (
                <tr key={key.name}>
                  <td>
                    <strong>{key.name}</strong>
                  </td>
                  <td>{key.roles.map((role) => settings.roles[role]?.name ?? role).join(", ")}</td>
                  <td className="num dim">{moment(key.created_at, language, Date.now())}</td>
                  <td className="num">
                    {key.last_used_at
                      ? moment(key.last_used_at, language, Date.now())
                      : words.never}
                  </td>
                  <td className="acts">
                    {sure === key.name ? (
                      <Button tone="danger" onClick={() => revoke.mutate(key.name)}>
                        {words.sure(key.name)}
                      </Button>
                    ) : (
                      <Button
                        tone="quiet"
                        aria-label={words.revokeWhich(key.name)}
                        onClick={() => setSure(key.name)}
                      >
                        {words.revoke}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {adding && <KeySheet onClose={() => setAdding(false)} onMade={again} />}
    </>
  );
}

/** The secret is shown this once. */
function KeySheet({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const { settings, app, why } = useWords();
  const words = settings.keys;
  const make = useMutation({
    mutationFn: (body: { name: string; roles: string[] }) => post<MadeKey>("/api/keys", body),
    onSuccess: onMade,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    make.mutate({
      name: String(form.get("name") ?? "").trim(),
      roles: [String(form.get("role") ?? "")],
    });
  };
  if (make.data) {
    const { key, secret } = make.data;
    const copy = async () => {
      await navigator.clipboard.writeText(secret);
      toast(words.copied);
    };
    return (
      <Dialog title={words.made(key.name)} onClose={onClose}>
        <div className="sheet-form">
          <p>{words.once}</p>
          <code className="secret">{secret}</code>
          <p className="dim small">{words.header}</p>
          <p className="sheet-acts">
            <Button onClick={() => void copy()}>{words.copy}</Button>
            <Button tone="main" onClick={onClose}>
              {app.close}
            </Button>
          </p>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form className="sheet-form" onSubmit={submit}>
        <label className="field">
          <span>{words.name}</span>
          <input
            name="name"
            required
            maxLength={80}
            pattern="[A-Za-z0-9][A-Za-z0-9._@\-]*"
            title={settings.people.nameShape}
            autoComplete="off"
          />
        </label>
        <label className="field">
          <span>{words.role}</span>
          <select name="role" defaultValue="viewer">
            {Object.entries(settings.roles).map(([role, { name, means }]) => (
              <option key={role} value={role}>
                {name}: {means}
              </option>
            ))}
          </select>
        </label>
        {make.error && <Failure error={make.error} />}
        <p className="sheet-acts">
          <Button onClick={onClose}>{app.cancel}</Button>
          <Button tone="main" type="submit" why={make.isPending ? why.busy : null}>
            {words.make}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
