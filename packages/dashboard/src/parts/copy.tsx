import { useState } from "react";
import { getCommand, getPlaces } from "../api.ts";
import { tokenOf } from "../session.ts";
import { useWords } from "../settings.ts";
import { Icon } from "./icon.tsx";

/** A command that can be copied. Where it names the roots by variables, the copy names them themselves, for whoever has the token. */
export function Command({
  text,
  of = null,
}: {
  readonly text: string;
  /** The goal whose next command it is. */ readonly of?: string | null;
}) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(await spelledOut(text, of));
    setCopied(true);
    setTimeout(() => setCopied(false), 1_600);
  };
  return (
    <div className="command">
      <code tabIndex={0}>{text}</code>
      <button type="button" className="ghost" onClick={() => void copy()} aria-label={`${words.copy}: ${text}`}>
        <Icon name={copied ? "check" : "copy"} />
        <span aria-live="polite">{copied ? words.copied : ""}</span>
      </button>
    </div>
  );
}

async function spelledOut(text: string, goal_id: string | null): Promise<string> {
  if (!/"\$LOOPX_|<local-path>/.test(text) || tokenOf() === null) return text;
  if (goal_id !== null)
    return getCommand(goal_id).then(
      ({ command }) => command,
      () => text,
    );
  const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
  return getPlaces().then(
    ({ registry, runtime_root }) =>
      text.replaceAll('"$LOOPX_REGISTRY"', quoted(registry)).replaceAll('"$LOOPX_RUNTIME_ROOT"', quoted(runtime_root)),
    () => text,
  );
}
