// Puts the bench's figures into docs/performance.md, between its two marks, and the plot beside it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../steps.mjs";

const PAGE = join(ROOT, "docs", "performance.md");
const PLOT = join(ROOT, "docs", "performance.svg");
const MARKS = /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/;

/** @param {{ figures: string, plot: string }} made */
export function writePage({ figures, plot }) {
  const page = readFileSync(PAGE, "utf8");
  if (!MARKS.test(page)) throw new Error(`${PAGE} has lost the marks of the bench`);
  writeFileSync(
    PAGE,
    page.replace(MARKS, (_all, begin, end) => `${begin}\n${figures}\n\n${end}`),
  );
  writeFileSync(PLOT, plot);
}
