/** Finds the commands of a shell text: enough of `sh` to read documents, never to run them. */

/** Words that may stand before a command. */
const KEYWORDS = new Set(["do", "then", "else", "if", "elif", "while", "until", "!"]);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

/** The words of every simple command, those inside `$(…)` too. A substitution stands as `substituted` in its word. */
export function shellCommands(text: string): readonly (readonly string[])[] {
  const found: string[][] = [];
  readCommands(text.replaceAll("\\\n", " "), 0, found);
  return found;
}

/** The calls of that program, without its name. */
export function callsOf(program: string, text: string): readonly (readonly string[])[] {
  return shellCommands(text).flatMap((words) => {
    const at = words.findIndex((word) => !KEYWORDS.has(word) && !ASSIGNMENT.test(word));
    return words[at] === program ? [words.slice(at + 1)] : [];
  });
}

/** Reads up to the `)` that closes a substitution, or to the end; returns the place behind it. */
function readCommands(text: string, from: number, found: string[][]): number {
  let words: string[] = [];
  let word: string | null = null;
  let depth = 0;
  const endWord = (): void => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) found.push(words);
    words = [];
  };
  let at = from;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === "'" || character === '"') {
      const quoted = readQuoted(text, at, found);
      word = (word ?? "") + quoted.word;
      at = quoted.end;
    } else if (text.startsWith("$(", at)) {
      at = readCommands(text, at + 2, found);
      word = `${word ?? ""}substituted`;
    } else if (character === "#" && word === null) {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    } else if (character === ")" && depth === 0 && from > 0) {
      endCommand();
      return at + 1;
    } else {
      if (character === "(") depth += 1;
      if (character === ")") depth -= 1;
      if (/[\n;&|()]/.test(character)) endCommand();
      else if (/\s/.test(character)) endWord();
      else word = (word ?? "") + character;
      at += 1;
    }
  }
  endCommand();
  return at;
}

function readQuoted(text: string, start: number, found: string[][]): { word: string; end: number } {
  const quote = text[start] ?? "";
  let word = "";
  let at = start + 1;
  while (at < text.length && text[at] !== quote) {
    if (quote === '"' && text.startsWith("$(", at)) {
      at = readCommands(text, at + 2, found);
      word += "substituted";
    } else {
      const escaped = quote === '"' && text[at] === "\\";
      word += text[escaped ? at + 1 : at] ?? "";
      at += escaped ? 2 : 1;
    }
  }
  return { word, end: at + 1 };
}
