import { useMutation } from "@tanstack/react-query";
import { post } from "../../api/client";
import type { TestRun } from "../../api/types";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useWords } from "../../words/all";
import type { Place } from "./code";
import type { Draft } from "./plan";

/** Where each test is written, found by its name. */
function places(draft: Draft): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const { path, text } of draft.files) {
    for (const [i, line] of text.split("\n").entries()) {
      const hit = /\bname:\s*"?([^",}]+?)"?\s*(?:[,}]|$)/.exec(line);
      if (hit?.[1]) found.set(hit[1], { file: path, line: i + 1, column: hit.index + 1 });
    }
  }
  return found;
}

/** The plan's own tests, run on the text as it stands; failures first. */
export function Tests({ draft, onPlace }: { draft: Draft; onPlace: (place: Place) => void }) {
  const { routing, why } = useWords();
  const words = routing.tests;
  const run = useMutation({
    mutationFn: () => post<TestRun>("/api/routing/test", { files: draft.files }),
  });
  const lines = places(draft);
  const results = [...(run.data?.tests ?? [])].sort((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <>
      <div className="panel-head">
        <Button
          tone="main"
          why={
            draft.problems.some((p) => p.severity === "error")
              ? why.invalid
              : run.isPending
                ? why.busy
                : null
          }
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
              <strong>{each.name}</strong>{" "}
              <span className="sr">{each.passed ? words.passed : words.failed}</span>
              {lines.has(each.name) && (
                <button
                  type="button"
                  className="textlink"
                  onClick={() => onPlace(lines.get(each.name) ?? { file: "", line: 1, column: 1 })}
                >
                  {words.line(lines.get(each.name)?.line ?? 1)}
                </button>
              )}
              {each.passed ? (
                <p className="dim small">{each.got.join(" → ")}</p>
              ) : (
                <p className="small">
                  {words.expected} <code>{each.expected.join(" → ")}</code>
                  <br />
                  {words.got} <code>{each.problem || each.got.join(" → ")}</code>
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
