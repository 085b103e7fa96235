import type { ReactNode } from "react";
import { useTiles } from "../../api/feed";
import { Spark } from "../../ui/spark";
import { clock, gap, percent } from "../../ui/time";
import { useLanguage, useWords } from "../../words";

interface TileProps {
  name: string;
  value: string;
  detail?: ReactNode;
  tone?: "alert" | "warn" | undefined;
  picture?: ReactNode;
}

function Tile({ name, value, detail, tone, picture }: TileProps) {
  return (
    <div className={`tile ${tone ?? ""}`}>
      <dt>{name}</dt>
      <dd>
        <span className="tile-value num">{value}</span>
        {detail && <span className="tile-detail">{detail}</span>}
        {picture}
      </dd>
    </div>
  );
}

const LONG_WAIT_S = 60;
const POOR_LEVEL = 0.8;
const SLOW_GAP_MS = 1500;

/** The floor in one glance. What is out of order is told by a word's weight, a bar and a colour. */
export function TileStrip() {
  const t = useTiles();
  const { live } = useWords();
  const language = useLanguage();
  const calls = t?.load.map((point) => point[1] ?? 0) ?? [];
  const waits = t?.load.map((point) => point[2] ?? 0) ?? [];
  const poor = t?.service_level !== null && t !== null && t.service_level < POOR_LEVEL;
  const seconds = (s: number | null | undefined) =>
    s === null || s === undefined ? "–" : s < 10 ? gap(s * 1000, language) : clock(s);
  return (
    <dl className="tiles" aria-label={live.tiles}>
      <Tile
        name={live.calls}
        value={t ? String(t.calls) : "–"}
        picture={<Spark values={calls} label={live.loadPicture(Math.max(0, ...calls))} />}
      />
      <Tile
        name={live.waiting}
        value={t ? String(t.waiting) : "–"}
        tone={t && t.waiting > 0 ? "warn" : undefined}
        picture={
          <Spark values={waits} tone="wait" label={live.waitPicture(Math.max(0, ...waits))} />
        }
      />
      <Tile
        name={live.longest}
        value={t ? clock(t.longest_wait_s) : "–"}
        tone={t && t.longest_wait_s > LONG_WAIT_S ? "alert" : undefined}
      />
      <Tile
        name={live.level}
        value={percent(t?.service_level, language)}
        tone={poor ? "warn" : undefined}
      />
      <Tile name={live.answer} value={seconds(t?.answer_s)} />
      <Tile
        name={live.abandoned}
        value={t ? String(t.abandoned) : "–"}
        detail={t ? live.refusedDetail(t.refused) : undefined}
      />
      <Tile
        name={live.agents}
        value={t ? live.agentsReady(t.agents_ready) : "–"}
        detail={t ? live.agentsDetail(t.agents_busy, t.agents_not_ready) : undefined}
      />
      <Tile
        name={live.gap}
        value={gap(t?.turn_gap_p95_ms, language)}
        detail={t?.turn_gap_p50_ms ? live.gapDetail(gap(t.turn_gap_p50_ms, language)) : "p95"}
        tone={t?.turn_gap_p95_ms && t.turn_gap_p95_ms > SLOW_GAP_MS ? "warn" : undefined}
      />
    </dl>
  );
}
