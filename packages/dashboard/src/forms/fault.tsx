import type { Refused } from "../api.ts";
import { useWords } from "../settings.ts";

/** Why a draft was not taken. */
export function Fault({ fault }: { readonly fault: Refused | null }) {
  const words = useWords();
  if (fault === null) return null;
  const text = fault.code === "preview_stale" ? words.stale_preview : fault.status === 401 ? words.no_token : fault.message;
  return (
    <p className="fault" role="alert">
      {text}
      {fault.hint === "" || fault.code === "preview_stale" ? null : <small>{fault.hint}</small>}
    </p>
  );
}
