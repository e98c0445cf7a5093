import { finding, type Finding, type FindingCode } from "../finding.ts";

/** So many findings of one kind are listed one by one; the last one counts the rest. */
const LISTED_FINDINGS = 100;

/** Findings of one parse, bounded per kind. */
export class Notes {
  readonly file: string;
  private readonly goal: { goal_id?: string };
  private readonly list: Finding[] = [];
  private readonly counts = new Map<FindingCode, number>();

  constructor(options: { file: string; goal_id?: string | null }) {
    this.file = options.file;
    this.goal = typeof options.goal_id === "string" ? { goal_id: options.goal_id } : {};
  }

  add(code: FindingCode, message: string, line?: number, key?: string): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count > LISTED_FINDINGS) return;
    const place = {
      ...this.goal,
      file: this.file,
      ...(line === undefined ? {} : { line: line + 1 }),
      ...(key === undefined ? {} : { key }),
    };
    this.list.push(finding(code, message, place));
  }

  findings(): Finding[] {
    const more = [...this.counts].filter(([, count]) => count > LISTED_FINDINGS);
    const rest = more.map(([code, count]) =>
      finding(code, `${this.file}: ${count - LISTED_FINDINGS} more findings like this one.`, { ...this.goal, file: this.file }),
    );
    return [...this.list, ...rest];
  }
}
