import { useMutation, useQueryClient } from "@tanstack/react-query";
import { post } from "../../api/client";
import type { Applied, Compared } from "../../api/types";
import { useMay } from "../../parts/me";
import { readable } from "../../parts/number";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { moment } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useLanguage, useWords } from "../../words/all";
import type { Draft } from "./plan";

function Replay({ diff }: { diff: Compared }) {
  const { changes } = useWords().routing;
  const language = useLanguage();
  const { replayed, moved, examples } = diff;
  if (replayed === 0) return <p className="dim">{changes.noReplay}</p>;
  return (
    <div className={moved > 0 ? "replay some" : "replay"}>
      <p>
        <strong>{changes.elsewhere(moved, replayed)}</strong>
      </p>
      {moved > 0 && (
        <div className="share" aria-hidden="true">
          <i style={{ width: `${Math.max(0.5, (moved / replayed) * 100)}%` }} />
        </div>
      )}
      <ul>
        {examples.map((each) => (
          <li key={`${each.from} ${each.to} ${each.because}`}>
            <strong className="num">{each.count.toLocaleString(language)}</strong> {each.from} →{" "}
            <strong>{each.to}</strong> <span className="dim">{each.because}</span>
            {each.calls[0] && (
              <p className="dim small num">
                {changes.example} {readable(each.calls[0].from)} → {readable(each.calls[0].to)},{" "}
                {moment(each.calls[0].at, language, Date.now())}
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What the draft means differently, whom it would have sent elsewhere, and only then Apply. */
export function Changes({ draft }: { draft: Draft }) {
  const { routing, why } = useWords();
  const words = routing.changes;
  const may = useMay();
  const client = useQueryClient();
  const diff = useMutation({
    mutationFn: async () => ({
      files: draft.files,
      diff: await post<Compared>("/api/routing/diff", { files: draft.files }),
    }),
  });
  const apply = useMutation({
    mutationFn: () => post<Applied>("/api/routing/apply", { files: draft.files, base: draft.base }),
    onSuccess: async ({ revision, steps }) => {
      const whole = steps.every((step) => step.ok);
      toast(whole ? words.applied(revision.slice(0, 8)) : words.partly, !whole);
      diff.reset();
      await client.invalidateQueries({ queryKey: ["routing"] });
      draft.discard();
    },
  });
  const errors = draft.problems.some((problem) => problem.severity === "error");
  // A comparison counts only for the text that it compared.
  const compared = diff.data?.files === draft.files ? diff.data.diff : null;
  const notNow = errors ? why.invalid : !draft.changed && !draft.first ? why.unchanged : null;
  const notApply =
    may("routing.apply") ??
    notNow ??
    (compared || draft.first ? null : words.first) ??
    (apply.isPending ? why.busy : null);
  return (
    <>
      <div className="panel-head">
        <Button why={notNow ?? (diff.isPending ? why.busy : null)} onClick={() => diff.mutate()}>
          {diff.isPending ? words.comparing : words.compare}
        </Button>
      </div>
      {!draft.changed && !draft.first && <p className="dim">{words.none}</p>}
      {diff.error && <Failure error={diff.error} />}
      {compared && (
        <>
          <Replay diff={compared} />
          <ul className="changes">
            {compared.changes.map((each) => (
              <li key={`${each.where}${each.kind}${each.old}${each.new}`}>
                <code>{each.where}</code>
                {each.old && (
                  <del>
                    <span className="sr">{words.before} </span>
                    {each.old}
                  </del>
                )}
                {each.new && (
                  <ins>
                    <span className="sr">{words.after} </span>
                    {each.new}
                  </ins>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      <form
        className="apply"
        onSubmit={(event) => {
          event.preventDefault();
          if (!notApply) apply.mutate();
        }}
      >
        <Button type="submit" tone="main" why={notApply}>
          {apply.isPending ? words.applying : words.apply}
        </Button>
      </form>
      {apply.error && <Failure error={apply.error} />}
      {apply.data && (
        <ul className="steps" role="status">
          {apply.data.steps.map((step) => (
            <li key={step.what} className={step.ok ? "" : "bad"}>
              <Icon name={step.ok ? "check" : "cross"} size={14} /> {step.what}{" "}
              <span className="dim">{step.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
