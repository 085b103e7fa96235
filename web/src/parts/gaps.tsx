import { gap } from "../ui/time";
import { useLanguage, useWords } from "../words/all";
import type { Gap } from "./story";

const SLOW_MS = 1500;
const MOST = 60;

export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** One bar a turn, split by where the time went; the dashed line is what callers call slow. */
export function TurnGaps({ gaps }: { gaps: readonly Gap[] }) {
  const { call } = useWords();
  const language = useLanguage();
  if (gaps.length === 0) return <p className="dim">{call.gapsNone}</p>;
  const all = gaps.map((each) => each.gap_ms);
  const p50 = gap(quantile(all, 0.5), language);
  const max = gap(Math.max(...all), language);
  const shown = gaps.slice(-MOST);
  const top = Math.max(SLOW_MS * 1.2, ...shown.map((each) => each.gap_ms));
  const width = 7;
  const height = 48;
  const h = (ms: number | null) => ((ms ?? 0) / top) * height;
  return (
    <figure className="gaps">
      <svg
        viewBox={`0 0 ${Math.max(24, shown.length) * width} ${height}`}
        height={height}
        preserveAspectRatio="none"
        role="img"
        aria-label={call.gapsPicture(gaps.length, p50, max)}
      >
        {shown.map((each, i) => (
          <g key={each.key} className={each.gap_ms > SLOW_MS ? "slow" : ""}>
            <title>{`${gap(each.gap_ms, language)} (STT ${gap(each.stt_ms, language)}, LLM ${gap(each.llm_ms, language)}, TTS ${gap(each.tts_ms, language)})`}</title>
            <rect
              className="whole"
              x={i * width + 1}
              width={width - 2}
              y={height - h(each.gap_ms)}
              height={h(each.gap_ms)}
            />
            <rect
              className="model"
              x={i * width + 1}
              width={width - 2}
              y={height - h(each.llm_ms)}
              height={h(each.llm_ms)}
            />
          </g>
        ))}
        <line x1="0" x2="100%" y1={height - h(SLOW_MS)} y2={height - h(SLOW_MS)} />
      </svg>
      <figcaption className="dim small">{call.gapsSummary(p50, max)}</figcaption>
    </figure>
  );
}
