/**
 * Command lines that LoopX prints for people and agents to paste (HBT-11, HBT-12).
 * Nothing here runs anything.
 */

/** How a printed command reaches the same registry and runtime root; null where a plain call finds it. */
export interface Invocation {
  readonly cli_bin: string;
  readonly registry: string | null;
  readonly runtime_root: string | null;
}

const BARE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One shell word: bare when it is harmless, else in single quotes (HBT-12). */
export function shellQuote(word: string): string {
  return BARE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words as one line that runs as pasted in `sh`. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}

/** Opens the person's own editor, at the line if one is known. */
export function editorCommand(file: string, line?: number): string {
  return `"\${EDITOR:-vi}" ${line === undefined ? "" : `+${String(line)} `}${shellQuote(file)}`;
}

/** The command, after an unusable file was moved out of its way; nothing is lost and nothing written over (FIL-1). */
export function afterSetAside(file: string, command: string): string {
  return `${shellLine(["mv", "-n", file, `${file}.unreadable`])} && ${command}`;
}

/** A placeholder for the agent to fill in, printed inside double quotes: `"<TEXT>"` (HBT-12). */
export interface Placeholder {
  readonly placeholder: string;
}

/** A whole LoopX command: binary, the roots in use, then the words. */
export function loopxCommand(invocation: Invocation, words: readonly (string | Placeholder)[]): string {
  const prefix = [invocation.cli_bin];
  if (invocation.registry !== null) prefix.push("--registry", invocation.registry);
  if (invocation.runtime_root !== null) prefix.push("--runtime-root", invocation.runtime_root);
  const rest = words.map((word) => (typeof word === "string" ? shellQuote(word) : `"${word.placeholder}"`));
  return [...prefix.map(shellQuote), ...rest].join(" ");
}
