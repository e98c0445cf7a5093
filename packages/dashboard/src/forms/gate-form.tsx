/** The answer to one gate. Without the server's leave to write it shows the command that does the same. */
import { ToggleGroup } from "radix-ui";
import { useId, useState, type FormEvent } from "react";
import type { GoalOverview, OpenGate, WindowCapabilities } from "@loopx/core/domain";
import { Command } from "../parts/copy.tsx";
import { tokenOf } from "../session.ts";
import { useWords } from "../settings.ts";
import { Fault } from "./fault.tsx";
import { Done, Preview } from "./step.tsx";
import { useTwoSteps } from "./write.ts";

interface Seen {
  readonly preview_id: string;
  readonly todo: { readonly todo: string; readonly status: string } | null;
  readonly operator_gate: { readonly classification: string; readonly recommended_action: string } | null;
}

type Decision = "approve" | "reject" | "defer";

export function GateForm({ api, goal, gate }: { readonly api: WindowCapabilities; readonly goal: GoalOverview; readonly gate: OpenGate }) {
  const words = useWords();
  const reasonId = useId();
  const [decision, setDecision] = useState<Decision>("approve");
  const [reason, setReason] = useState("");
  const { step, preview, give, change } = useTwoSteps<Seen>();
  if (api.gate_answer_url === null || tokenOf() === null)
    return (
      <div className="note">
        <p className="quiet">{api.gate_answer_url === null ? words.writes_off("--enable-gate-write-api") : words.no_token}</p>
        <Command text={commandOf(goal, gate)} />
      </div>
    );
  const draft = {
    goal_id: goal.goal_id,
    ...(gate.kind === "todo" ? { todo_id: gate.todo_id } : { gate: gate.gate }),
    decision,
    reason_summary: reason.trim(),
  };
  const labels: Readonly<Partial<Record<Decision, string>>> =
    gate.kind === "todo"
      ? { approve: words.todo_approve, reject: words.todo_reject }
      : { approve: words.approve, reject: words.reject, defer: words.defer };
  if (step.kind === "done") return <Done>{words.answered}</Done>;
  if (step.kind === "seen") {
    const { todo, operator_gate: record, preview_id } = step.preview;
    return (
      <Preview
        title={words.answer_preview}
        give={words.answer}
        onGive={() => void give(api.gate_answer_url ?? "", { ...draft, preview_id })}
        onChange={change}
      >
        <p>
          <strong>{labels[decision]}</strong>: {reason}
        </p>
        <p className="quiet">
          {todo === null
            ? `${record?.classification ?? ""}: ${record?.recommended_action ?? ""}`
            : `${todo.todo} → ${words.status[todo.status] ?? todo.status}`}
        </p>
      </Preview>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void preview(api.gate_dry_run_url, draft);
  };
  return (
    <form className="form" onSubmit={submit}>
      <ToggleGroup.Root
        className="choice"
        type="single"
        value={decision}
        aria-label={gate.question}
        onValueChange={(value) => value !== "" && setDecision(value as Decision)}
      >
        {Object.entries(labels).map(([value, label]) => (
          <ToggleGroup.Item key={value} value={value} className={`choice-${value}`}>
            {label}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <label htmlFor={reasonId}>{words.reason}</label>
      <input
        id={reasonId}
        value={reason}
        required
        maxLength={2_000}
        placeholder={words.reason_hint}
        onChange={(event) => setReason(event.target.value)}
      />
      <Fault fault={step.kind === "draft" ? step.fault : null} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={step.kind === "busy" || reason.trim() === ""}>
          {words.preview}
        </button>
      </div>
    </form>
  );
}

function commandOf(goal: GoalOverview, gate: OpenGate): string {
  return gate.kind === "todo"
    ? `loopx todo complete --goal-id ${goal.goal_id} --todo-id ${gate.todo_id} --evidence "<answer>"`
    : `loopx operator-gate --goal-id ${goal.goal_id} --gate ${gate.gate} --decision approve --reason-summary "<why>"`;
}
