import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client";
import type { CalendarPage } from "../../api/types";
import { readable } from "../../parts/number";
import { Button } from "../../ui/button";
import { Failure, Loading } from "../../ui/empty";
import { useLanguage, useWords } from "../../words/all";
import type { Draft } from "./plan";

interface Open {
  from: string;
  to: string;
}

/** `08:30-18:00` as its two ends; past midnight it ends with the day. */
function ends(range: string): Open {
  const [from = "00:00", to = "24:00"] = range.split(/\s*-\s*/);
  return { from, to: to <= from ? "24:00" : to };
}

const minutes = (clockTime: string): number => {
  const [h = 0, m = 0] = clockTime.split(":").map(Number);
  return h * 60 + m;
};

/** One month of opening times: each day with a bar from midnight to midnight, filled while open. */
export function Calendar({ draft }: { draft: Draft }) {
  const { routing } = useWords();
  const words = routing.calendar;
  const language = useLanguage();
  const today = new Date();
  const [month, setMonth] = useState({ year: today.getFullYear(), month: today.getMonth() + 1 });
  const [chosen, setChosen] = useState<string | null>(null);
  const days = new Date(month.year, month.month, 0).getDate();
  const first = `${month.year}-${String(month.month).padStart(2, "0")}-01`;
  const calendar = useQuery({
    queryKey: ["routing-calendar", month, draft.files],
    queryFn: () => post<CalendarPage>("/api/routing/calendar", { first, days, files: draft.files }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const move = (by: number) => {
    const to = new Date(month.year, month.month - 1 + by, 1);
    setMonth({ year: to.getFullYear(), month: to.getMonth() + 1 });
  };
  if (calendar.isPending) return <Loading />;
  if (calendar.error)
    return <Failure error={calendar.error} onRetry={() => void calendar.refetch()} />;
  const rows = calendar.data.numbers;
  const row = rows.find((each) => each.number === chosen) ?? rows[0];
  if (!row) return <p className="dim">{words.none}</p>;
  const start = new Date(month.year, month.month - 1, 1);
  const title = start.toLocaleDateString(language, { month: "long", year: "numeric" });
  const lead = (start.getDay() + 6) % 7;
  const monday = new Date(2024, 0, 1);
  const weekdays = Array.from({ length: 7 }, (_, i) =>
    new Date(monday.getTime() + i * 86_400_000).toLocaleDateString(language, { weekday: "short" }),
  );
  return (
    <>
      <div className="panel-head">
        <Button icon="back" tone="quiet" aria-label={words.previous} onClick={() => move(-1)} />
        <strong className="month">{title}</strong>
        <Button icon="forward" tone="quiet" aria-label={words.next} onClick={() => move(1)} />
        {rows.length > 1 && (
          <select
            aria-label={words.number}
            value={row.number}
            onChange={(event) => setChosen(event.target.value)}
          >
            {rows.map((each) => (
              <option key={each.number} value={each.number}>
                {each.label || readable(each.number)}
              </option>
            ))}
          </select>
        )}
      </div>
      <ol className="calendar">
        {weekdays.map((day) => (
          <li key={day} className="weekday" aria-hidden="true">
            {day}
          </li>
        ))}
        {row.days.map((day, i) => (
          <li
            key={day.date}
            className={day.note ? "noted" : ""}
            style={i === 0 ? { gridColumnStart: lead + 1 } : undefined}
          >
            <span className="num">{Number(day.date.slice(-2))}</span>
            <span className="day-bar" aria-hidden="true">
              {day.open.map(ends).map(({ from, to }) => (
                <i
                  key={from}
                  style={{
                    left: `${(minutes(from) / 1440) * 100}%`,
                    width: `${((minutes(to) - minutes(from)) / 1440) * 100}%`,
                  }}
                />
              ))}
            </span>
            <span className="day-hours">
              {day.open.length === 0 ? words.closed : day.open.join(" ")}
            </span>
            {day.note && <em>{day.note}</em>}
          </li>
        ))}
      </ol>
      <p className="dim small">
        {readable(row.number)} · {row.timezone}
        {row.hours && ` · ${row.hours}`}
      </p>
    </>
  );
}
