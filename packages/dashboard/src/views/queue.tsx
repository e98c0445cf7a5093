/** Who has to act: the most urgent first, one action each. */
import type { AttentionItem, GoalOverview } from "@loopx/core/domain";
import type { Address } from "../address.ts";
import type { Known } from "../live.ts";
import { Command } from "../parts/copy.tsx";
import { Filters } from "../parts/filters.tsx";
import { Link } from "../parts/link.tsx";
import { List } from "../parts/list.tsx";
import { Empty } from "../parts/notice.tsx";
import { Severity, Who } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

const ROW_HEIGHT = 148;
const ABOUT_NO_GOAL = new Set(["loopx-contract", "loopx-global"]);

export function Queue({ known, address }: { readonly known: Known; readonly address: Address }) {
  const words = useWords();
  const { items } = known.status.attention_queue;
  const goals = new Map(known.goals.map((goal) => [goal.goal_id, goal]));
  const shown = items.filter((item) => fits(item, goals.get(item.goal_id), address));
  if (known.goals.length === 0 && items.length === 0)
    return (
      <Empty title={words.no_goals} about={words.no_goals_about}>
        <Command text="loopx connect --goal-doc GOAL.md" />
      </Empty>
    );
  if (items.length === 0) return <Empty title={words.queue_empty} about={words.queue_empty_about} />;
  const parties = [...new Set(items.map((item) => item.waiting_on))];
  const projects = [...new Set(known.goals.map(({ project }) => project))].filter((name) => name !== "").sort();
  return (
    <>
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
        <Empty title={words.none_fit} />
      ) : (
        <List items={shown} label={words.queue_title} height={ROW_HEIGHT} keyOf={({ goal_id }) => goal_id}>
          {(item) => <Item item={item} goal={goals.get(item.goal_id)} />}
        </List>
      )}
    </>
  );
}

function Item({ item, goal }: { readonly item: AttentionItem; readonly goal: GoalOverview | undefined }) {
  const words = useWords();
  const command = item.agent_command ?? item.next_command ?? goal?.next_command ?? null;
  const question = item.operator_question ?? null;
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
        {goal === undefined || goal.project === "" ? null : <span className="quiet">{goal.project}</span>}
        <span className="spread" />
        <Severity severity={item.severity} />
        <Who party={item.waiting_on} />
      </header>
      <p className="action">{item.recommended_action}</p>
      {question === null || question.includes(item.recommended_action) ? null : <p className="quiet">{question}</p>}
      <footer>
        {command === null ? null : <Command text={command} {...(item.agent_command === undefined ? { of: item.goal_id } : {})} />}
        {goal !== undefined && goal.gates.length > 0 ? (
          <Link className="button primary" to={{ view: "gates", goal: null, q: goal.goal_id }}>
            {words.answer_gate}
          </Link>
        ) : null}
      </footer>
    </article>
  );
}

function fits(item: AttentionItem, goal: GoalOverview | undefined, { q, severity, who, project }: Address): boolean {
  const text = `${item.goal_id} ${goal?.project ?? ""} ${item.recommended_action}`.toLowerCase();
  return (
    (severity === "" || item.severity === severity) &&
    (who === "" || item.waiting_on === who) &&
    (project === "" || goal?.project === project) &&
    text.includes(q.trim().toLowerCase())
  );
}
