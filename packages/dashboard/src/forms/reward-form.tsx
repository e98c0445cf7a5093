/** A judgement of one run, with a lesson where there is one: draft, dry run, append. */
import { ToggleGroup } from "radix-ui";
import { useId, useState, type FormEvent } from "react";
import type { RunPoint, WindowCapabilities } from "@loopx/core/domain";
import { go } from "../address.ts";
import { Command } from "../parts/copy.tsx";
import { Material } from "../parts/material.tsx";
import { ago } from "../parts/words-of.tsx";
import { tokenOf } from "../session.ts";
import { useWords } from "../settings.ts";
import { Fault } from "./fault.tsx";
import { Field } from "./field.tsx";
import { linesOf } from "./lines.ts";
import { Done, Preview } from "./step.tsx";
import { useTwoSteps } from "./write.ts";

interface Seen {
  readonly preview_id: string;
  readonly active_state_summary: string;
  readonly selected_run: { readonly generated_at: string; readonly classification: string };
  readonly human_reward: { readonly recorded_at: string };
}

interface Draft {
  readonly decision: string;
  readonly reward: string;
  readonly reason: string;
  readonly follow_up: string;
  readonly lesson_kind: string;
  readonly lesson: string;
  readonly avoid: string;
  readonly prefer: string;
  readonly in_state: boolean;
}

const BLANK: Draft = {
  decision: "",
  reward: "positive",
  reason: "",
  follow_up: "",
  lesson_kind: "route",
  lesson: "",
  avoid: "",
  prefer: "",
  in_state: false,
};

interface Props {
  readonly api: WindowCapabilities;
  readonly goal_id: string;
  readonly runs: readonly RunPoint[];
  /** The run of the address; the newest where it names none. */
  readonly run_id: string;
}

export function RewardForm({ api, goal_id, runs, run_id }: Props) {
  const words = useWords();
  const howId = useId();
  const [draft, setDraft] = useState<Draft>(BLANK);
  const { step, preview, give, change } = useTwoSteps<Seen>();
  // The newest as it was when the draft was begun: a run that comes meanwhile is not what is judged.
  const [first] = useState(runs[0]?.run_id ?? "");
  const run = runs.find((each) => each.run_id === (run_id === "" ? first : run_id)) ?? runs[0];
  if (api.reward_append_url === null || tokenOf() === null)
    return (
      <div className="note">
        <p className="quiet">{api.reward_append_url === null ? words.writes_off("--enable-reward-write-api") : words.no_token}</p>
        <Command text={`loopx reward --goal-id ${goal_id} --decision continue_route --reward positive --reason-summary "<why>"`} />
      </div>
    );
  if (step.kind === "done")
    return (
      <Done>
        {words.appended}{" "}
        <button type="button" className="ghost" onClick={() => (setDraft(BLANK), change())}>
          {words.judge_title}
        </button>
      </Done>
    );
  const body = bodyOf(goal_id, draft, run);
  if (step.kind === "seen") {
    const { preview_id, active_state_summary, selected_run, human_reward } = step.preview;
    const give_body = {
      ...body,
      run_generated_at: selected_run.generated_at,
      recorded_at: human_reward.recorded_at,
      preview_id,
      ...(draft.in_state ? { write_active_state_summary: true } : {}),
    };
    return (
      <Preview
        title={words.answer_preview}
        give={words.append}
        onGive={() => void give(api.reward_append_url ?? "", give_body)}
        onChange={change}
      >
        <p>{active_state_summary}</p>
      </Preview>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void preview(api.reward_dry_run_url, body);
  };
  const set = (changes: Partial<Draft>): void => setDraft({ ...draft, ...changes });
  return (
    <form className="form two" onSubmit={submit}>
      <Field label={words.run}>
        {(id) => (
          <select id={id} value={run?.run_id} onChange={(event) => go({ run: event.target.value }, "replace")}>
            {shownRuns(runs, run).map((each) => (
              <option key={each.run_id} value={each.run_id}>
                {`${each.classification}, ${ago(each.generated_at, words.lang)}`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.decision}>
        {(id) => (
          <input
            id={id}
            value={draft.decision}
            required
            maxLength={120}
            placeholder={words.decision_hint}
            onChange={(event) => set({ decision: event.target.value })}
          />
        )}
      </Field>
      {run?.material === undefined ? null : (
        <div className="wide">
          <Material url={api.review_material_url} goal_id={goal_id} file={run.material} title={words.material_of_run} />
        </div>
      )}
      <div className="field wide">
        <span id={howId}>{words.reward}</span>
        <ToggleGroup.Root
          className="choice"
          type="single"
          value={draft.reward}
          aria-labelledby={howId}
          onValueChange={(value) => value !== "" && set({ reward: value })}
        >
          {Object.entries(words.rewards).map(([value, label]) => (
            <ToggleGroup.Item key={value} value={value} className={`choice-${value}`}>
              {label}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      </div>
      <Field label={words.reason} wide>
        {(id) => (
          <textarea
            id={id}
            rows={2}
            value={draft.reason}
            required
            maxLength={1_000}
            placeholder={words.reason_hint}
            onChange={(event) => set({ reason: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.follow_up} wide>
        {(id) => <input id={id} value={draft.follow_up} maxLength={1_000} onChange={(event) => set({ follow_up: event.target.value })} />}
      </Field>
      <details className="field wide">
        <summary>{words.lesson}</summary>
        <div className="form two">
          <Field label={words.lesson_kind}>
            {(id) => (
              <select id={id} value={draft.lesson_kind} onChange={(event) => set({ lesson_kind: event.target.value })}>
                {Object.entries(words.lesson_kinds).map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={words.lesson_summary}>
            {(id) => <input id={id} value={draft.lesson} maxLength={1_000} onChange={(event) => set({ lesson: event.target.value })} />}
          </Field>
          <Field label={words.lesson_avoid}>
            {(id) => <textarea id={id} rows={3} value={draft.avoid} onChange={(event) => set({ avoid: event.target.value })} />}
          </Field>
          <Field label={words.lesson_prefer}>
            {(id) => <textarea id={id} rows={3} value={draft.prefer} onChange={(event) => set({ prefer: event.target.value })} />}
          </Field>
        </div>
      </details>
      <label className="check wide">
        <input type="checkbox" checked={draft.in_state} onChange={(event) => set({ in_state: event.target.checked })} />
        {words.write_state_summary}
      </label>
      <Fault fault={step.kind === "draft" ? step.fault : null} />
      <div className="buttons wide">
        <button
          type="submit"
          className="primary"
          disabled={step.kind === "busy" || draft.reason.trim() === "" || draft.decision.trim() === ""}
        >
          {words.preview}
        </button>
      </div>
    </form>
  );
}

/** More are found in the list of runs. */
const SHOWN = 50;

function shownRuns(runs: readonly RunPoint[], chosen: RunPoint | undefined): readonly RunPoint[] {
  const newest = runs.slice(0, SHOWN);
  return chosen === undefined || newest.includes(chosen) ? newest : [...newest, chosen];
}

function bodyOf(goal_id: string, draft: Draft, run: RunPoint | undefined): object {
  const [avoid, prefer] = [linesOf(draft.avoid), linesOf(draft.prefer)];
  const teaches = draft.lesson.trim() !== "" || avoid.length > 0 || prefer.length > 0;
  return {
    goal_id,
    ...(run === undefined ? {} : { run_generated_at: run.generated_at }),
    decision: draft.decision.trim(),
    reward: draft.reward,
    reason_summary: draft.reason.trim(),
    ...(draft.follow_up.trim() === "" ? {} : { follow_up: draft.follow_up.trim() }),
    ...(teaches ? { lesson_kind: draft.lesson_kind, lesson_avoid: avoid, lesson_prefer: prefer } : {}),
    ...(draft.lesson.trim() === "" ? {} : { lesson_summary: draft.lesson.trim() }),
  };
}
