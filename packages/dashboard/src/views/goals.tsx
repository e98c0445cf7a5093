/** Every goal of every project with its verdict, whether or not it needs anybody. */
import type { GoalOverview } from "@loopx/core/domain";
import type { Address } from "../address.ts";
import type { Known } from "../live.ts";
import { Command } from "../parts/copy.tsx";
import { Filters } from "../parts/filters.tsx";
import { Link } from "../parts/link.tsx";
import { List } from "../parts/list.tsx";
import { Empty } from "../parts/notice.tsx";
import { QuotaBar } from "../parts/quota-bar.tsx";
import { Outcome, Project, State, When, Who } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

const ROW_HEIGHT = 74;

export function Goals({ known, address }: { readonly known: Known; readonly address: Address }) {
  const words = useWords();
  const { goals } = known;
  const shown = goals.filter((goal) => fits(goal, address));
  if (goals.length === 0)
    return (
      <Empty title={words.no_goals} icon="goals" about={words.no_goals_about}>
        <Command text="loopx connect --goal-doc GOAL.md" />
      </Empty>
    );
  const states = [...new Set(goals.map(({ state }) => state))];
  const parties = [...new Set(goals.map(({ waiting_on }) => waiting_on))];
  const projects = [...new Set(goals.map(({ project }) => project))].filter((name) => name !== "").sort();
  return (
    <>
      <Filters
        address={address}
        shown={shown.length}
        all={goals.length}
        choices={[
          { name: "state", all: words.all_states, options: states.map((state) => [state, words.state[state] ?? state]) },
          { name: "who", all: words.all_parties, options: parties.map((party) => [party, words.who[party] ?? party]) },
          ...(projects.length > 1
            ? [{ name: "project", all: words.all_projects, options: projects.map((name) => [name, name] as const) } as const]
            : []),
        ]}
      />
      <div className="goal-row head" aria-hidden="true">
        <span>{words.goal}</span>
        <span>{words.verdict}</span>
        <span>{words.waits_for}</span>
        <span>{words.quota}</span>
        <span>{words.last_run}</span>
      </div>
      {shown.length === 0 ? (
        <Empty title={words.none_fit} icon="search" />
      ) : (
        <List items={shown} label={words.nav.goals} height={ROW_HEIGHT} keyOf={({ goal_id }) => goal_id}>
          {showRow}
        </List>
      )}
    </>
  );
}

const showRow = (goal: GoalOverview) => <Row goal={goal} />;

function Row({ goal }: { readonly goal: GoalOverview }) {
  const words = useWords();
  const { latest_run: run } = goal;
  return (
    <Link className="goal-row row" to={{ goal: goal.goal_id, tab: "verdict" }}>
      <span>
        <strong className="name" title={goal.goal_id}>
          {goal.goal_id}
        </strong>
        <Project name={goal.project} />
      </span>
      <span>
        <State state={goal.state} />
        <small className="quiet cut" title={goal.reason}>
          {goal.reason}
        </small>
      </span>
      <span>
        <Who party={goal.waiting_on} />
      </span>
      <span>
        <QuotaBar quota={goal.quota} />
      </span>
      <span>
        {run === null ? (
          <span className="quiet">{words.no_run}</span>
        ) : (
          <>
            <Outcome outcome={run.outcome} />
            <small className="quiet">
              <When at={run.generated_at} plain />
            </small>
          </>
        )}
      </span>
    </Link>
  );
}

function fits(goal: GoalOverview, { q, who, state, project }: Address): boolean {
  const text = `${goal.goal_id} ${goal.project} ${goal.reason} ${goal.rule}`.toLowerCase();
  return (
    (who === "" || goal.waiting_on === who) &&
    (state === "" || goal.state === state) &&
    (project === "" || goal.project === project) &&
    text.includes(q.trim().toLowerCase())
  );
}
