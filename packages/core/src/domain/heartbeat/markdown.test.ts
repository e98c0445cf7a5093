import { expect, test } from "vitest";
import { formFlags, heartbeatRequest } from "../../testing/heartbeat-request.ts";
import { LOCALES } from "../locale/locale.ts";
import { FORMS } from "./inputs.ts";
import { heartbeatMarkdown, heartbeatQuiet } from "./markdown.ts";
import { heartbeatPrompt } from "./prompt.ts";

for (const form of FORMS) {
  test(`the ${form} form as Markdown has the body in a fence of four, the form without a model and the inputs (HBT-40)`, () => {
    for (const locale of LOCALES) {
      const prompt = heartbeatPrompt(heartbeatRequest({ ...formFlags(form), locale }));
      if (prompt.kind === "refused") throw new Error(prompt.message);
      const text = heartbeatMarkdown(prompt);
      expect(text.startsWith("# LoopX Heartbeat Prompt\n\n")).toBe(true);
      expect(text.split("\n")[2]).toContain(form);
      expect(text).toContain(`\n\`\`\`\`text\n${prompt.body}\n\`\`\`\`\n`);
      expect(text).toContain(`## Without a model\n\n`);
      expect(text).toContain(`\n\`\`\`sh\n${prompt.payload.zero_token_command}\n\`\`\`\n`);
      expect(text).toContain(prompt.tell_person_command);
      const inputs = text.split("## Generator inputs\n\n")[1] ?? "";
      for (const key of Object.keys(prompt.payload)) expect(inputs.includes(`- ${key}:`), key).toBe(key !== "task_body");
      expect(text.endsWith("\n")).toBe(true);
      expect(text).not.toMatch(/[ \t]$/m);
    }
  });
}

test("quiet prints the body and one line feed (HBT-40)", () => {
  const prompt = heartbeatPrompt(heartbeatRequest());
  if (prompt.kind === "refused") throw new Error(prompt.message);
  expect(heartbeatQuiet(prompt)).toBe(`${prompt.body}\n`);
});
