/** What a person needs to decide about a goal: the question with its form, the packet, and the files to read before. */
import type { GoalDetail, GoalOverview } from "@loopx/core/domain";
import { getPacket } from "../api.ts";
import type { Known } from "../live.ts";
import { CopyButton } from "../parts/copy.tsx";
import { Material } from "../parts/material.tsx";
import { tokenOf } from "../session.ts";
import { useWords } from "../settings.ts";
import { GateCard } from "./gates.tsx";

export function Review({
  known,
  goal,
  overview,
}: {
  readonly known: Known;
  readonly goal: GoalDetail;
  readonly overview: GoalOverview | undefined;
}) {
  const words = useWords();
  const packet = goal.packet.ok ? goal.packet.value : null;
  const gates = overview?.gates ?? [];
  return (
    <>
      {overview === undefined || gates.length === 0 ? null : (
        <ul className="stack">
          {gates.map((gate) => (
            <li key={gate.kind === "todo" ? gate.todo_id : gate.gate}>
              <GateCard known={known} goal={overview} gate={gate} />
            </li>
          ))}
        </ul>
      )}
      {packet === null ? null : (
        <section>
          {gates.length > 0 ? null : <p className="action">{packet.question ?? words.review_nothing}</p>}
          <h3>{words.review_advice}</h3>
          <p>{packet.suggested_decision}</p>
        </section>
      )}
      <Files known={known} goal={goal} />
      {packet === null ? (
        <p className="fault">{goal.packet.ok ? "" : goal.packet.message}</p>
      ) : (
        <section>
          <h3>{words.packet_title}</h3>
          <p className="quiet">{words.packet_about}</p>
          <Paper goal_id={goal.goal_id} title={words.packet_text} copy={words.copy_packet} name="packet" text={packet.packet} />
          <Paper
            goal_id={goal.goal_id}
            title={words.packet_agent}
            copy={words.copy_agent}
            name="project_agent_handoff"
            text={packet.project_agent_handoff}
          />
        </section>
      )}
    </>
  );
}

function Files({ known, goal }: { readonly known: Known; readonly goal: GoalDetail }) {
  const words = useWords();
  const run = goal.runs.ok ? goal.runs.value.find(({ material }) => material !== undefined) : undefined;
  const files = [...(goal.material.ok ? goal.material.value : []), ...(run?.material === undefined ? [] : [run.material])];
  return (
    <section>
      <h3>{words.material_title}</h3>
      {goal.material.ok ? null : <p className="fault">{goal.material.message}</p>}
      {files.length === 0 && goal.material.ok ? <p className="quiet">{words.no_material}</p> : null}
      {files.map((file) => (
        <Material key={`${file.below} ${file.path}`} url={known.api.review_material_url} goal_id={goal.goal_id} file={file} />
      ))}
    </section>
  );
}

interface PaperProps {
  readonly goal_id: string;
  readonly title: string;
  readonly copy: string;
  readonly name: "packet" | "project_agent_handoff";
  readonly text: string;
}

/** A text to hand on. The copy has the paths of this machine, for whoever has the token. */
function Paper({ goal_id, title, copy, name, text }: PaperProps) {
  const words = useWords();
  const whole = async (): Promise<string> =>
    tokenOf() === null
      ? text
      : getPacket(goal_id, words.lang).then(
          (packet) => packet[name],
          () => text,
        );
  return (
    <div className="paper">
      <details className="material">
        <summary>{title}</summary>
        <pre className="document" tabIndex={0}>
          {text}
        </pre>
      </details>
      <CopyButton label={copy} text={whole} shown />
    </div>
  );
}
