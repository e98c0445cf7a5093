/** The few marks of roff that the manual page needs. What goes in is plain text; nothing of it can become a request. */

/** Characters that roff would read as marks, or show as other ones than a person has to type. */
const SPELLED: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  "-": "\\-",
  '"': "\\(dq",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  "…": "...",
};

/** Text as roff shows it, to the letter. */
export function text(plain: string): string {
  const spelled = plain.replace(/[\\"'`^~…-]/g, (character) => SPELLED[character] ?? character);
  // A dot at the beginning of a line is a request.
  return spelled.startsWith(".") ? `\\&${spelled}` : spelled;
}

export function bold(plain: string): string {
  return `\\fB${text(plain)}\\fR`;
}

export function italic(plain: string): string {
  return `\\fI${text(plain)}\\fR`;
}

export function paragraph(plain: string): readonly string[] {
  return [".PP", text(plain)];
}

/** A tag, and what it means, indented. Both are roff already. */
export function tagged(tag: string, meaning: string): readonly string[] {
  return [".TP", tag, meaning];
}

/** A command as it is typed; its line is never filled. */
export function example(plain: string): readonly string[] {
  return [".PP", ".nf", `\\&    ${text(plain)}`, ".fi"];
}
