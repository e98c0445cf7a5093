/** A goal's settings: changed in two steps where the server may write, else shown, with the command that changes them. */
import { useState, type FormEvent } from "react";
import { changeOf, type GoalSettings, type WindowCapabilities } from "@loopx/core/domain";
import { Command } from "../parts/copy.tsx";
import { tokenOf } from "../session.ts";
import { useWords } from "../settings.ts";
import type { Words } from "../words/en.ts";
import { Fault } from "./fault.tsx";
import { Field } from "./field.tsx";
import { linesOf } from "./lines.ts";
import { CHOICES, edited, GROUPS, isPrivate, kindOf, textOf, type Edits, type SettingKey } from "./settings-draft.ts";
import { Done, Preview } from "./step.tsx";
import { useTwoSteps } from "./write.ts";

interface Seen {
  readonly preview_id: string;
  readonly changed: boolean;
  readonly changed_fields: readonly string[];
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

interface Props {
  readonly api: WindowCapabilities;
  readonly goal_id: string;
  readonly settings: GoalSettings;
}

export function SettingsForm({ api, goal_id, settings }: Props) {
  const words = useWords();
  const [edits, setEdits] = useState<Edits>({});
  const { step, preview, give, change } = useTwoSteps<Seen>();
  if (api.configure_goal_apply_url === null || tokenOf() === null)
    return <Shown settings={settings} goal_id={goal_id} isOff={api.configure_goal_apply_url === null} />;
  if (step.kind === "done")
    return (
      <Done>
        {words.applied}{" "}
        <button type="button" className="ghost" onClick={() => (setEdits({}), change())}>
          {words.tabs.settings}
        </button>
      </Done>
    );
  const wanted = edited(settings, edits);
  const draft = { goal_id, ...changeOf(settings, wanted) };
  if (step.kind === "seen") {
    const { preview_id, changed } = step.preview;
    const onGive = changed ? () => void give(api.configure_goal_apply_url ?? "", { ...draft, preview_id }) : null;
    return (
      <Preview title={words.settings_preview} give={words.apply} onGive={onGive} onChange={change}>
        {changed ? <Changes seen={step.preview} /> : <p>{words.settings_same}</p>}
      </Preview>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void preview(api.configure_goal_dry_run_url, draft);
  };
  const isSame = Object.keys(draft).length === 1;
  return (
    <form className="form settings-form" onSubmit={submit}>
      {GROUPS.map(([group, keys]) => (
        <fieldset key={group} className="card">
          <legend>{words.settings_groups[group]}</legend>
          <div className="two">
            {keys.map((key) => (
              <Setting key={key} name={key} settings={settings} edits={edits} onEdit={(text) => setEdits({ ...edits, [key]: text })} />
            ))}
          </div>
        </fieldset>
      ))}
      <Fault fault={step.kind === "draft" ? step.fault : null} />
      <div className="buttons">
        <button type="submit" className="primary" disabled={step.kind === "busy" || isSame}>
          {words.preview}
        </button>
        {isSame ? (
          <span className="quiet">{words.unchanged}</span>
        ) : (
          <button type="button" onClick={() => setEdits({})}>
            {words.undo}
          </button>
        )}
      </div>
    </form>
  );
}

interface SettingProps {
  readonly name: SettingKey;
  readonly settings: GoalSettings;
  readonly edits: Edits;
  readonly onEdit: (text: string) => void;
}

function Setting({ name, settings, edits, onEdit }: SettingProps) {
  const words = useWords();
  const kind = kindOf(name);
  const closed = isPrivate(settings[name]);
  const value = textOf(edited(settings, edits)[name]);
  const typed = edits[name] ?? value;
  return (
    <Field
      label={words.settings[name]}
      wide={kind === "lines"}
      note={closed ? words.setting_private : kind === "lines" ? words.one_a_line : null}
    >
      {(id, described) => {
        const rest = { id, disabled: closed, "aria-describedby": described };
        if (kind === "lines")
          return (
            <textarea
              {...rest}
              rows={Math.min(8, Math.max(2, typed.split("\n").length))}
              spellCheck={false}
              value={typed}
              onChange={(event) => onEdit(event.target.value)}
            />
          );
        if (kind === "choice")
          return (
            <select {...rest} value={value} onChange={(event) => onEdit(event.target.value)}>
              {choicesOf(name, settings, edits).map((each) => (
                <option key={each} value={each}>
                  {choiceWord(name, each, words)}
                </option>
              ))}
            </select>
          );
        const number = kind === "number" ? { type: "number", min: 0, step: name === "quota_compute" ? 0.01 : 1, required: true } : {};
        return <input {...rest} {...number} value={typed} onChange={(event) => onEdit(event.target.value)} />;
      }}
    </Field>
  );
}

/** What may be chosen, and what stands there even where nobody may choose it any more. */
function choicesOf(name: SettingKey, settings: GoalSettings, edits: Edits): readonly string[] {
  const known =
    name === "primary_agent" ? ["", ...linesOf(edits.registered_agent ?? textOf(settings.registered_agent))] : (CHOICES[name] ?? []);
  const now = textOf(settings[name]);
  return known.includes(now) || name === "primary_agent" ? known : [now, ...known];
}

function choiceWord(name: SettingKey, value: string, words: Words): string {
  if (value === "") return words.nobody;
  if (name === "waiting_on") return words.who[value] ?? value;
  return words.setting_values[value] ?? value;
}

function Changes({ seen }: { readonly seen: Seen }) {
  const words = useWords();
  const shown = (value: unknown): string => {
    if (value === null || value === undefined) return words.none_set;
    return Array.isArray(value)
      ? value.map(String).join(", ") || words.none_set
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  };
  return (
    <div className="table" tabIndex={0} role="region" aria-label={words.settings_preview}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.setting}</th>
            <th scope="col">{words.before}</th>
            <th scope="col">{words.after}</th>
          </tr>
        </thead>
        <tbody>
          {seen.changed_fields.map((field) => (
            <tr key={field}>
              <th scope="row" className="mono">
                {field}
              </th>
              <td className="quiet">{shown(seen.before[field])}</td>
              <td>{shown(seen.after[field])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shown({ settings, goal_id, isOff }: { readonly settings: GoalSettings; readonly goal_id: string; readonly isOff: boolean }) {
  const words = useWords();
  const valueOf = (key: SettingKey): string => {
    const text = textOf(settings[key]);
    if (kindOf(key) === "choice") return choiceWord(key, text, words);
    return text === "" ? words.none_set : text;
  };
  return (
    <>
      <div className="note">
        <p className="quiet">{isOff ? words.writes_off("--enable-control-plane-write-api") : words.no_token}</p>
        <Command text={`loopx configure-goal --goal-id ${goal_id} --quota-compute 0.5`} />
      </div>
      {GROUPS.map(([group, keys]) => (
        <section key={group} className="card shown-settings">
          <h4>{words.settings_groups[group]}</h4>
          <dl>
            {keys.map((key) => (
              <div key={key}>
                <dt>{words.settings[key]}</dt>
                <dd>{valueOf(key)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
