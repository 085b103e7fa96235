import { lazy, Suspense, useEffect, useMemo } from "react";
import { useLocation, useParams, useSearch } from "wouter";
import { live as store, useOrder, useReady } from "../../api/feed";
import { idIn, paths } from "../../paths";
import { Empty, Loading } from "../../ui/empty";
import { useKeys } from "../../ui/keys";
import { useNarrow } from "../../ui/narrow";
import { useTitle } from "../../ui/title";
import { useWords } from "../../words";
import { type FilterName, Filters, fits } from "./filters";
import { CallList } from "./list";
import { TileStrip } from "./tiles";

const loadCall = () => import("../call/call");
const CallView = lazy(async () => {
  const [{ withQueries }, { CallView: View }] = await Promise.all([
    import("../../parts/queries"),
    loadCall(),
  ]);
  return { default: withQueries(View) };
});

/** The list and the call that the address names, side by side where there is room. */
export function Live() {
  const { id: named } = useParams<{ id?: string }>();
  const id = named === undefined ? null : idIn(named);
  const [, go] = useLocation();
  const search = useSearch();
  const words = useWords();
  const narrow = useNarrow();
  const order = useOrder();
  const ready = useReady();
  const filter = (new URLSearchParams(search).get("show") ?? "all") as FilterName;
  const shown = useMemo(
    () => (filter === "all" ? order : order.filter((each) => fits(filter, store.call(each)))),
    [order, filter],
  );
  useTitle(words.live.title);

  // The list is first; what a click will need comes while nobody waits for it.
  useEffect(() => void loadCall().catch(() => {}), []);

  const keep = search ? `?${search}` : "";
  const move = (by: number) => {
    const at = id ? shown.indexOf(id) : -1;
    const next = at < 0 ? (by > 0 ? shown[0] : shown.at(-1)) : shown[at + by];
    if (next) go(paths.liveCall(next) + keep, { replace: id !== null });
  };
  useKeys([
    { keys: "j", group: "live", what: words.keys.next, run: () => move(1) },
    { keys: "k", group: "live", what: words.keys.previous, run: () => move(-1) },
    { keys: "u", group: "live", what: words.keys.closeCall, run: () => go(paths.live + keep) },
  ]);

  const list = (
    <section className="live-list">
      <header className="bar">
        <h1>{words.live.title}</h1>
        <Filters chosen={filter} hidden={order.length - shown.length} />
      </header>
      {!ready && <Loading what={words.live.connecting} />}
      {ready && order.length === 0 && (
        <Empty title={words.live.empty} hint={words.live.emptyHint} />
      )}
      {ready && order.length > 0 && shown.length === 0 && (
        <Empty title={words.live.noneHere} hint={words.live.hiddenCalls(order.length)} />
      )}
      {shown.length > 0 && <CallList ids={shown} selected={id} />}
    </section>
  );
  const chosen = id && (
    <Suspense fallback={<Loading />}>
      <CallView key={id} id={id} />
    </Suspense>
  );
  if (narrow && chosen) {
    return (
      <>
        <h1 className="sr">{words.live.title}</h1>
        {chosen}
      </>
    );
  }
  return (
    <div className={id ? "live split" : "live"}>
      <TileStrip />
      <div className="live-body">
        {list}
        {chosen}
      </div>
    </div>
  );
}
