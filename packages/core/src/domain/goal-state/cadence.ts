/** How often a monitor looks: `<n>m`, `<n>h` or `<n>d` (FIL-42). */

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The span in milliseconds; null for none, for an unreadable one and for one that moves nothing. */
export function cadenceMs(cadence: string | null | undefined): number | null {
  const match = /^(\d{1,9})([mhd])$/.exec(cadence ?? "");
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? 0);
  return ms > 0 ? ms : null;
}
