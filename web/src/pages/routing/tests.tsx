import { useMutation } from "@tanstack/react-query";
import { post } from "../../api/client";
import type { TestRun } from "../../api/types";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useWords } from "../../words/all";
import type { Place } from "./code";
import type { Draft } from "./plan";

/** The plan's own tests, run on the text as it stands; failures first. */
export function Tests({ draft, onPlace }: { draft: Draft; onPlace: (place: Place) => void }) {
  const { routing, why } = useWords();
  const words = routing.tests;
  const run = useMutation({
    mutationFn: () => post<TestRun>("/api/routing/test", { files: draft.files }),
  });
  const results = [...(run.data?.results ?? [])].sort((a, b) => Number(a.passed) - Number(b.passed));
  const main = draft.files[0]?.path ?? "";
  return (
    <>
      <div className="panel-head">
        <Button
          tone="main"
          why={draft.problems.some((p) => p.severity === "error") ? why.invalid : run.isPending ? why.busy : null}
          onClick={() => run.mutate()}
        >
          {words.run}
        </Button>
        {run.data && (
          <p role="status" className={run.data.failed > 0 ? "bad" : "good"}>
            {words.summary(run.data.passed, run.data.failed)}
          </p>
        )}
      </div>
      {run.error && <Failure error={run.error} />}
      {!run.data && !run.error && <p className="dim">{words.idle}</p>}
      {run.data && results.length === 0 && <p className="dim">{words.none}</p>}
      <ul className="tests">
        {results.map((each) => (
          <li key={each.name} className={each.passed ? "passed" : "failed"}>
            <Icon name={each.passed ? "check" : "cross"} size={14} />
            <div>
              <strong>{each.name}</strong> <span className="sr">{each.passed ? words.passed : words.failed}</span>
              {each.line !== null && (
                <button
                  type="button"
                  className="textlink"
                  onClick={() => onPlace({ file: main, line: each.line ?? 1, column: each.column ?? 1 })}
                >
                  {words.line(each.line)}
                </button>
              )}
              {each.passed ? (
                <p className="dim small">{each.got.join(" → ")}</p>
              ) : (
                <p className="small">
                  {words.expected} <code>{each.expected.join(" → ")}</code>
                  <br />
                  {words.got} <code>{each.got.join(" → ")}</code>
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
