/** Texts of others as a part of a file name: `[a-z0-9-]` and nothing else (DSP-46). Pure. */

/** The text in small letters, with every run of anything else as one dash; never empty. */
export function plainName(text: string, most: number): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, most)
    .replaceAll(/^-+|-+$/g, "");
  return plain === "" ? "x" : plain;
}
