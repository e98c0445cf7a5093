import { PRIVATE_PATH } from "@loopx/core/testing";
import { expect, test } from "vitest";
import { publicView } from "./public-view.ts";

const ROOTS = { registry: `${PRIVATE_PATH}/.loopx/registry.json`, runtime_root: `${PRIVATE_PATH}/.codex/loopx` };

test("a command keeps running as pasted: roots by their variables, and `why` where a path had to go", () => {
  const view = publicView(ROOTS);
  const next = (next_command: string) => view({ goal_id: "parser", next_command }).next_command;
  expect(next(`loopx --registry ${ROOTS.registry} todo list --goal-id parser`)).toBe(
    'loopx --registry "$LOOPX_REGISTRY" todo list --goal-id parser',
  );
  expect(next(`loopx connect --project ${PRIVATE_PATH}/parser --goal-id parser`)).toBe(
    'loopx --registry "$LOOPX_REGISTRY" why --goal-id parser',
  );
  expect(view({ next_command: `mv -n ${PRIVATE_PATH}/a b` }).next_command).toBe("mv -n <local-path> b");
});
