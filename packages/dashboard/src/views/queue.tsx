/** Who has to act: the most urgent first, one action each. */
import { useMemo } from "react";
import type { AttentionItem, GoalOverview } from "@loopx/core/domain";
import { go, type Address } from "../address.ts";
import type { Known } from "../live.ts";
import { Command } from "../parts/copy.tsx";
import { Filters } from "../parts/filters.tsx";
import { Link } from "../parts/link.tsx";
import { List } from "../parts/list.tsx";
import { Empty } from "../parts/notice.tsx";
import { Project, Severity, Who } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

const ROW_HEIGHT = 158;
const ABOUT_NO_GOAL = new Set(["loopx-contract", "loopx-global"]);

export function Queue({ known, address }: { readonly known: Known; readonly address: Address }) {
  const words = useWords();
  const { items } = known.status.attention_queue;
  const all = useMemo(() => {
    const goals = new Map(known.goals.map((goal) => [goal.goal_id, goal]));
    return items.map((item): Entry => ({ item, goal: goals.get(item.goal_id) }));
  }, [known.goals, items]);
  const shown = all.filter((entry) => fits(entry, address));
  if (known.goals.length === 0 && items.length === 0)
    return (
      <Empty title={words.no_goals} icon="goals" about={words.no_goals_about}>
        <Command text="loopx connect --goal-doc GOAL.md" />
      </Empty>
    );
  if (items.length === 0) return <Empty title={words.queue_empty} about={words.queue_empty_about} />;
  const parties = [...new Set(items.map((item) => item.waiting_on))];
  const projects = [...new Set(known.goals.map(({ project }) => project))].filter((name) => name !== "").sort();
  return (
    <>
      <WhoLine items={items} chosen={address.who} />
      <Filters
        address={address}
        shown={shown.length}
        all={items.length}
        choices={[
          { name: "severity", all: words.all_severities, options: Object.entries(words.severity) },
          { name: "who", all: words.all_parties, options: parties.map((party) => [party, words.who[party] ?? party]) },
          ...(projects.length > 1
            ? [{ name: "project", all: words.all_projects, options: projects.map((name) => [name, name] as const) } as const]
            : []),
        ]}
      />
      {shown.length === 0 ? (
        <Empty title={words.none_fit} icon="search" />
      ) : (
        <List items={shown} label={words.queue_title} height={ROW_HEIGHT} keyOf={({ item }) => item.goal_id}>
          {showItem}
        </List>
      )}
    </>
  );
}

/** How many wait for whom; each leads to theirs, and back. */
function WhoLine({ items, chosen }: { readonly items: readonly AttentionItem[]; readonly chosen: string }) {
  const words = useWords();
  const counts = new Map<string, number>();
  for (const { waiting_on } of items) counts.set(waiting_on, (counts.get(waiting_on) ?? 0) + 1);
  // In the order of the list: who is waited for most urgently comes first.
  const parties = [...counts.keys()];
  return (
    <p className="who-line" role="group" aria-label={words.waits_for}>
      {parties.map((party) => (
        <button
          key={party}
          type="button"
          className={`who-${party}`}
          aria-pressed={chosen === party}
          onClick={() => go({ who: chosen === party ? "" : party })}
        >
          {words.who[party]} <b>{counts.get(party)}</b>
        </button>
      ))}
    </p>
  );
}

interface Entry {
  readonly item: AttentionItem;
  readonly goal: GoalOverview | undefined;
}

const showItem = (entry: Entry) => <Item {...entry} />;

function Item({ item, goal }: Entry) {
  const words = useWords();
  const command = item.agent_command ?? item.next_command ?? goal?.next_command ?? null;
  const reason = goal?.reason ?? item.operator_question ?? "";
  const why = reason === "" || item.recommended_action.includes(reason) ? null : reason;
  return (
    <article className={`card entry edge-${item.severity}`} aria-label={`${item.goal_id}: ${words.severity[item.severity] ?? ""}`}>
      <header>
        {ABOUT_NO_GOAL.has(item.goal_id) ? (
          <strong className="name" tabIndex={-1}>
            {item.goal_id}
          </strong>
        ) : (
          <Link className="name" to={{ view: "goals", goal: item.goal_id, tab: "verdict" }}>
            {item.goal_id}
          </Link>
        )}
        {goal === undefined || goal.project === "" ? null : <Project name={goal.project} />}
        <span className="spread" />
        <Severity severity={item.severity} />
        <Who party={item.waiting_on} />
      </header>
      <p className="action">{item.recommended_action}</p>
      {why === null ? null : <p className="quiet">{why}</p>}
      <footer>
        {command === null ? null : <Command text={command} {...(item.agent_command === undefined ? { of: item.goal_id } : {})} />}
        {goal === undefined ? null : (
          <Link className={`button${goal.gates.length > 0 ? " primary" : ""}`} to={{ view: "goals", goal: goal.goal_id, tab: "review" }}>
            {goal.gates.length > 0 ? words.answer_gate : words.review}
          </Link>
        )}
      </footer>
    </article>
  );
}

function fits({ item, goal }: Entry, { q, severity, who, project }: Address): boolean {
  const text = `${item.goal_id} ${goal?.project ?? ""} ${item.recommended_action}`.toLowerCase();
  return (
    (severity === "" || item.severity === severity) &&
    (who === "" || item.waiting_on === who) &&
    (project === "" || goal?.project === project) &&
    text.includes(q.trim().toLowerCase())
  );
}
