import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client";
import type { CalendarMonth } from "../../api/types";
import { Button } from "../../ui/button";
import { Failure, Loading } from "../../ui/empty";
import { useLanguage, useWords } from "../../words/all";
import type { Draft } from "./plan";

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
  const calendar = useQuery({
    queryKey: ["routing-calendar", month, draft.files],
    queryFn: () => post<CalendarMonth>("/api/routing/calendar", { ...month, files: draft.files }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const move = (by: number) => {
    const to = new Date(month.year, month.month - 1 + by, 1);
    setMonth({ year: to.getFullYear(), month: to.getMonth() + 1 });
  };
  if (calendar.isPending) return <Loading />;
  if (calendar.error) return <Failure error={calendar.error} onRetry={() => void calendar.refetch()} />;
  const names = Object.keys(calendar.data.hours);
  const name = chosen && names.includes(chosen) ? chosen : names[0];
  if (!name) return <p className="dim">{words.none}</p>;
  const days = calendar.data.hours[name] ?? [];
  const first = new Date(month.year, month.month - 1, 1);
  const title = first.toLocaleDateString(language, { month: "long", year: "numeric" });
  const lead = (first.getDay() + 6) % 7;
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
        {names.length > 1 && (
          <select aria-label={words.hours} value={name} onChange={(event) => setChosen(event.target.value)}>
            {names.map((each) => (
              <option key={each}>{each}</option>
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
        {days.map((day, i) => (
          <li
            key={day.date}
            className={day.note ? "noted" : ""}
            style={i === 0 ? { gridColumnStart: lead + 1 } : undefined}
          >
            <span className="num">{Number(day.date.slice(-2))}</span>
            <span className="day-bar" aria-hidden="true">
              {day.open.map(([from, to]) => (
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
              {day.open.length === 0 ? words.closed : day.open.map(([from, to]) => `${from}–${to}`).join(" ")}
            </span>
            {day.note && <em>{day.note}</em>}
          </li>
        ))}
      </ol>
    </>
  );
}
