import { section, title } from "./markdown.ts";

export interface CodeRow {
  readonly code: string;
  readonly exit: number;
  readonly http: number;
  readonly meaning: string;
  readonly next: string;
}

/** The exit codes, then the error codes under the exit code they end with. */
export function renderExitCodes(exits: readonly { exit: number; meaning: string }[], codes: readonly CodeRow[]): string[] {
  const groups = exits.flatMap(({ exit, meaning }) =>
    section(
      `Exit ${exit}: ${meaning}`,
      codes.filter((row) => row.exit === exit).map((row) => `- ${row.code}: ${row.meaning}`),
    ),
  );
  return [title("Exit Codes"), ...exits.map(({ exit, meaning }) => `- ${exit}: ${meaning}`), ...groups];
}
