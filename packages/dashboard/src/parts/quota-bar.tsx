import { useWords } from "../settings.ts";

/** How much of the window is spent. */
export function QuotaBar({
  quota,
}: {
  readonly quota: { readonly spent_slots: number; readonly allowed_slots: number; readonly state: string };
}) {
  const words = useWords();
  const { spent_slots, allowed_slots, state } = quota;
  const part = allowed_slots === 0 ? 1 : Math.min(1, spent_slots / allowed_slots);
  const text = state === "paused" ? (words.state["paused"] ?? state) : words.slots(spent_slots, allowed_slots);
  return (
    <span className={`quota-bar quota-${state}`}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="6" className="track" rx="3" />
        <rect width={spent_slots === 0 ? 0 : Math.max(2, part * 100)} height="6" className="fill" rx="3" />
      </svg>
      <span>{text}</span>
    </span>
  );
}
