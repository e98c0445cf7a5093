/** Names that may stand in a git command: checked at the door, because no `--` protects a word inside a refspec (REL-141, AGT-8). */
import { LoopxError } from "@loopx/core/domain";

/** A full object id in lower-case hex. */
export type Sha = string & { readonly brand: "Sha" };

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.lock(?:\/|$)|(?:^|\/)\.|\.$|^@$/;
const REMOTE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

/** The object id, or null when the text is none: abbreviations and names are not. */
export function parseSha(text: string): Sha | null {
  return SHA.test(text) ? (text as Sha) : null;
}

/** The first twelve digits, for people. */
export function shortSha(sha: string): string {
  return sha.slice(0, 12);
}

/** The branch name as it is; one that git would read as an option or a revision expression throws `invalid_value`. */
export function branchName(text: string): string {
  if (text !== "" && text.length <= 200 && !text.startsWith("-") && !FORBIDDEN.test(text)) return text;
  throw new LoopxError("invalid_value", `${JSON.stringify(text.slice(0, 60))} is no branch name`, {
    hint: "letters, digits, dots, dashes and slashes, not at the beginning",
  });
}

/** The remote's name as it is; a URL or an option throws `invalid_value`. */
export function remoteName(text: string): string {
  if (REMOTE.test(text)) return text;
  throw new LoopxError("invalid_value", `${JSON.stringify(text.slice(0, 60))} is no name of a remote`, {
    hint: "name a remote that git remote lists",
  });
}
