/** Questions that only a person closes, with the answer's form: preview, then give it. */
import type { GoalOverview, OpenGate } from "@loopx/core/domain";
import type { Address } from "../address.ts";
import { GateForm } from "../forms/gate-form.tsx";
import type { Known } from "../live.ts";
import { Filters } from "../parts/filters.tsx";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { Project } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

/** More are found by the search. */
const SHOWN = 100;

export function Gates({ known, address }: { readonly known: Known; readonly address: Address }) {
  const words = useWords();
  const all = known.goals.flatMap((goal) => goal.gates.map((gate) => ({ goal, gate })));
  const shown = all.filter(({ goal, gate }) =>
    `${goal.goal_id} ${goal.project} ${gate.question}`.toLowerCase().includes(address.q.trim().toLowerCase()),
  );
  if (all.length === 0) return <Empty title={words.gates_empty} about={words.gates_empty_about} />;
  return (
    <>
      <Filters address={address} choices={[]} shown={shown.length} all={all.length} />
      {shown.length === 0 ? <Empty title={words.none_fit} icon="search" /> : null}
      <ul className="stack">
        {shown.slice(0, SHOWN).map(({ goal, gate }) => (
          <li key={`${goal.goal_id} ${gate.kind === "todo" ? gate.todo_id : gate.gate}`}>
            <GateCard known={known} goal={goal} gate={gate} linked />
          </li>
        ))}
      </ul>
    </>
  );
}

/** One question with its form. Elsewhere than with its goal it leads there. */
export function GateCard({
  known,
  goal,
  gate,
  linked = false,
}: {
  readonly known: Known;
  readonly goal: GoalOverview;
  readonly gate: OpenGate;
  readonly linked?: boolean;
}) {
  const words = useWords();
  return (
    <article className="card entry edge-action" aria-label={`${goal.goal_id}: ${gate.question}`}>
      <header>
        {linked ? (
          <>
            <Link className="name" to={{ view: "goals", goal: goal.goal_id, tab: "verdict" }}>
              {goal.goal_id}
            </Link>
            <Project name={goal.project} />
          </>
        ) : (
          <strong>{words.gate_question}</strong>
        )}
        <span className="spread" />
        <span className="badge">{gate.stops_goal ? words.stops_goal : words.stops_part}</span>
      </header>
      <p className="action">{gate.question}</p>
      {linked ? (
        <Link className="more" to={{ view: "goals", goal: goal.goal_id, tab: "review" }}>
          {words.material_title}
        </Link>
      ) : null}
      <GateForm api={known.api} goal={goal} gate={gate} />
    </article>
  );
}
