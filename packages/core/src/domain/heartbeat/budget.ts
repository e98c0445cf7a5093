/** How long a body may be (HBT-30 to HBT-32): what a machine's long paths add does not count. */
import type { InterfaceBudget } from "../payload/heartbeat-prompt.ts";
import { briefBody } from "./brief.ts";
import { compactBody } from "./compact.ts";
import { fullBody } from "./full.ts";
import { codePoints } from "./inputs.ts";
import type { Form, HeartbeatInputs } from "./inputs.ts";
import { thinBody } from "./thin.ts";

/** Characters, by form. */
export const BODY_BUDGETS: Readonly<Record<Form, number>> = { full: 12_000, compact: 6_000, brief: 3_500, thin: 1_500 };
/** What goal id, state path, registry, runtime root and binary count, each place. */
const PLACEHOLDER = "x".repeat(16);

const BODIES: Readonly<Record<Form, (inputs: HeartbeatInputs) => string>> = {
  full: fullBody,
  compact: compactBody,
  brief: briefBody,
  thin: thinBody,
};

export function bodyOf(inputs: HeartbeatInputs): string {
  return BODIES[inputs.form](inputs);
}

export function interfaceBudget(inputs: HeartbeatInputs, body: string): InterfaceBudget {
  const counted = codePoints(bodyOf(withPlaceholders(inputs)));
  const limit = BODY_BUDGETS[inputs.form];
  return {
    mode: inputs.form,
    char_count: codePoints(body),
    line_count: body.split("\n").length,
    budget_char_count: counted,
    max_chars: limit,
    within_budget: counted <= limit,
  };
}

function withPlaceholders(inputs: HeartbeatInputs): HeartbeatInputs {
  const { runtime_root: root } = inputs.invocation;
  return {
    ...inputs,
    goal_id: PLACEHOLDER,
    active_state: PLACEHOLDER,
    invocation: { cli_bin: PLACEHOLDER, registry: PLACEHOLDER, runtime_root: root === null ? null : PLACEHOLDER },
  };
}
