/** A report for people (Markdown) and for build servers (JUnit XML). Pure; every text in them is escaped (WTL-106). */
import { errorsOf, type RunReport, type ScenarioReport } from "./report.ts";

/** The longest error in a table, in characters as a person counts them. */
const SHOWN = 60;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Time, counts, what failed, and everything. */
export function reportMarkdown(report: RunReport, note: string | null): string {
  const { summary, scenarios } = report;
  const failed = scenarios.filter((scenario) => scenario.status === "fail");
  return [
    "# Scenario report",
    "",
    `- time: ${report.timestamp}`,
    `- gateway: ${report.gateway}`,
    `- duration: ${report.duration_ms} ms`,
    `- total ${summary.total}, passed ${summary.passed}, failed ${summary.failed}, skipped ${summary.skipped}`,
    ...(note === null ? [] : ["", note]),
    ...(failed.length === 0 ? [] : ["", "## Failed", "", ...table(["scenario", "error"], failed.map(failureRow))]),
    "",
    "## All",
    "",
    ...table(
      ["scenario", "status", "ms", "file"],
      scenarios.map((each) => [each.name, each.status, String(each.duration_ms), each.file]),
    ),
    "",
  ].join("\n");
}

function failureRow(scenario: ScenarioReport): string[] {
  const [first = "", ...more] = errorsOf(scenario);
  return [scenario.name, `${cut(first)}${more.length === 0 ? "" : ` (+${more.length} more)`}`];
}

/** Never inside a character. */
function cut(text: string): string {
  const parts = Array.from(graphemes.segment(text), ({ segment }) => segment);
  return parts.length > SHOWN ? `${parts.slice(0, SHOWN).join("")}…` : text;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)];
}

function cell(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll(/\r\n?|\n/g, "<br>");
}

/** One test case per scenario, as build servers read them. */
export function reportJunit(report: RunReport): string {
  const { summary } = report;
  const counts = `tests="${summary.total}" failures="${summary.failed}" errors="0" skipped="${summary.skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="scenarios" ${counts} time="${seconds(report.duration_ms)}" timestamp="${xml(report.timestamp)}">`,
    ...report.scenarios.map(testCase),
    "</testsuite>",
    "",
  ].join("\n");
}

function testCase(scenario: ScenarioReport): string {
  const head = `  <testcase classname="${xml(scenario.file)}" name="${xml(scenario.name)}" time="${seconds(scenario.duration_ms)}"`;
  if (scenario.status === "pass") return `${head}/>`;
  if (scenario.status === "skip") return `${head}><skipped/></testcase>`;
  const errors = errorsOf(scenario);
  return `${head}><failure message="${xml(errors[0] ?? "failed")}">${xml(errors.join("\n"))}</failure></testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Characters that XML 1.0 cannot hold are left out. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}
