interface Props {
  values: readonly number[];
  label: string;
  tone?: "load" | "wait";
  width?: number;
  height?: number;
}

/** A small area picture; the label says what it shows, for those who do not see it. */
export function Spark({ values, label, tone = "load", width = 96, height = 22 }: Props) {
  if (values.length < 2) return null;
  const most = Math.max(1, ...values);
  const x = (i: number) => (i / (values.length - 1)) * width;
  const y = (v: number) => height - 1 - (v / most) * (height - 3);
  const line = values
    .map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`)
    .join("");
  return (
    <svg
      className={`spark ${tone}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className="area" d={`${line}L${width} ${height}L0 ${height}Z`} />
      <path className="line" d={line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
