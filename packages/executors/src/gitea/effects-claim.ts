/** Claiming an item and giving it back (DSP-37 to DSP-39). Other people's assignments stay as they are. */
import { instantMs } from "@loopx/core/domain";
import { claimText, utcText, winningClaim, claimsIn } from "./claims.ts";
import type { GiteaGround } from "./ground.ts";
import { itemKey, type Claim, type Item } from "./item.ts";
import type { ItemEvent } from "./machine.ts";
import { assignedItself, has } from "./labels.ts";
import { itemObstacle } from "./queue.ts";
import { ForgeTrouble, readItem, valueOf } from "./server-view.ts";
import { changeOf, snapshotOf } from "./snapshot.ts";
import { rulesOf } from "./rules.ts";
import type { ItemView } from "./triage.ts";

const SETTLE_MS = 1_000;
const MINUTE_MS = 60_000;

/** The lease of this state directory; somebody else's live one means that we wait. */
export async function lease(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const claim = claimOf(item);
  const key = { executor: ground.executor, item: itemKey(item) };
  const left = (instantMs(claim.expires_at) ?? 0) - ground.now().ms;
  if (left <= 0) return { kind: "held_elsewhere", until: utcText(ground.now().ms) };
  const wish = { holder: ground.holder, ttl_minutes: Math.ceil(left / MINUTE_MS), write_scopes: [], idempotency_key: claim.claim_id };
  const first = await ground.leases.acquire(key, wish);
  // What we ourselves hold was left by a process of ours that died: only one process has this directory.
  const outcome =
    first.kind === "held" && first.lease.holder === ground.holder
      ? await ground.leases.acquire(key, { ...wish, take_over: { reason: "its process is gone" } })
      : first;
  // The same wish as before our process died, for a shorter time by now.
  if (outcome.kind === "key_reused" && outcome.lease.holder === ground.holder)
    return { kind: "done", facts: { claim: { ...claim, fencing_token: outcome.lease.token } } };
  if (outcome.kind === "granted") return { kind: "done", facts: { claim: { ...claim, fencing_token: outcome.lease.token } } };
  if (outcome.kind === "held") return { kind: "held_elsewhere", until: outcome.lease.expires_at };
  throw new Error(`the lease cannot be had (${outcome.kind})`);
}

/** Looks at the item once more, then says on the server who works on it. */
export async function postClaim(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { bot_user } = ground.config();
  const claim = claimOf(item);
  const view = await readItem(ground.forge, item);
  const standing = claimsIn(view.comments, bot_user).find(({ claim_id }) => claim_id === claim.claim_id);
  if (standing !== undefined)
    return { kind: "done", facts: { claim: { ...claim, comment_id: standing.comment_id }, snapshot: item.snapshot ?? snapshotOf(view) } };
  const obstacle = itemObstacle(view, await rulesOf(ground, item.repo), item.human_assigned);
  if (obstacle !== null) return { kind: "gone", reason: obstacle, dead: false };
  const other = winningClaim(view.comments, bot_user, ground.now());
  if (other !== null && other.holder !== ground.holder) return { kind: "held_elsewhere", until: other.expires_at };
  // Somebody died here: first everything that was left is taken away, and the attempt counts (DSP-39).
  if (claimsIn(view.comments, bot_user).some(({ expires_at }) => (instantMs(expires_at) ?? 0) <= ground.now().ms))
    return { kind: "broken_chain", assigned: await isLeftByUs(ground, item, view) };
  const mark = { claim_id: claim.claim_id, holder: ground.holder, expires_at: claim.expires_at };
  const posted = await valueOf(ground.forge.comment(item, claimText(mark, item.run_id ?? "run")));
  return {
    kind: "done",
    facts: {
      claim: { ...claim, comment_id: posted.id, prior_assignees: [...view.issue.assignees] },
      snapshot: snapshotOf(view),
      title: view.issue.title.slice(0, 200),
    },
  };
}

/** The lowest id of the bot's live claims wins; we look after everybody had time to post. */
export async function count(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const claim = claimOf(item);
  await ground.wait(SETTLE_MS);
  const comments = await valueOf(ground.forge.comments(item));
  const { bot_user } = ground.config();
  const mine = claimsIn(comments, bot_user).filter(({ holder, claim_id }) => holder === ground.holder && claim_id !== claim.claim_id);
  // Claims of a process of ours that died: they would win against us for ever.
  for (const { comment_id } of mine) await valueOf(ground.forge.deleteComment(item.repo, comment_id));
  const left = comments.filter(({ id }) => !mine.some(({ comment_id }) => comment_id === id));
  const winner = winningClaim(left, bot_user, ground.now());
  if (winner?.claim_id === claim.claim_id) return { kind: "done", facts: {} };
  return { kind: "held_elsewhere", until: winner?.expires_at ?? utcText(ground.now().ms) };
}

/** Adds the bot to whoever is assigned, if nothing but claims happened since the claim. */
export async function assign(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { bot_user } = ground.config();
  const claim = claimOf(item);
  const view = await readItem(ground.forge, item);
  const was = item.snapshot ?? snapshotOf(view);
  const claims = new Set(claimsIn(view.comments, bot_user).map(({ comment_id }) => comment_id));
  const others = view.comments.filter(({ id }) => !claims.has(id));
  const seen = snapshotOf({ ...view, comments: others });
  const without = (logins: readonly string[]) => logins.filter((login) => !has([login], bot_user));
  const comparable = (of: typeof seen) => ({
    ...of,
    updated_at: "",
    comment_id: Math.max(of.comment_id, was.comment_id),
    assignees: without(of.assignees),
  });
  const change = changeOf(comparable(was), comparable(seen));
  if (change !== null) return { kind: "conflict", ...change, seen };
  const assigned = !has(was.assignees, bot_user) || (await isLeftByUs(ground, item, view));
  if (!has(view.issue.assignees, bot_user)) await valueOf(ground.forge.setAssignees(item, [...view.issue.assignees, bot_user]));
  return { kind: "done", facts: { claim: { ...claim, assigned }, snapshot: snapshotOf(await readItem(ground.forge, item)) } };
}

/** Takes the bot off again where it was us who put it there, or where a person has the next turn. How it looks then, `withdraw` sees. */
export async function unassign(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { bot_user } = ground.config();
  const persons_turn = item.after?.state === "blocked_human" || item.after?.state === "done";
  if (item.claim?.assigned !== true && !persons_turn) return { kind: "done", facts: {} };
  const { assignees } = await valueOf(ground.forge.issue(item));
  if (!has(assignees, bot_user)) return { kind: "done", facts: {} };
  await valueOf(
    ground.forge.setAssignees(
      item,
      assignees.filter((login) => !has([login], bot_user)),
    ),
  );
  return { kind: "done", facts: {} };
}

/**
 * Deletes the claim's comment, also one that was posted and never written down, and those whose time is over. It is the last
 * write of a release, after which the item is seen anew for all of them.
 */
export async function withdraw(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { bot_user } = ground.config();
  const comments = await valueOf(ground.forge.comments(item));
  const isOver = (expires_at: string): boolean => (instantMs(expires_at) ?? 0) <= ground.now().ms;
  const ours = claimsIn(comments, bot_user).filter(({ holder, expires_at }) => holder === ground.holder || isOver(expires_at));
  for (const { comment_id } of ours) await valueOf(ground.forge.deleteComment(item.repo, comment_id));
  return { kind: "done", facts: { snapshot: snapshotOf(await readItem(ground.forge, item)) } };
}

export async function unlease(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const token = item.claim?.fencing_token ?? null;
  if (token === null) return { kind: "done", facts: {} };
  const outcome = await ground.leases.release({ executor: ground.executor, item: itemKey(item), holder: ground.holder, token });
  if (outcome.kind === "busy" || outcome.kind === "unreadable") throw new Error(`the lease cannot be released (${outcome.kind})`);
  return { kind: "done", facts: {} };
}

/** The bot stands on it since one of ours died; where the server does not show who put it there, it was somebody else. */
async function isLeftByUs(ground: GiteaGround, item: Item, { issue }: ItemView): Promise<boolean> {
  const { bot_user } = ground.config();
  if (!has(issue.assignees, bot_user)) return false;
  const timeline = await ground.forge.timeline(item);
  if (timeline.kind === "value") return assignedItself(issue, timeline.value, bot_user);
  if (timeline.fault === "not_found" || timeline.fault === "forbidden") return false;
  throw new ForgeTrouble(timeline);
}

function claimOf({ claim }: Item): Claim {
  if (claim === null) throw new Error("there is no claim");
  return claim;
}
