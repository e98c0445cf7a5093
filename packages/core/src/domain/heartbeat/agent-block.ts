/** What a prompt says about who the agent is (HBT-15, HBT-16). The cap cuts scopes, never an id. */
import {
  AGENT_LABEL,
  AGENT_PRIMARY,
  AGENT_PRIMARY_SHORT,
  AGENT_PRIMARY_THIN,
  AGENT_SIDE,
  AGENT_SIDE_SHORT,
  AGENT_SIDE_THIN,
  MORE_SCOPES,
  SCOPE_LABEL,
  SCOPE_SEPARATOR,
} from "../locale/heartbeat.ts";
import type { Locale } from "../locale/locale.ts";
import { codePoints } from "./inputs.ts";
import type { Form, HeartbeatAgent, HeartbeatInputs } from "./inputs.ts";

/** Characters of the block, by form (HBT-16). */
export const AGENT_BLOCK_CAPS: Readonly<Record<Form, number>> = { full: 1100, compact: 600, brief: 500, thin: 300 };

/** The block, or null without an agent. */
export function agentBlock(inputs: HeartbeatInputs): string | null {
  if (inputs.agent === null) return null;
  const role = roleText(inputs.agent, inputs.form, inputs.locale);
  const label = SCOPE_LABEL[inputs.locale]();
  const room = AGENT_BLOCK_CAPS[inputs.form] - codePoints(role) - codePoints(label) - 1;
  return `${role}\n${label}${fitScopes(inputs.agent_scopes, room, inputs.locale)}`;
}

function roleText(agent: HeartbeatAgent, form: Form, locale: Locale): string {
  const id = code(agent.agent_id);
  const reviewer = agent.handoff_agent === null ? null : code(agent.handoff_agent);
  switch (agent.agent_role) {
    case "label":
      return AGENT_LABEL[locale](id);
    case "primary-agent":
      return (form === "full" ? AGENT_PRIMARY : form === "thin" ? AGENT_PRIMARY_THIN : AGENT_PRIMARY_SHORT)[locale](id);
    case "side-agent":
      return form === "thin" ? AGENT_SIDE_THIN[locale](id) : (form === "full" ? AGENT_SIDE : AGENT_SIDE_SHORT)[locale](id, reviewer);
  }
}

/** As many scopes as fit, the last ones dropped first and counted; a first scope that is too long alone is cut with `…`. */
export function fitScopes(scopes: readonly string[], room: number, locale: Locale): string {
  for (let count = scopes.length; count >= 1; count--) {
    const text = joined(scopes.slice(0, count), scopes.length - count, locale);
    if (codePoints(text) <= room) return text;
  }
  const more = scopes.length > 1 ? MORE_SCOPES[locale](scopes.length - 1) : "";
  const kept = [...(scopes[0] ?? "")].slice(0, Math.max(0, room - codePoints(more) - 1));
  return `${kept.join("").trimEnd()}…${more}`;
}

function joined(scopes: readonly string[], dropped: number, locale: Locale): string {
  return scopes.join(SCOPE_SEPARATOR[locale]()) + (dropped === 0 ? "" : MORE_SCOPES[locale](dropped));
}

/** A value in code marks. */
export function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
