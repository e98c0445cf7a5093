/** Lengths and cuts in what a reader calls a character: never inside a surrogate pair, a joined emoji, an entity or a tag. */

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });
/** The end of a text that was cut inside an entity, a tag or a link's target. */
const TORN_END = /(?:&[#0-9A-Za-z]{0,31}|<[A-Za-z/]{0,15}|!?\[[^[\]\n]{0,500}\]\([^()\s]*)$/;
/** How far before a cut something torn can begin: a label and a target. */
const TORN_LENGTH = 2_600;

/** The number of code points. */
export function lengthOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** The first characters of a text: whole ones, together at most `limit` code points, nothing torn at the end. */
export function prefixOf(text: string, limit: number): string {
  const end = offsetOf(text, limit);
  if (end === text.length) return text;
  const whole = text.slice(0, GRAPHEMES.segment(text).containing(end)?.index ?? end);
  const start = Math.max(0, whole.length - TORN_LENGTH);
  return whole.slice(0, start) + whole.slice(start).replace(TORN_END, "");
}

/** The number of graphemes, counted no further than `enough`. */
export function graphemesOf(text: string, enough: number): number {
  let count = 0;
  for (const _ of GRAPHEMES.segment(text)) if (++count >= enough) break;
  return count;
}

/** The code unit at which `limit` code points end; the text's end when it has fewer. */
function offsetOf(text: string, limit: number): number {
  let at = 0;
  for (let count = 0; count < limit && at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return Math.min(at, text.length);
}
