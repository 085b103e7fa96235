import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import { post } from "../../api/client";
import type { Explained } from "../../api/types";
import { steps } from "../../parts/story";
import { Trace } from "../../parts/trace";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/empty";
import { useWords } from "../../words/all";
import type { Draft } from "./plan";

/** "Who gets a call to … from … at …", asked of the text as it stands. */
export function Explain({ draft }: { draft: Draft }) {
  const { routing, why } = useWords();
  const words = routing.explain;
  const explain = useMutation({
    mutationFn: (body: { called: string; caller: string; at: string | null }) =>
      post<Explained>("/api/routing/explain", { ...body, files: draft.files, headers: {} }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => String(form.get(name) ?? "").trim();
    explain.mutate({
      called: read("called"),
      caller: read("caller"),
      at: read("at").replace("T", " ") || null,
    });
  };
  const answer = explain.data;
  const numbers = [...(draft.files[0]?.text.matchAll(/^\s+"(\+\d+)":/gm) ?? [])].map(
    (hit) => hit[1] ?? "",
  );
  const broken = draft.problems.some((p) => p.severity === "error");
  const form = useRef<HTMLFormElement>(null);
  const ready = !broken && numbers.length > 0;
  // The first answer needs no question: it shows what can be asked.
  useEffect(() => {
    if (ready) form.current?.requestSubmit();
  }, [ready]);
  return (
    <>
      <form className="explain" onSubmit={submit} ref={form}>
        <p>{words.lead}</p>
        <label className="field">
          <span>{words.to}</span>
          <input name="called" list="plan-numbers" required defaultValue={numbers[0] ?? ""} />
        </label>
        <datalist id="plan-numbers">
          {numbers.map((number) => (
            <option key={number} value={number} />
          ))}
        </datalist>
        <label className="field">
          <span>{words.from}</span>
          <input name="caller" defaultValue="anonymous" placeholder={words.fromHint} required />
        </label>
        <label className="field">
          <span>
            {words.at} ({words.now})
          </span>
          <input name="at" type="datetime-local" />
        </label>
        <Button type="submit" tone="main" why={broken ? why.invalid : null}>
          {words.go}
        </Button>
      </form>
      {explain.error && <Failure error={explain.error} />}
      {!answer && !explain.error && <p className="dim">{words.nothing}</p>}
      {answer && (
        <div className="answer" role="status">
          <p className="answer-who">
            {answer.path.length > 0 ? answer.path.join(" → ") : answer.decision.kind}
            {answer.refused && (
              <span className="bad">
                {" "}
                {answer.refused.code} {answer.refused.reason}
              </span>
            )}
          </p>
          <p className="answer-sentence">{answer.text.split("\n")[0]}</p>
          <h3>{words.steps}</h3>
          <Trace steps={steps(answer.steps)} localTime={answer.local_time} revision="" />
        </div>
      )}
    </>
  );
}
