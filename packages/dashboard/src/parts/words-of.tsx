/** Small signs: who, how urgent, what came of it, when. Colour never says what no word says. */
import { Tooltip } from "radix-ui";
import { useSyncExternalStore, type ReactNode } from "react";
import { useWords } from "../settings.ts";

export function Severity({ severity }: { readonly severity: string }) {
  return <span className={`badge severity-${severity}`}>{useWords().severity[severity] ?? severity}</span>;
}

export function State({ state }: { readonly state: string }) {
  return <span className={`badge state-${state}`}>{useWords().state[state] ?? state}</span>;
}

export function Who({ party }: { readonly party: string }) {
  return <span className={`badge who who-${party}`}>{useWords().who[party] ?? party}</span>;
}

/** The folder that a goal works in. */
export function Project({ name }: { readonly name: string }) {
  return (
    <small className="quiet cut project" title={name}>
      {name}
    </small>
  );
}

export function Outcome({ outcome }: { readonly outcome: string }) {
  const words = useWords();
  return (
    <span className="outcome">
      <i className={`dot outcome-${outcome}`} aria-hidden="true" />
      {words.outcome[outcome] ?? outcome}
    </span>
  );
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago", in the page's language. */
export function ago(instant: string | number, lang: string, now = Date.now()): string {
  const ms = typeof instant === "number" ? instant : Date.parse(instant);
  if (Number.isNaN(ms)) return "";
  const seconds = Math.round((ms - now) / 1_000);
  const format = new Intl.RelativeTimeFormat(lang === "zh" ? "zh-CN" : "en", { numeric: "auto" });
  for (const [unit, length] of STEPS) if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return format.format(0, "minute");
}

/** Draws again with every half minute: words of time age while nothing else changes. */
function useMinute(): void {
  useSyncExternalStore(everyHalfMinute, () => Math.floor(Date.now() / HALF_MINUTE_MS));
}
const HALF_MINUTE_MS = 30_000;

function everyHalfMinute(hear: () => void): () => void {
  const timer = setInterval(hear, HALF_MINUTE_MS);
  return () => clearInterval(timer);
}

/** An instant in words; the whole of it on request. `plain` inside a link, which takes no further stop of the keyboard. */
export function When({ at, plain = false }: { readonly at: string | null; readonly plain?: boolean }) {
  const { lang } = useWords();
  useMinute();
  if (at === null || Number.isNaN(Date.parse(at))) return null;
  if (plain) return <time dateTime={at}>{ago(at, lang)}</time>;
  const whole = new Date(at).toLocaleString(lang === "zh" ? "zh-CN" : "en");
  return (
    <Hint text={whole}>
      <time dateTime={at} tabIndex={0} aria-label={`${ago(at, lang)}, ${whole}`}>
        {ago(at, lang)}
      </time>
    </Hint>
  );
}

/** More about something, for pointer and keyboard. */
export function Hint({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="hint" sideOffset={6}>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
