/** Pages and parts that have nothing to show: empty, failed, loading. Each says what to do. */
import type { ReactNode } from "react";
import type { Refused } from "../api.ts";
import { useWords } from "../settings.ts";
import { Icon } from "./icon.tsx";

interface EmptyProps {
  readonly title: string;
  readonly about?: string;
  /** Only where nothing is left to do is a tick the right sign. */
  readonly icon?: "calm" | "goals" | "search";
  readonly children?: ReactNode;
}

export function Empty({ title, about, icon = "calm", children }: EmptyProps) {
  return (
    <div className={`empty empty-${icon}`}>
      <Icon name={icon} />
      <h3>{title}</h3>
      {about === undefined ? null : <p>{about}</p>}
      {children}
    </div>
  );
}

export function Failed({ fault, again }: { readonly fault: Refused; readonly again?: () => void }) {
  const words = useWords();
  return (
    <div className="empty failed" role="alert">
      <Icon name="warn" />
      <h3>{words.error_title}</h3>
      <p>{fault.status === 401 ? words.unauthorized : fault.message}</p>
      {fault.status !== 401 && fault.hint !== "" ? <p className="quiet">{fault.hint}</p> : null}
      {fault.code === "" ? null : <p className="quiet code">{fault.code}</p>}
      {again === undefined ? null : (
        <button type="button" onClick={again}>
          {words.again}
        </button>
      )}
    </div>
  );
}

export function Loading() {
  return (
    <div className="loading" role="status" aria-label={useWords().loading}>
      {[0, 1, 2, 3].map((line) => (
        <i key={line} className="bone" aria-hidden="true" />
      ))}
    </div>
  );
}
