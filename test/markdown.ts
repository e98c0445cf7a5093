/** What the tests of the house read in a Markdown page: fenced blocks, code spans, links, tables. */

/** The fenced blocks of that language, in order. */
export function fencedBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^(`{3,})(\w*)\n([\s\S]*?)^\1$/gm)].flatMap(([, , name, body = ""]) => (name === language ? [body] : []));
}

/** The page without its fenced blocks: prose, tables, lists. */
export function prose(text: string): string {
  return text.replace(/^(`{3,})\w*\n[\s\S]*?^\1$/gm, "");
}

/** What stands between single backticks in prose; a line end inside counts as a blank. */
export function codeSpans(text: string): readonly string[] {
  return [...prose(text).matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "));
}

/** Targets of links, without those to other hosts. */
export function localLinks(text: string): readonly string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** The headings as anchors, as a reader of Markdown pages makes them. */
export function anchors(text: string): readonly string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The first column of every table below that heading, up to the next heading of the same kind. */
export function firstColumn(text: string, heading: string, column = 1): readonly string[] {
  const from = text.indexOf(`\n## ${heading}\n`);
  const section = from === -1 ? "" : (text.slice(from + 4 + heading.length).split("\n## ")[0] ?? "");
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row, at) =>
    /^\|[-|]+\|$/.test(rows[at + 1] ?? "") || /^\|[-|]+\|$/.test(row)
      ? []
      : [row.split(" | ")[column - 1]?.replace(/^\| /, "").trim() ?? ""],
  );
}
