import type { FormEvent } from "react";
import { useLocation } from "wouter";
import { paths } from "../../paths";
import { Button } from "../../ui/button";
import { useNarrow } from "../../ui/narrow";
import { useWords } from "../../words/all";

export interface HistoryFilter {
  scope: string;
  q: string;
  called: string;
  caller: string;
  persona: string;
  agent: string;
  disposition: string;
  since: string;
  until: string;
  problem: string;
}

const NAMES = [
  "q",
  "called",
  "caller",
  "persona",
  "agent",
  "disposition",
  "since",
  "until",
  "problem",
] as const;

export function fromAddress(search: string): HistoryFilter {
  const address = new URLSearchParams(search);
  const read = (name: string) => address.get(name) ?? "";
  const fields = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  return { scope: read("scope") || "past", ...fields } as HistoryFilter;
}

/** Days are the reader's days; the gateway is asked for instants. `until` includes its day. */
export function toQuery(filter: HistoryFilter): Record<string, string> {
  const query: Record<string, string> = { scope: filter.scope };
  for (const name of NAMES) if (filter[name]) query[name] = filter[name];
  if (filter.since) query.since = new Date(`${filter.since}T00:00`).toISOString();
  if (filter.until) {
    const next = new Date(`${filter.until}T00:00`);
    next.setDate(next.getDate() + 1);
    query.until = next.toISOString();
  }
  return query;
}

export function toAddress(filter: HistoryFilter): string {
  const address = new URLSearchParams();
  if (filter.scope !== "past") address.set("scope", filter.scope);
  for (const name of NAMES) if (filter[name]) address.set(name, filter[name]);
  const text = address.toString();
  return text ? `${paths.history}?${text}` : paths.history;
}

export function HistoryFilters({ filters }: { filters: HistoryFilter }) {
  const { history, call } = useWords();
  const [, go] = useLocation();
  const narrow = useNarrow();
  const apply = (changed: Partial<HistoryFilter>) => go(toAddress({ ...filters, ...changed }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "").trim();
    apply(Object.fromEntries(NAMES.map((name) => [name, read(name)])));
  };
  const more = NAMES.filter((name) => name !== "q" && filters[name]).length;
  return (
    <form className="history-filters" onSubmit={submit} role="search">
      <div role="group" aria-label={history.scope} className="segmented">
        {["past", "refused", "all"].map((scope) => (
          <button
            key={scope}
            type="button"
            aria-pressed={filters.scope === scope}
            onClick={() => apply({ scope })}
          >
            {history.scopes[scope]}
          </button>
        ))}
      </div>
      <label className="grow">
        <span className="sr">{history.search}</span>
        <input type="search" name="q" defaultValue={filters.q} placeholder={history.search} />
      </label>
      <Button type="submit" icon="search" tone="main">
        {history.searchButton}
      </Button>
      {(more > 0 || filters.q) && (
        <Button tone="quiet" onClick={() => go(paths.history)}>
          {history.clear}
        </Button>
      )}
      <details open={!narrow || more > 0}>
        <summary>
          {history.filters} {more > 0 && <b className="num">{more}</b>}
        </summary>
        <div className="history-fields">
          <input
            name="called"
            aria-label={history.called}
            placeholder={history.called}
            defaultValue={filters.called}
          />
          <input
            name="caller"
            aria-label={history.caller}
            placeholder={history.caller}
            defaultValue={filters.caller}
          />
          <input
            name="persona"
            aria-label={history.persona}
            placeholder={history.persona}
            defaultValue={filters.persona}
          />
          <input
            name="agent"
            aria-label={history.agent}
            placeholder={history.agent}
            defaultValue={filters.agent}
          />
          <label className="inline">
            <span>{history.since}</span>
            <input type="date" name="since" defaultValue={filters.since} />
          </label>
          <label className="inline">
            <span>{history.until}</span>
            <input type="date" name="until" defaultValue={filters.until} />
          </label>
          <select
            name="disposition"
            aria-label={history.disposition}
            defaultValue={filters.disposition}
          >
            <option value="">{history.disposition}</option>
            {Object.entries(call.dispositions)
              .filter(([value]) => value)
              .map(([value, word]) => (
                <option key={value} value={value}>
                  {word}
                </option>
              ))}
          </select>
          <label className="check">
            <input
              type="checkbox"
              name="problem"
              value="true"
              defaultChecked={filters.problem === "true"}
            />
            {history.problem}
          </label>
        </div>
      </details>
    </form>
  );
}
