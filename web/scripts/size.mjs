// The promise: what a browser loads before the first call is on the screen is at most 100 kB gzip.
// LiveKit's and CodeMirror's chunks load later, when somebody listens or opens the plan.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 100 * 1000;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const seen = new Map();

function weigh(path) {
  if (seen.has(path)) return;
  const body = readFileSync(new URL(`.${path}`, dist));
  seen.set(path, gzipSync(body).length);
  if (!path.endsWith(".js")) return;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  for (const [, name] of body.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
    weigh(folder + name);
  }
}

for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) weigh(path);
const total = [...seen.values()].reduce((a, b) => a + b, gzipSync(html).length);
for (const [path, bytes] of seen)
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${path}`);
console.log(
  `${(total / 1000).toFixed(1).padStart(7)} kB  first load, gzip (limit ${LIMIT / 1000} kB)`,
);
if (total > LIMIT) {
  console.error("The first load is too heavy: make something lazy.");
  process.exit(1);
}
