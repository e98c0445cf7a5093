/** The status as a Lark card (DSP-80). Pure. */
import { buildLarkMarkdownReplyCard, inertText, type Card } from "@loopx/lark-card";
import type { GiteaStatus } from "./status.ts";

const SHOWN = 20;

export function statusCard({ healthy, paused, queue, runs, last_good }: GiteaStatus): Card {
  const line = (text: string): string => `- ${inertText(text)}`;
  const parts = [
    paused === null ? "" : `**paused**: ${inertText(paused)}`,
    `last good poll: ${last_good.poll ?? "never"}`,
    `**queue** (${queue.length})\n${queue
      .slice(0, SHOWN)
      .map(({ item, state, step, reason }) => line(`${item}: ${state}, ${step}, ${reason}`))
      .join("\n")}`,
    `**runs** (${runs.length})\n${runs
      .slice(0, SHOWN)
      .map(({ item, step, runner, age_seconds }) => line(`${item}: ${step} by ${runner}, ${age_seconds} s`))
      .join("\n")}`,
  ];
  return buildLarkMarkdownReplyCard(parts.filter((part) => part !== "").join("\n\n"), {
    title: "Gitea dispatcher",
    template: healthy ? "green" : "red",
  });
}
