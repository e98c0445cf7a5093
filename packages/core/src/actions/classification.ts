/** The classification of a run that a person or agent names itself: for people to read, never a key to another command's power. */
import { LoopxError } from "../domain/errors.ts";
import { isGateRecord, isQuotaRow } from "../domain/run/neutral.ts";
import { requireSafe } from "./safe-text.ts";

const MAX_CLASSIFICATION = 120;

/** Refuses what is no short public line, and the kinds that only the quota commands and `operator-gate` write. */
export function requireClassification(classification: string | undefined): void {
  if (classification === undefined) return;
  const details = { key: "classification" };
  if (classification.trim() === "" || [...classification].length > MAX_CLASSIFICATION || /[\r\n]/.test(classification))
    throw new LoopxError("invalid_value", `--classification is one line of 1 to ${MAX_CLASSIFICATION} characters`, { details });
  if (isQuotaRow({ classification }) || isGateRecord({ classification }))
    throw new LoopxError("invalid_value", `--classification: only ${ownerOf(classification)} records ${classification}`, {
      hint: `loopx ${ownerOf(classification)} --help`,
      details,
    });
  requireSafe("--classification", classification);
}

function ownerOf(kind: string): string {
  if (kind === "quota_slot_spent") return "quota spend-slot";
  if (kind === "quota_slot_voided") return "quota void-slot";
  return kind === "quota_monitor_poll" ? "quota monitor-poll" : "operator-gate";
}
