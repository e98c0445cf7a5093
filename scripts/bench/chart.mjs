// The bench's curves as an SVG: two panels side by side, costs as multiples of a bare start of Node. Values in, text out.

const WIDTH = 860;
const HEIGHT = 330;
const PANEL = { left: 56, top: 52, width: 350, height: 210, gap: 430 };
const COLORS = ["#0a7d5a", "#b4531a"];

/** @param {readonly import("./curves.mjs").Panel[]} panels @param {string} note */
export function chart(panels, note) {
  const top = Math.ceil(Math.max(1.5, ...panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(({ y }) => y)))));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Cost of a verdict by length of history and number of goals">`,
    "<style>text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-weight:600}.s{font-size:11px;fill:#57606a}.g{stroke:#d0d7de}.f{stroke:#57606a;stroke-dasharray:4 3}</style>",
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    ...panels.flatMap((panel, n) => drawPanel(panel, PANEL.left + n * PANEL.gap, top)),
    `<text class="s" x="${PANEL.left}" y="${HEIGHT - 12}">${note}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** @param {import("./curves.mjs").Panel} panel @param {number} left @param {number} top */
function drawPanel(panel, left, top) {
  const xs = panel.curves.flatMap(({ points }) => points.map(({ x }) => x));
  const [low, high] = [Math.log10(Math.min(...xs)), Math.log10(Math.max(...xs))];
  /** @param {number} x */
  const across = (x) => round(left + ((Math.log10(x) - low) / (high - low)) * PANEL.width);
  /** @param {number} y */
  const up = (y) => round(PANEL.top + PANEL.height * (1 - y / top));
  const base = PANEL.top + PANEL.height;
  const grid = Array.from({ length: top + 1 }, (_each, y) => y).flatMap((y) => [
    `<line class="${y === 1 ? "f" : "g"}" x1="${left}" x2="${left + PANEL.width}" y1="${up(y)}" y2="${up(y)}"/>`,
    `<text class="s" text-anchor="end" x="${left - 6}" y="${up(y) + 4}">${y} x</text>`,
  ]);
  const ticks = [...new Set(xs)].map(
    (x) => `<text class="s" text-anchor="middle" x="${across(x)}" y="${base + 16}">${x.toLocaleString("en-US")}</text>`,
  );
  return [
    `<text class="t" x="${left}" y="24">${panel.title}</text>`,
    ...grid,
    `<text class="s" x="${left + 4}" y="${up(1) - 5}">starting Node</text>`,
    ...ticks,
    `<text class="s" text-anchor="middle" x="${left + PANEL.width / 2}" y="${base + 32}">${panel.x}</text>`,
    ...panel.curves.flatMap(({ name, points }, n) =>
      drawCurve(
        name,
        points.map(({ x, y }) => [across(x), up(y), y]),
        { color: COLORS[n] ?? "#000000", below: n < panel.curves.length - 1 },
      ),
    ),
  ];
}

/**
 * A curve with its name and last value at its end; `below` keeps clear of the curve above it.
 * @param {string} name
 * @param {readonly (readonly number[])[]} points
 * @param {{ color: string, below: boolean }} look
 */
function drawCurve(name, points, { color, below }) {
  const [x = 0, y = 0, value = 0] = points.at(-1) ?? [];
  return [
    `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.map((point) => point.slice(0, 2).join(",")).join(" ")}"/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`),
    `<text text-anchor="end" x="${x}" y="${round(below ? y + 19 : y - 9)}" style="fill:${color}">${name} ${value.toFixed(2)} x</text>`,
  ];
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
