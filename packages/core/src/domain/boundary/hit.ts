/** A place in a text that a rule of the boundary detector objects to. Offsets are UTF-16 code units, `end` exclusive. */
export const BOUNDARY_RULES = [
  "credential",
  "local_private_path",
  "temporary_path",
  "private_ip",
  "internal_task_id",
  "private_doc_url",
  "absolute_path",
] as const;
/** A rule of the boundary detector, by name. */
export type BoundaryRule = (typeof BOUNDARY_RULES)[number];

/** The rule that objects, and where: UTF-16 code units, `end` exclusive. */
export interface Hit {
  readonly rule: BoundaryRule;
  readonly start: number;
  readonly end: number;
}

/** True for `0` to `9`. */
export function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** True for ASCII letters and digits. */
export function isAlphanumericCode(code: number): boolean {
  return isDigitCode(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** True when a word may begin at `at`: no ASCII letter or digit stands before it. */
export function isWordStart(text: string, at: number): boolean {
  return at === 0 || !isAlphanumericCode(text.charCodeAt(at - 1));
}

/** True for the control characters, blanks and line breaks that end a value or a path. */
export function isBlankCode(code: number): boolean {
  return code <= 32 || code === 0xa0 || code === 0x3000 || code === 0x2028 || code === 0x2029;
}
