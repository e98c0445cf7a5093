/** The frame of the window: where one is, whether it is up to date, and the view of the address. */
import { Tooltip } from "radix-ui";
import { useEffect, type ReactNode } from "react";
import { useAddress, VIEWS, type Address, type View } from "./address.ts";
import type { Refused } from "./api.ts";
import { useLive, type Known, type Live } from "./live.ts";
import { Icon } from "./parts/icon.tsx";
import { Link } from "./parts/link.tsx";
import { Failed, Loading } from "./parts/notice.tsx";
import { ago } from "./parts/words-of.tsx";
import { LANGUAGES, THEMES, useLanguage, useTheme, useWords, WordsProvider, type Language, type Theme } from "./settings.ts";
import type { Words } from "./words/en.ts";
import { Gates } from "./views/gates.tsx";
import { Goal } from "./views/goal.tsx";
import { Goals } from "./views/goals.tsx";
import { Loops } from "./views/loops.tsx";
import { Queue } from "./views/queue.tsx";
import { Runs } from "./views/runs.tsx";

export function App() {
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useTheme();
  return (
    <WordsProvider value={LANGUAGES[language]}>
      <Tooltip.Provider delayDuration={300}>
        <Frame language={language} setLanguage={setLanguage} theme={theme} setTheme={setTheme} />
      </Tooltip.Provider>
    </WordsProvider>
  );
}

interface FrameProps {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
}

function Frame({ language, setLanguage, theme, setTheme }: FrameProps) {
  const words = useWords();
  const address = useAddress();
  const { live, again } = useLive(language);
  const known = live.kind === "known" ? live.known : null;
  const heading = address.goal ?? words.nav[address.view];
  const waiting = known?.status.attention_queue.needs_user_or_controller ?? 0;
  useEffect(() => {
    // A tab in the background says how many wait for a person.
    document.title = `${waiting === 0 ? "" : `(${waiting}) `}${heading} · LoopX`;
  }, [heading, waiting]);
  return (
    <>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <aside className="side">
        <p className="brand">
          <Icon name="loops" />
          LoopX
        </p>
        <nav aria-label={words.sections}>
          {VIEWS.map((view) => (
            <NavLink key={view} view={view} address={address} count={known === null ? null : countOf(view, known)} />
          ))}
        </nav>
        <div className="settings">
          <label>
            <span>{words.language}</span>
            <select value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
              <option value="en">English</option>
              <option value="zh">中文</option>
            </select>
          </label>
          <label>
            <span>{words.theme}</span>
            <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
              {THEMES.map((each) => (
                <option key={each} value={each}>
                  {words.themes[each]}
                </option>
              ))}
            </select>
          </label>
        </div>
      </aside>
      <main id="content" tabIndex={-1}>
        <Freshness live={live} again={again} />
        {address.goal === null ? <Title view={address.view} /> : null}
        {live.kind === "loading" ? (
          <Loading />
        ) : live.kind === "failed" ? (
          <Failed fault={live.fault} again={again} />
        ) : (
          <Content address={address} known={live.known} round={live.round} />
        )}
      </main>
    </>
  );
}

function Content({ address, known, round }: { readonly address: Address; readonly known: Known; readonly round: number }) {
  if (address.goal !== null) return <Goal known={known} address={address} round={round} goal_id={address.goal} />;
  const views: Readonly<Record<View, () => ReactNode>> = {
    queue: () => <Queue known={known} address={address} />,
    goals: () => <Goals known={known} address={address} />,
    gates: () => <Gates known={known} address={address} />,
    runs: () => <Runs known={known} />,
    loops: () => <Loops known={known} />,
  };
  return views[address.view]();
}

function countOf(view: View, { status, goals, loops }: Known): number | null {
  const counts: Readonly<Record<View, number | null>> = {
    queue: status.attention_queue.item_count,
    goals: goals.length,
    gates: goals.reduce((sum, goal) => sum + goal.gates.length, 0),
    runs: null,
    loops: loops.filter((loop) => loop.live).length,
  };
  return counts[view];
}

function NavLink({ view, address, count }: { readonly view: View; readonly address: Address; readonly count: number | null }) {
  const words = useWords();
  const current = address.view === view;
  return (
    <Link
      to={{ view, goal: null, tab: "verdict", run: "", q: "", severity: "", who: "", state: "", project: "" }}
      aria-current={current ? "page" : undefined}
    >
      <Icon name={view} />
      <span>{words.nav[view]}</span>
      {count === null || count === 0 ? null : <b>{count}</b>}
    </Link>
  );
}

function Title({ view }: { readonly view: View }) {
  const words = useWords();
  const titles: Readonly<Record<View, readonly [string, string]>> = {
    queue: [words.queue_title, words.queue_about],
    goals: [words.nav.goals, ""],
    gates: [words.gates_title, words.gates_about],
    runs: [words.runs_title, words.runs_about],
    loops: [words.loops_title, words.loops_about],
  };
  const [title, about] = titles[view];
  return (
    <header className="title">
      <h1>{title}</h1>
      {about === "" ? null : <p className="quiet">{about}</p>}
    </header>
  );
}

/** Whether what stands here is what is so. */
function Freshness({ live, again }: { readonly live: Live; readonly again: () => void }) {
  const words = useWords();
  if (live.kind !== "known") return <div className="freshness" />;
  const { stale, known } = live;
  return (
    <div className={`freshness ${stale === null ? "is-live" : "is-stale"}`} role="status">
      <i className="pulse" aria-hidden="true" />
      {stale === null ? words.live : staleWords(stale, known.at, words)}
      {stale === null ? null : (
        <button type="button" className="ghost" onClick={again}>
          {words.again}
        </button>
      )}
    </div>
  );
}

/** A server that is silent, one that wants another token, or one that says what it cannot read. */
function staleWords({ status, message }: Refused, at: number, words: Words): string {
  if (status === 0) return words.stale_since(ago(at, words.lang));
  return `${words.stale}: ${status === 401 ? words.unauthorized : message}`;
}
