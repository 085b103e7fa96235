import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { get } from "../../api/client";
import type { AuditRow } from "../../api/types";
import { paths } from "../../paths";
import { Button } from "../../ui/button";
import { Empty, Failure, Loading } from "../../ui/empty";
import { moment } from "../../ui/time";
import { useLanguage, useWords } from "../../words/all";
import { dayQuery, fromSearch, particulars, type TrailFilter, toSearch } from "./filter";

/** Who did what, and when. What the address says is what is searched. */
export function Trail() {
  const { settings, app } = useWords();
  const words = settings.trail;
  const filter = fromSearch(useSearch());
  const query = dayQuery(filter);
  const rows = useInfiniteQuery({
    queryKey: ["trail", query],
    queryFn: ({ pageParam, signal }) =>
      get<{ items: AuditRow[]; next: number | null }>(
        "/api/audit",
        { ...query, before: pageParam, limit: 100 },
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const found = rows.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <TrailFilters key={JSON.stringify(filter)} filter={filter} />
      <section className="history-body" aria-label={settings.parts.trail} tabIndex={0}>
        {rows.isPending && <Loading />}
        {rows.error && <Failure error={rows.error} onRetry={() => void rows.refetch()} />}
        {rows.isSuccess && found.length === 0 && <Empty title={words.none} />}
        {found.length > 0 && (
          <table className="table settings-table">
            <thead>
              <tr>
                <th scope="col">{words.when}</th>
                <th scope="col">{words.who}</th>
                <th scope="col">{words.what}</th>
                <th scope="col">{words.particulars}</th>
                <th scope="col">{words.from}</th>
              </tr>
            </thead>
            <tbody>
              {found.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </tbody>
          </table>
        )}
        {rows.hasNextPage && (
          <p className="more">
            <Button
              why={rows.isFetchingNextPage ? app.loading : null}
              onClick={() => void rows.fetchNextPage()}
            >
              {app.more}
            </Button>
          </p>
        )}
      </section>
    </>
  );
}

function Row({ row }: { row: AuditRow }) {
  const words = useWords().settings.trail;
  const language = useLanguage();
  const ended = row.ended_at ? moment(row.ended_at, language, Date.now()) : "";
  const began = moment(row.at, language, Date.now());
  return (
    <tr>
      <td className="num">
        {began}
        {ended && ended !== began && <span className="dim"> – {ended}</span>}
      </td>
      <td>{row.who}</td>
      <td>
        {words.actions[row.action] ?? row.action}
        {row.call && (
          <>
            {" "}
            <Link href={paths.historyCall(row.call)}>{words.theCall}</Link>
          </>
        )}
      </td>
      <td className="wraps dim">{particulars(row.detail, words.keys)}</td>
      <td className="num dim">{row.ip}</td>
    </tr>
  );
}

function TrailFilters({ filter }: { filter: TrailFilter }) {
  const { settings, history } = useWords();
  const words = settings.trail;
  const [, go] = useLocation();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "").trim();
    const wanted = { q: read("q"), action: read("action"), since: read("since") };
    go(paths.settings("trail") + toSearch({ ...wanted, until: read("until") }));
  };
  const filtered = Object.values(filter).some(Boolean);
  return (
    <form className="settings-tools" role="search" onSubmit={submit}>
      <label className="grow">
        <span className="sr">{words.search}</span>
        <input type="search" name="q" defaultValue={filter.q} placeholder={words.search} />
      </label>
      <select name="action" aria-label={words.what} defaultValue={filter.action}>
        <option value="">{words.anything}</option>
        {Object.entries(words.actions).map(([action, word]) => (
          <option key={action} value={action}>
            {word}
          </option>
        ))}
      </select>
      <label className="inline">
        <span>{history.since}</span>
        <input type="date" name="since" defaultValue={filter.since} />
      </label>
      <label className="inline">
        <span>{history.until}</span>
        <input type="date" name="until" defaultValue={filter.until} />
      </label>
      <Button type="submit" icon="search" tone="main">
        {history.searchButton}
      </Button>
      {filtered && (
        <Button tone="quiet" onClick={() => go(paths.settings("trail"))}>
          {history.clear}
        </Button>
      )}
    </form>
  );
}
