/** Content that exists and cannot be used; it is never written over (REL-42). */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly reason: "not_utf8" | "not_a_regular_file" | "too_large" | "denied" | "path_outside_root" | "io";
  readonly where: string;
  readonly size?: number;
  readonly limit?: number;
}
