/** The rules in a row. Their order is the policy (DEC section 3); a new policy is a new line here. */
import { adapterNotConnected, gatesBlockAll, mapOptIn, registryGate, runGate, userGate } from "./gates.ts";
import { mappedNoop, nothingToDo, projectionGap, steeringAudit } from "./backlog.ts";
import { paused, throttled, workspaceGuard } from "./capacity.ts";
import { approvedCommand, externalEvidenceRegistered, externalEvidenceRun, firstMap } from "./evidence.ts";
import { boundaryScanHit, contractBroken, healthBlocked } from "./health.ts";
import { agentNotRegistered, goalNotFound, identityRequired, registryUnreadable } from "./identity.ts";
import { outcomeFloor, outcomeFloorUnavailable } from "./outcome-floor.ts";
import type { Rule } from "./rule.ts";
import {
  advanceTodo,
  agentScopeExhausted,
  agentScopeWait,
  blockersOnly,
  boundaryGap,
  dueMonitor,
  gateFallback,
  monitorQuiet,
} from "./work.ts";

export const RULES: readonly Rule[] = [
  registryUnreadable,
  goalNotFound,
  paused,
  agentNotRegistered,
  contractBroken,
  boundaryScanHit,
  healthBlocked,
  identityRequired,
  userGate,
  registryGate,
  mapOptIn,
  runGate,
  adapterNotConnected,
  throttled,
  workspaceGuard,
  externalEvidenceRegistered,
  approvedCommand,
  firstMap,
  outcomeFloor,
  outcomeFloorUnavailable,
  dueMonitor,
  gatesBlockAll,
  agentScopeWait,
  boundaryGap,
  gateFallback,
  advanceTodo,
  externalEvidenceRun,
  blockersOnly,
  monitorQuiet,
  agentScopeExhausted,
  projectionGap,
  mappedNoop,
  steeringAudit,
  nothingToDo,
];
