import type { SkillChangesPayload, SkillsPayload } from "@loopx/core/domain";
import { fields, nested, section, title } from "./markdown.ts";

/** One line a copy: which agent has it, and in which state. */
export function renderSkills(skills: SkillsPayload["skills"]): string[] {
  const names = [...new Set(skills.map(({ name }) => name))];
  return [
    title("Skills"),
    ...names.flatMap((name) => {
      const copies = skills.filter((each) => each.name === name);
      return section(name, [
        `- teaches: ${firstSentence(copies[0]?.description ?? "")}`,
        ...copies.map(({ target, state, path }) => `- ${target}: ${state} (${path})`),
      ]);
    }),
  ];
}

/** What became of each copy. */
export function renderSkillChanges(verb: "install" | "remove", payload: SkillChangesPayload): string[] {
  const lines = payload.skills.flatMap(({ action, path, kept_as }) => [
    `- ${action}: ${path}`,
    ...(kept_as === null ? [] : [nested(`what stood there was edited; it is kept as ${kept_as}`)]),
    ...(action === "kept" ? [nested("it was edited, so it stays")] : []),
  ]);
  return [
    title(`Skills ${verb === "install" ? "Installed" : "Removed"}`),
    ...fields(payload, ["dry_run", "applied"]),
    ...section("Copies", lines),
  ];
}

function firstSentence(text: string): string {
  return /^.*?[.](?= |$)/.exec(text)?.[0] ?? text;
}
