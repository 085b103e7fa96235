import { Icon } from "../ui/icon";
import { useWords } from "../words/all";
import type { Step } from "./story";

/** The rules that were asked, in order, and why each one did or did not decide. */
export function Trace({
  steps,
  localTime,
  revision,
}: {
  steps: readonly Step[];
  localTime: string;
  revision: string;
}) {
  const { call } = useWords();
  if (steps.length === 0) return <p className="dim">{call.routeNone}</p>;
  return (
    <div className="trace">
      <p className="dim small">
        {[
          localTime && call.routeLocal(localTime.slice(0, 16).replace("T", " ")),
          revision && call.routeRevision(revision.slice(0, 8)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <ol>
        {steps.map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order of the steps is their identity
          <li key={i} className={step.matched ? "matched" : ""}>
            <Icon name={step.matched ? "check" : "cross"} size={13} />
            <code>{step.rule}</code>
            <span>{step.because}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
