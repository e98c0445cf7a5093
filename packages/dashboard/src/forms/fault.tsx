import { useEffect, useRef } from "react";
import type { Refused } from "../api.ts";
import { useWords } from "../settings.ts";

/** Why a draft was not taken. */
export function Fault({ fault }: { readonly fault: Refused | null }) {
  const words = useWords();
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => box.current?.focus(), [fault]);
  if (fault === null) return null;
  const own: Readonly<Record<string, string>> = {
    preview_stale: words.stale_preview,
    unauthorized: words.no_token,
    unreachable: words.unreachable,
  };
  const text = own[fault.code] ?? fault.message;
  return (
    <p ref={box} className="fault" role="alert" tabIndex={-1}>
      {text}
      {fault.hint === "" || own[fault.code] !== undefined ? null : <small>{fault.hint}</small>}
    </p>
  );
}
