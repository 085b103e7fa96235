import { useLocation, useSearch } from "wouter";
import type { Call } from "../../api/types";
import { useWords } from "../../words";

export type FilterName = "all" | "needs" | "human" | "ai";
const NAMES: FilterName[] = ["all", "needs", "human", "ai"];

export function fits(filter: FilterName, call: Call | undefined): boolean {
  if (!call) return false;
  if (filter === "needs") return call.needs.length > 0 || call.state === "waiting";
  if (filter === "human") return call.state === "human" || call.state === "held";
  if (filter === "ai") return call.state === "talking";
  return true;
}

/** The filter is in the address, so that it survives a reload and can be sent to a colleague. */
export function Filters({ chosen, hidden }: { chosen: FilterName; hidden: number }) {
  const { live } = useWords();
  const [location, go] = useLocation();
  const search = useSearch();
  const choose = (name: FilterName) => {
    const query = new URLSearchParams(search);
    if (name === "all") query.delete("show");
    else query.set("show", name);
    const text = query.toString();
    go(text ? `${location}?${text}` : location, { replace: true });
  };
  return (
    <div className="filters">
      <div role="group" aria-label={live.filter} className="segmented">
        {NAMES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === chosen}
            onClick={() => choose(name)}
          >
            {live.filters[name]}
          </button>
        ))}
      </div>
      {hidden > 0 && <span className="dim small">{live.hiddenCalls(hidden)}</span>}
    </div>
  );
}
