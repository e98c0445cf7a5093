// The pages that show every golden card: one page a family, a card beside the same card in the other language and dialect.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cardHtml } from "./card.mjs";

const GOLDEN = join("packages", "lark-card", "test", "golden");
/** Longer names first: `gate-resolved` is not a `gate`. */
const FAMILIES = ["gate-resolved", "gate", "heartbeat", "progress", "reply", "status"];

const STYLE = `
  body { margin: 0; padding: 24px; background: #eef0f3; color: #1f2329; font: 14px/22px -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC Variable", sans-serif; }
  h1 { margin: 0 0 4px; font-size: 20px; line-height: 28px; }
  .about { margin: 0 0 20px; color: #646a73; }
  main { display: grid; grid-template-columns: repeat(auto-fill, 400px); gap: 20px 24px; align-items: start; }
  figure { margin: 0; }
  figcaption { margin-top: 6px; color: #8f959e; font: 12px/16px ui-monospace, monospace; }
  .card { overflow: hidden; border: 1px solid #dee0e3; border-radius: 8px; background: #fff; }
  .card header { padding: 10px 12px; font-weight: 600; overflow-wrap: anywhere; background: #e1eaff; color: #0442d2; }
  .card header.green { background: #d9f5d6; color: #186010; } .card header.red { background: #fde2e2; color: #ad1a2b; }
  .card header.orange { background: #feead2; color: #9e4c03; } .card header.yellow { background: #faf1d1; color: #765a03; }
  .card header.grey { background: #eff0f1; color: #51565d; } .card header.wathet { background: #d9f3fd; color: #0b5f81; }
  .card header.turquoise { background: #d5f6f2; color: #04615b; }
  .body { display: grid; gap: 10px; padding: 12px; }
  .body section { overflow-wrap: anywhere; min-width: 0; }
  .body p, .body ul, .body h4, .body pre, .body blockquote, .body table { margin: 0 0 6px; }
  .body section > :last-child { margin-bottom: 0; }
  .body ul { padding-left: 20px; } .body h4 { font-size: 16px; }
  .body pre { padding: 8px 10px; border-radius: 6px; background: #f5f6f7; font: 12px/18px ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  .body code { padding: 0 4px; border-radius: 4px; background: #f5f6f7; font: 12px ui-monospace, "DejaVu Sans Mono", monospace; }
  .body blockquote { padding-left: 10px; border-left: 3px solid #dee0e3; color: #646a73; }
  .body table { border-collapse: collapse; } .body th, .body td { padding: 3px 10px; border: 1px solid #dee0e3; text-align: left; }
  .body hr { width: 100%; margin: 0; border: 0; border-top: 1px solid #dee0e3; }
  .notation { color: #8f959e; font-size: 12px; line-height: 18px; }
  .buttons { display: flex; flex-wrap: wrap; gap: 8px; }
  .button { padding: 3px 12px; border: 1px solid #d0d3d6; border-radius: 6px; }
  .button.primary { border-color: #3370ff; background: #3370ff; color: #fff; } .button.danger { border-color: #f54a45; color: #f54a45; }
  .at { color: #3370ff; } a { color: #3370ff; text-decoration: none; }
`;

/**
 * Path from the root to HTML, one page for each family of cards.
 * @param {string} root
 * @returns {ReadonlyMap<string, string>}
 */
export function cardPages(root) {
  const names = readdirSync(join(root, GOLDEN))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
  const family = (/** @type {string} */ name) => FAMILIES.find((each) => name.startsWith(each)) ?? "";
  return new Map(
    [...FAMILIES].sort().map((each) => {
      const cards = names.filter((name) => family(name) === each).map((name) => cardHtml(name, goldenOf(root, name)));
      return [`docs/cards/${each}.html`, pageHtml(each, cards)];
    }),
  );
}

/** @param {string} root @param {string} name */
function goldenOf(root, name) {
  return JSON.parse(readFileSync(join(root, GOLDEN, `${name}.json`), "utf8"));
}

/** @param {string} family @param {readonly string[]} cards */
function pageHtml(family, cards) {
  return [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>LoopX cards: ${family}</title><style>${STYLE}</style></head>`,
    `<body><h1>${family}</h1>`,
    '<p class="about">Golden cards of @loopx/lark-card, drawn from their JSON. An approximation of what a client shows.</p>',
    `<main>${cards.join("\n")}</main>`,
    "</body></html>",
    "",
  ].join("\n");
}
