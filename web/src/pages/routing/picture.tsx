import { graphlib, layout } from "@dagrejs/dagre";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { post } from "../../api/client";
import type { Graph } from "../../api/types";
import { Failure, Loading } from "../../ui/empty";
import { useWords } from "../../words/all";
import type { Draft } from "./plan";

const CHARACTER_PX = 7.6;
const NODE_HEIGHT = 40;

interface Box {
  id: string;
  kind: string;
  label: string;
  x: number;
  y: number;
  width: number;
}

interface Line {
  key: string;
  frm: string;
  to: string;
  label: string;
  d: string;
  at: { x: number; y: number };
}

interface Drawing {
  boxes: Box[];
  lines: Line[];
  width: number;
  height: number;
}

/** Through the middles of the laid points, so that a line bends where dagre made a corner. */
function curve(points: { x: number; y: number }[]): string {
  const at = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return "";
  let d = `M${at(first.x, first.y)}`;
  for (const [i, point] of rest.entries()) {
    const next = rest[i + 1] ?? last;
    d += `Q${at(point.x, point.y)} ${at((point.x + next.x) / 2, (point.y + next.y) / 2)}`;
  }
  return `${d}L${at(last.x, last.y)}`;
}

export function draw(graph: Graph): Drawing {
  const g = new graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: "LR", nodesep: 16, ranksep: 46, marginx: 10, marginy: 10 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    const width = Math.max(70, node.name.length * CHARACTER_PX + 32);
    g.setNode(node.id, { width, height: NODE_HEIGHT });
  }
  const known = new Set(graph.nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => known.has(edge.from) && known.has(edge.to));
  for (const [i, edge] of edges.entries()) {
    const width = edge.label.length * 4.6;
    g.setEdge(edge.from, edge.to, { width, height: 12, labelpos: "c" }, String(i));
  }
  layout(g);
  const boxes = graph.nodes.map((node) => {
    const { x, y, width } = g.node(node.id) as Box;
    return { id: node.id, kind: node.kind, label: node.name, x, y, width };
  });
  const lines = edges.map((edge, i) => {
    const laid = g.edge({ v: edge.from, w: edge.to, name: String(i) }) as {
      points: { x: number; y: number }[];
      x?: number;
      y?: number;
    };
    const d = curve(laid.points);
    const middle = laid.points[Math.floor(laid.points.length / 2)] ?? { x: 0, y: 0 };
    const at = { x: laid.x ?? middle.x, y: laid.y ?? middle.y };
    return { key: `${i}`, frm: edge.from, to: edge.to, label: edge.label, d, at };
  });
  const size = g.graph() as { width?: number; height?: number };
  return { boxes, lines, width: size.width ?? 0, height: size.height ?? 0 };
}

/** Numbers at the left, and where their calls can go; choosing a node leaves only its neighbours. */
export function Picture({ draft }: { draft: Draft }) {
  const { routing } = useWords();
  const words = routing.picture;
  const [chosen, setChosen] = useState<string | null>(null);
  const graph = useQuery({
    queryKey: ["routing-graph", draft.files],
    queryFn: () => post<Graph>("/api/routing/graph", { files: draft.files }),
    gcTime: 0,
  });
  const drawing = useMemo(() => (graph.data ? draw(graph.data) : null), [graph.data]);
  if (graph.isPending) return <Loading />;
  if (graph.error) return <Failure error={graph.error} onRetry={() => void graph.refetch()} />;
  if (!drawing || drawing.boxes.length === 0) return <p className="dim">{words.none}</p>;
  const near = new Set(
    drawing.lines.filter((l) => l.frm === chosen || l.to === chosen).flatMap((l) => [l.frm, l.to]),
  );
  const dimmed = (id: string) => chosen !== null && id !== chosen && !near.has(id);
  const kinds = words.kinds as Record<string, string>;
  return (
    <div className="picture">
      <svg
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        style={{ width: Math.max(360, drawing.width), maxWidth: "none" }}
        role="group"
        aria-label={words.label}
      >
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {drawing.lines.map((line) => (
          <g
            key={line.key}
            className={chosen && line.frm !== chosen && line.to !== chosen ? "edge dimmed" : "edge"}
          >
            <path d={line.d} markerEnd="url(#tip)" />
            <text x={line.at.x} y={line.at.y - 3}>
              {line.label}
            </text>
          </g>
        ))}
        {drawing.boxes.map((box) => (
          <g
            key={box.id}
            role="button"
            tabIndex={0}
            aria-pressed={chosen === box.id}
            className={`node ${box.kind}${dimmed(box.id) ? " dimmed" : ""}`}
            transform={`translate(${box.x - box.width / 2} ${box.y - NODE_HEIGHT / 2})`}
            onClick={() => setChosen(chosen === box.id ? null : box.id)}
            onKeyDown={(event) => {
              if (event.key === "Enter" || event.key === " ")
                setChosen(chosen === box.id ? null : box.id);
            }}
          >
            <rect width={box.width} height={NODE_HEIGHT} rx="4" />
            <text className="kind" x="10" y="15">
              {kinds[box.kind] ?? box.kind}
            </text>
            <text x="10" y="31">
              {box.label}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
