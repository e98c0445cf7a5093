/** Everything the dispatcher writes (DSP-58, DSP-59). Each is tried once; what the server quietly left out is a failure here. */
import type { ForgeWrites } from "../../gitea/forge.ts";
import { NOTHING, type Calls } from "./calls.ts";
import { failure } from "./faults.ts";
import { inRepo, onItem } from "./places.ts";
import { COMMENT, LABEL, listOf, pullIn, REVIEW } from "./shapes.ts";

/** The writing half of one account. */
export function writesOf(calls: Calls): ForgeWrites {
  return { ...labelWrites(calls), ...commentWrites(calls), ...pullWrites(calls) };
}

function labelWrites(calls: Calls): Pick<ForgeWrites, "addLabels" | "removeLabel" | "createLabel" | "setAssignees" | "markRead"> {
  return {
    markRead: (id) =>
      calls.write(
        (client) => client.PATCH("/notifications/threads/{id}", { params: { path: { id }, query: { "to-status": "read" } } }),
        NOTHING,
      ),
    addLabels: (place, ids) =>
      onItem(place, async (path) => {
        const answer = await calls.write(
          (client) => client.POST("/repos/{owner}/{repo}/issues/{index}/labels", { params: { path }, body: { labels: [...ids] } }),
          listOf(LABEL),
        );
        if (answer.kind === "failed") return answer;
        // An unknown id is answered with 200 (DSP-S17).
        const missing = ids.find((id) => !answer.value.some((label) => label.id === id));
        return missing === undefined ? { kind: "value", value: null } : failure("invalid", `the label ${missing} was not set`, 200);
      }),
    removeLabel: (place, id) =>
      onItem(place, async (path) => {
        const answer = await calls.write(
          (client) => client.DELETE("/repos/{owner}/{repo}/issues/{index}/labels/{id}", { params: { path: { ...path, id } } }),
          NOTHING,
        );
        // A label that exists nowhere is not on the item either (DSP-S17).
        return answer.kind === "failed" && answer.status === 422 ? { kind: "value", value: null } : answer;
      }),
    setAssignees: (place, logins) =>
      onItem(place, (path) =>
        calls.write(
          (client) => client.PATCH("/repos/{owner}/{repo}/issues/{index}", { params: { path }, body: { assignees: [...logins] } }),
          NOTHING,
        ),
      ),
    createLabel: (repo, { name, color, exclusive }) =>
      inRepo(repo, (path) =>
        calls.write(
          (client) =>
            client.POST("/repos/{owner}/{repo}/labels", { params: { path }, body: { name, color, ...(exclusive ? { exclusive } : {}) } }),
          LABEL,
        ),
      ),
  };
}

function commentWrites(calls: Calls): Pick<ForgeWrites, "comment" | "editComment" | "deleteComment"> {
  return {
    comment: (place, body) =>
      onItem(place, (path) =>
        calls.write(
          (client) => client.POST("/repos/{owner}/{repo}/issues/{index}/comments", { params: { path }, body: { body } }),
          COMMENT,
        ),
      ),
    editComment: (repo, id, body) =>
      inRepo(repo, (path) =>
        calls.write(
          (client) => client.PATCH("/repos/{owner}/{repo}/issues/comments/{id}", { params: { path: { ...path, id } }, body: { body } }),
          NOTHING,
        ),
      ),
    deleteComment: (repo, id) =>
      inRepo(repo, async (path) => {
        const answer = await calls.write(
          (client) => client.DELETE("/repos/{owner}/{repo}/issues/comments/{id}", { params: { path: { ...path, id } } }),
          NOTHING,
        );
        return answer.kind === "failed" && answer.fault === "not_found" ? { kind: "value", value: null } : answer;
      }),
  };
}

function pullWrites(calls: Calls): Pick<ForgeWrites, "createPull" | "editPull" | "review"> {
  return {
    createPull: (repo, body) =>
      inRepo(repo, (path) =>
        calls.write((client) => client.POST("/repos/{owner}/{repo}/pulls", { params: { path }, body: { ...body } }), pullIn(repo)),
      ),
    editPull: (place, body) =>
      onItem(place, (path) =>
        calls.write((client) => client.PATCH("/repos/{owner}/{repo}/pulls/{index}", { params: { path }, body: { ...body } }), NOTHING),
      ),
    review: (place, body) =>
      onItem(place, (path) =>
        calls.write(
          (client) => client.POST("/repos/{owner}/{repo}/pulls/{index}/reviews", { params: { path }, body: { ...body } }),
          REVIEW,
        ),
      ),
  };
}
