import { useEffect, useState } from "react";
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
  return (
    <div className="command">
      <code tabIndex={0} title={text}>
        {text}
      </code>
      <CopyButton label={`${words.copy}: ${text}`} text={() => spelledOut(text, of)} />
    </div>
  );
}

interface CopyProps {
  readonly label: string;
  readonly text: () => Promise<string>;
  /** The label stands there in words too. */
  readonly shown?: boolean;
}

/** Says what became of it: copied, or refused by the browser. */
export function CopyButton({ label, text, shown = false }: CopyProps) {
  const words = useWords();
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const back = setTimeout(() => setState("idle"), 1_800);
    return () => clearTimeout(back);
  }, [state]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(await text());
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  const said = { idle: shown ? label : "", copied: words.copied, refused: words.copy_refused }[state];
  return (
    <button type="button" className="ghost copy" aria-label={label} title={label} onClick={() => void copy()}>
      <Icon name={state === "copied" ? "check" : "copy"} />
      <span aria-live="polite">{said}</span>
    </button>
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
