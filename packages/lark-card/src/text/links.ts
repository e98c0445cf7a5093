/**
 * Links in prose: those to the web stay, others become their text, images their alt text (LRK-42). In what comes back
 * every `](` belongs to a kept link, also where the remains of removed links came to stand side by side.
 */
import { URL_LIMIT } from "../limits.ts";
import type { Part } from "./fences.ts";

/** Shows nothing; stands where two characters would otherwise mean something together. */
export const JOINER = "\u2060";

const WEB = /^https?:\/\/[^\s<>"`[\]]+$/i;
/** What a client may follow without it being a page: another scheme, or one hidden behind an entity. */
const FOREIGN = /\](?=\([ \t]*<?(?!https?:)(?:[a-z][a-z0-9+.-]*:|&))/gi;

/** True for an address of the web that a link or a button may open. */
export function isWebUrl(url: string): boolean {
  return url.length <= URL_LIMIT && WEB.test(url);
}

/** Code with a joiner where a client that does not take it for code would follow a foreign link. */
export function withoutForeignLinks(code: string): string {
  return code.replace(FOREIGN, `]${JOINER}`);
}

/** The prose without images and without links to anything but the web; inline code passes as it is. */
export function withWebLinks(parts: readonly Part[]): string {
  const page = new Page();
  for (const { code, text } of parts) {
    if (code) page.add(text);
    else scan(text, page);
  }
  return page.text();
}

function scan(prose: string, page: Page): void {
  const bracket = /!?\[|\]/g;
  let from = 0;
  for (let match = bracket.exec(prose); match !== null; match = bracket.exec(prose)) {
    page.add(prose.slice(from, match.index));
    from = bracket.lastIndex;
    if (match[0] !== "]") page.open(match[0]);
    else from = page.close(targetAt(prose, from)) ?? from;
    bracket.lastIndex = from;
  }
  page.add(prose.slice(from));
}

/** An address in parentheses, and the offset behind them. */
interface Target {
  readonly url: string;
  readonly end: number;
}

/** The target that starts here; null when there is none, it does not end on its line, or a bracket stands in it. */
function targetAt(prose: string, at: number): Target | null {
  let depth = 0;
  for (let index = at; index < Math.min(prose.length, at + URL_LIMIT + 200); index++) {
    const character = prose.charAt(index);
    if (character === "(") depth++;
    if (depth === 0 || character === "\n" || character === "[" || character === "]") return null;
    if (character === ")" && --depth === 0) {
      const url =
        prose
          .slice(at + 1, index)
          .trim()
          .split(/\s/, 1)[0] ?? "";
      return { url, end: index + 1 };
    }
  }
  return null;
}

/** The prose as it is put together again, with the brackets that are still open. */
class Page {
  readonly #pieces: string[] = [];
  readonly #open: { readonly at: number; readonly image: boolean }[] = [];
  /** The first visible character of the current line. */
  #first = "";

  add(text: string): void {
    if (text === "") return;
    if (this.#joins(text)) this.#pieces.push(JOINER);
    this.#pieces.push(text);
    const feed = text.lastIndexOf("\n");
    if (feed !== -1) this.#first = "";
    if (this.#first === "")
      this.#first = text
        .slice(feed + 1)
        .trimStart()
        .charAt(0);
  }

  open(bracket: string): void {
    this.add(bracket);
    this.#open.push({ at: this.#pieces.length - 1, image: bracket === "![" });
  }

  /** Ends a bracket: keeps the link, or leaves its text. Answers where the prose goes on when the target was used up. */
  close(target: Target | null): number | null {
    const open = this.#open.pop();
    if (open === undefined || target === null) {
      this.add("]");
      return null;
    }
    if (!open.image && isWebUrl(target.url)) {
      this.add(`](${target.url})`);
      return target.end;
    }
    this.#pieces[open.at] = "";
    while (this.#pieces.at(-1) === "") this.#pieces.pop();
    return target.end;
  }

  text(): string {
    return this.#pieces.join("");
  }

  /** A target or a definition behind a bracket that had none, or an image mark before one. */
  #joins(text: string): boolean {
    const last = this.#pieces.at(-1) ?? "";
    if (last.endsWith("!")) return text.startsWith("[");
    return last.endsWith("]") && (text.startsWith("(") || (text.startsWith(":") && this.#first === "["));
  }
}
