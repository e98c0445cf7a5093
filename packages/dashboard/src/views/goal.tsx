/** One goal: the verdict and the way to it, runs, quota, todos, judgements. */
import { Tabs } from "radix-ui";
import type { GoalDetail, GoalPart, ListedTodo } from "@loopx/core/domain";
import { useEffect, useRef, type ReactNode } from "react";
import { go, TABS, type Address, type Tab } from "../address.ts";
import { QuotaPlot } from "../charts/quota-plot.tsx";
import { RunPlot } from "../charts/run-plot.tsx";
import { SettingsForm } from "../forms/settings-form.tsx";
import { useGoal, type Known } from "../live.ts";
import { Command } from "../parts/copy.tsx";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { Empty, Failed, Loading } from "../parts/notice.tsx";
import { Project, Severity, State, Who } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";
import { Judgements } from "./judgements.tsx";
import { Review } from "./review.tsx";
import { RunTable } from "./runs.tsx";

export function Goal({
  known,
  address,
  round,
  goal_id,
}: {
  readonly known: Known;
  readonly address: Address;
  readonly round: number;
  readonly goal_id: string;
}) {
  const words = useWords();
  const live = useGoal(goal_id, words.lang, round);
  return (
    <>
      <Link className="back" to={{ view: "goals", goal: null }}>
        <Icon name="back" />
        {words.back}
      </Link>
      {live.kind === "loading" ? (
        <Loading />
      ) : live.kind === "failed" ? (
        <Failed fault={live.fault} />
      ) : (
        <Detail known={known} goal={live.goal} address={address} />
      )}
    </>
  );
}

function Detail({ known, goal, address }: { readonly known: Known; readonly goal: GoalDetail; readonly address: Address }) {
  const words = useWords();
  const { tab, run } = address;
  const tabs = useRef<HTMLDivElement>(null);
  // On a narrow page the row of tabs is longer than the page.
  useEffect(() => {
    const row = tabs.current;
    const chosen = row?.querySelector<HTMLElement>('[data-state="active"]');
    row?.scrollTo({ left: (chosen?.offsetLeft ?? 0) - row.clientWidth / 2 });
  }, [tab]);
  const heading = useRef<HTMLHeadingElement>(null);
  // What led here is gone; whoever walks by keyboard goes on from here.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [goal.goal_id]);
  const overview = known.goals.find(({ goal_id }) => goal_id === goal.goal_id);
  const verdict = goal.verdict.ok ? goal.verdict.value : null;
  const panels: Readonly<Record<Tab, ReactNode>> = {
    verdict: <Trace goal={goal} />,
    review: <Review known={known} goal={goal} overview={overview} />,
    runs: (
      <Part part={goal.runs}>
        {(runs) =>
          runs.length === 0 ? (
            <Empty title={words.no_runs} about={words.no_runs_about} />
          ) : (
            <>
              <RunPlot runs={runs} />
              <RunTable runs={runs} />
            </>
          )
        }
      </Part>
    ),
    quota: <Part part={goal.spends}>{(spends) => (verdict === null ? null : <QuotaPlot quota={verdict.quota} spends={spends} />)}</Part>,
    todos: <Part part={goal.todos}>{(todos) => <Todos todos={todos} />}</Part>,
    rewards: <Part part={goal.runs}>{(runs) => <Judgements api={known.api} goal_id={goal.goal_id} runs={runs} run_id={run} />}</Part>,
    settings: (
      <Part part={goal.settings}>
        {(settings) => (
          <>
            <p className="quiet about">{words.settings_about}</p>
            <SettingsForm api={known.api} goal_id={goal.goal_id} settings={settings} />
          </>
        )}
      </Part>
    ),
  };
  return (
    <>
      <header className="goal-head">
        <h2 ref={heading} tabIndex={-1}>
          {goal.goal_id}
        </h2>
        {overview === undefined ? null : <Project name={overview.project} />}
        <span className="spread" />
        {verdict === null ? null : (
          <>
            <State state={verdict.state} />
            <Severity severity={verdict.severity} />
            <Who party={verdict.waiting_on} />
          </>
        )}
      </header>
      {verdict === null ? null : (
        <div className={`card verdict edge-${verdict.severity}`}>
          <p className="action">{verdict.recommended_action}</p>
          <p className="quiet">{verdict.reason}</p>
          {overview === undefined ? null : <Command text={overview.next_command} of={goal.goal_id} />}
        </div>
      )}
      <Tabs.Root value={tab} onValueChange={(next) => go({ tab: next as Tab })}>
        <Tabs.List ref={tabs} className="tabs" aria-label={goal.goal_id}>
          {TABS.map((name) => (
            <Tabs.Trigger key={name} value={name}>
              {words.tabs[name]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {TABS.map((name) => (
          <Tabs.Content key={name} value={name} className="panel">
            {panels[name]}
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </>
  );
}

function Part<Value>({ part, children }: { readonly part: GoalPart<Value>; readonly children: (value: Value) => ReactNode }) {
  const words = useWords();
  return part.ok ? (
    children(part.value)
  ) : (
    <div className="empty failed" role="alert">
      <h3>{words.part_unread}</h3>
      <p>{part.message}</p>
      <p className="quiet code">{part.code}</p>
    </div>
  );
}

type Step = GoalDetail["why"]["trace"][number];

function Trace({ goal }: { readonly goal: GoalDetail }) {
  const words = useWords();
  const { trace, to_change } = goal.why;
  const answered = trace.filter((step) => step.matched);
  const passed = trace.filter((step) => !step.matched);
  return (
    <>
      <section>
        <h3>{words.why_title}</h3>
        <p className="quiet">{words.why_about}</p>
        <ol className="trace">
          {answered.map((step) => (
            <Rule key={step.rule} step={step} open />
          ))}
        </ol>
        {passed.length === 0 ? null : (
          <details>
            <summary>{words.asked_before(passed.length)}</summary>
            <ol className="trace">
              {passed.map((step) => (
                <Rule key={step.rule} step={step} />
              ))}
            </ol>
          </details>
        )}
      </section>
      {to_change.map((change) => (
        <section key={change.command}>
          <h3>{words.to_change}</h3>
          <p className="quiet">
            {words.who[change.actor] ?? change.actor} → <span className="mono">{change.verdict}</span>
            {change.next_todo === null ? "" : `: ${change.next_todo.text}`}
          </p>
          <Command text={change.command} />
        </section>
      ))}
    </>
  );
}

function Rule({ step, open = false }: { readonly step: Step; readonly open?: boolean }) {
  const words = useWords();
  return (
    <li className={step.matched ? "matched" : ""}>
      <details open={open}>
        <summary>
          <span className="mono">{step.rule}</span>
          <span className="quiet">{step.matched ? words.matched : words.passed}</span>
        </summary>
        <dl aria-label={words.facts}>
          {Object.entries(step.facts).map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

function Todos({ todos }: { readonly todos: readonly ListedTodo[] }) {
  const words = useWords();
  if (todos.length === 0) return <Empty title={words.no_todos} />;
  return (["user", "agent"] as const).map((role) => {
    const own = todos.filter((todo) => todo.role === role);
    return own.length === 0 ? null : (
      <section key={role}>
        <h3>{role === "user" ? words.todos_user : words.todos_agent}</h3>
        <ul className="todos">
          {own.map((todo) => (
            <li key={todo.todo_id} className={todo.done ? "done-todo" : ""}>
              <span className={`badge todo-${todo.status}`}>{words.status[todo.status] ?? todo.status}</span>
              <div>
                <p>{todo.text}</p>
                <p className="quiet">{holdersOf(todo, words)}</p>
              </div>
            </li>
          ))}
        </ul>
      </section>
    );
  });
}

function holdersOf(todo: ListedTodo, words: ReturnType<typeof useWords>): string {
  const lang = words.lang === "zh" ? "zh-CN" : "en";
  return [
    todo.task_class ?? "",
    todo.claimed_by === null ? "" : words.claimed_by(todo.claimed_by, todo.claim_age_minutes),
    todo.claim_stale ? words.claim_stale : "",
    todo.leased_by === null ? "" : words.leased_by(todo.leased_by, new Date(todo.lease_expires_at ?? "").toLocaleTimeString(lang)),
  ]
    .filter((text) => text !== "")
    .join(" · ");
}
