import { firstHit, type BoundarySurface } from "../domain/boundary/detector.ts";
import { LoopxError } from "../domain/errors.ts";

/** Refuses a text that would be recorded although it holds a credential or private path (CMD-15). Names rule and place, never the text. */
export function requireSafe(field: string, text: string | null | undefined, surface: BoundarySurface = "record"): void {
  if (text === null || text === undefined) return;
  const hit = firstHit(text, surface);
  if (hit === null) return;
  throw new LoopxError("unsafe_text", `${field} holds a text of the kind ${hit.rule} at character ${hit.start + 1}; nothing was written`, {
    hint: "reword it without that part",
    details: { field, rule: hit.rule, start: hit.start, end: hit.end },
  });
}
