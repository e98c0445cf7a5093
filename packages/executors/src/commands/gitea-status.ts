import { LoopxError } from "@loopx/core/domain";
import { field, section, title, type Answer, type Call } from "@loopx/cli/program";
import { readStatus } from "../drivers/gitea/status.ts";
import { giteaState } from "../drivers/gitea/state.ts";
import { itemKey, type Item } from "../gitea/item.ts";
import { statusCard } from "../gitea/status-card.ts";
import type { GiteaStatus } from "../gitea/status.ts";
import type { GITEA_STATUS_FLAGS } from "../options/gitea.ts";

/** How the dispatcher stands (DSP-80). */
export async function run(call: Call<typeof GITEA_STATUS_FLAGS>): Promise<Answer> {
  const { item } = call.input;
  const { status, found } = await readStatus(giteaState(call, call.input), item ?? null);
  if (item !== undefined && found === null)
    throw new LoopxError("invalid_value", `the dispatcher knows no item ${item}`, { hint: "loopx-loop gitea status", details: { item } });
  const { healthy, ...rest } = status;
  const detail = found === null ? {} : { detail: { ...found, plan: found.plan.map(({ kind }) => kind) } };
  const payload = { healthy, ...rest, ...detail, ...(call.input.card === true ? { card: statusCard(status) } : {}) };
  return { payload, lines: () => [...statusLines(status), ...(found === null ? [] : itemLines(found))], exit_code: healthy ? 0 : 1 };
}

/** Everything that led here: what a person asks for who names one item. */
function itemLines(item: Item): readonly string[] {
  const { history } = item;
  return [
    ...section(itemKey(item), itemFields(item)),
    ...section(
      "History",
      history.map(({ at, decision, reason }) => `- ${at} ${decision.replaceAll("_", " ")}${reason === "" ? "" : `: ${reason}`}`),
    ),
  ];
}

function itemFields({ state, step, cause, round, attempts, branch, pull, not_before, plan }: Item): readonly string[] {
  return [
    ...field("state", `${state.replaceAll("_", " ")}, ${step} because of ${cause.replaceAll("_", " ")}`),
    ...field("round", `${round}, attempts ${attempts}`),
    ...(branch === null ? [] : field("branch", branch)),
    ...(pull === null ? [] : field("pull", `#${pull}`)),
    ...(not_before === null ? [] : field("not before", not_before)),
    ...(plan.length === 0
      ? []
      : field("to do", plan.map(({ kind, label }) => [kind, label ?? ""].join(" ").trim().replaceAll("_", " ")).join(", "))),
  ];
}

function statusLines(status: GiteaStatus): readonly string[] {
  const { queue, runs, ignored, latency, last_good, errors, paused, missing_labels } = status;
  const p95 = latency.notification_to_start.p95;
  return [
    title("Gitea Dispatcher"),
    ...field("healthy", status.healthy ? "yes" : "no"),
    ...(paused === null ? [] : field("control", paused)),
    ...field("last good poll", last_good.poll ?? "never"),
    ...(p95 === null ? [] : field("event to start p95", `${p95} s`)),
    ...section(
      "Queue",
      queue.map(
        ({ item, state, step, reason, age_seconds }) => `- ${item}: ${state.replaceAll("_", " ")}, ${step}, ${reason}, ${age_seconds} s`,
      ),
    ),
    ...section(
      "Runs",
      runs.map(
        ({ run, item, step, runner, age_seconds, limit_seconds }) =>
          `- ${run} ${item}: ${step} by ${runner}, ${age_seconds} of ${limit_seconds} s`,
      ),
    ),
    ...section(
      "Ignored in 24 h",
      Object.entries(ignored).map(([reason, count]) => `- ${reason}: ${count}`),
    ),
    ...section(
      "Missing labels",
      Object.entries(missing_labels).map(([repo, names]) => `- ${repo}: ${names.join(", ")}`),
    ),
    ...section(
      "Errors",
      errors.map((error) => `- ${error}`),
    ),
  ];
}
