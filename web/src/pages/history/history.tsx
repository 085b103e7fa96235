import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "wouter";
import { get, withQuery } from "../../api/client";
import type { CallPage } from "../../api/types";
import { useMay } from "../../parts/me";
import { Button } from "../../ui/button";
import { Empty, Failure, Loading } from "../../ui/empty";
import { useTitle } from "../../ui/title";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";
import { fromAddress, HistoryFilters, toQuery } from "./filters";
import { HistoryTable } from "./table";
import "../../styles/history.css";

/** What the address says is what is searched: a search can be kept, sent and gone back to. */
export function History() {
  const { history, app } = useWords();
  const may = useMay();
  const filters = fromAddress(useSearch());
  const query = toQuery(filters);
  useTitle(history.title);
  const calls = useInfiniteQuery({
    queryKey: ["calls", query],
    queryFn: ({ pageParam, signal }) =>
      get<CallPage>("/api/calls", { ...query, after: pageParam, limit: 50 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const rows = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(query).length > 1;
  const noExport = may("calls.export");
  return (
    <div className="history">
      <header className="bar">
        <h1>{history.title}</h1>
        <HistoryFilters key={JSON.stringify(filters)} filters={filters} />
        {noExport ? (
          <Button why={noExport} onClick={() => toast(noExport)}>
            {history.csv}
          </Button>
        ) : (
          <a
            className="button"
            href={withQuery("/api/calls.csv", query)}
            download
            title={history.csvTitle}
          >
            {history.csv}
          </a>
        )}
      </header>
      <div className="history-body">
        {calls.isPending && <Loading />}
        {calls.error && <Failure error={calls.error} onRetry={() => void calls.refetch()} />}
        {calls.isSuccess && rows.length === 0 && (
          <Empty
            title={filtered ? history.empty : history.none}
            {...(filtered ? { hint: history.emptyHint } : {})}
          />
        )}
        {rows.length > 0 && <HistoryTable calls={rows} />}
        {calls.hasNextPage && (
          <p className="more">
            <Button
              why={calls.isFetchingNextPage ? app.loading : null}
              onClick={() => void calls.fetchNextPage()}
            >
              {app.more}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}
