/** Everything the dispatcher reads (DSP-20, DSP-21, DSP-27, DSP-28), each as one call or one list. */
import type * as z from "zod/mini";
import type { ForgeAnswer, ForgeReads, Listed } from "../../gitea/forge.ts";
import { readComments } from "./comments.ts";
import { NOTHING, plain, type Asking, type Calls } from "./calls.ts";
import { found, idOf, isSame, numberOf, whole, type List } from "./lists.ts";
import { readAll, type PageAsked } from "./pages.ts";
import { inRepo, onItem } from "./places.ts";
import { readReviews, type LineMemory } from "./reviews.ts";
import { repositoryReads, type Organisations } from "./repository-reads.ts";
import { EVENT, FOUND, issueIn, LIMITS, LOGIN, pullIn, THREAD, UNREAD, VERSION } from "./shapes.ts";

/** More than this no server gives at once (DSP-S4). */
const PAGE_ITEMS = 50;

/** What a server was asked once. */
interface ServerMemory extends Organisations {
  page_items: number | null;
}

/** The reading half of one account. What a server is and who is an organisation is asked once. */
export function readsOf(calls: Calls): ForgeReads {
  const memory: ServerMemory = { page_items: null, organisations: new Map() };
  const list = async <Value>(
    ask: (page: PageAsked) => Asking,
    shape: z.ZodMiniType<Value>,
    keyOf: (value: Value) => string | number,
  ): Promise<ForgeAnswer<Listed<Value>>> => {
    memory.page_items ??= await pageItems(calls);
    return readAll(calls, memory.page_items, ask, shape, keyOf);
  };
  return {
    ...serverReads(calls, memory),
    ...itemReads(calls, list),
    unread: async () => {
      const answer = await calls.read((client) => client.GET("/notifications/new"), UNREAD);
      return answer.kind === "failed" ? answer : { kind: "value", value: answer.value.new };
    },
    threads: () =>
      list(
        (query) => (client) => client.GET("/notifications", { params: { query: { "status-types": ["unread"], ...query } } }),
        THREAD,
        ({ id }) => id,
      ),
    thread: async (id) =>
      plain(await calls.read((client) => client.GET("/notifications/threads/{id}", { params: { path: { id } } }), THREAD)),
    ...repositoryReads(calls, list, memory),
  };
}

type ItemReads = "labelled" | "changed" | "search" | "issue" | "pull" | "pullsFrom" | "openPulls" | "comments" | "reviews" | "timeline";

function itemReads(calls: Calls, list: List): Pick<ForgeReads, ItemReads> {
  const issues = (repo: string, query: { state: "open" | "all"; labels?: string; since?: string }) =>
    inRepo(repo, (path) =>
      list(
        (page) => (client) => client.GET("/repos/{owner}/{repo}/issues", { params: { path, query: { ...query, ...page } } }),
        issueIn(repo),
        numberOf,
      ),
    );
  const lines: LineMemory = new Map();
  const openPulls: ForgeReads["openPulls"] = (repo) =>
    inRepo(repo, (path) =>
      list(
        (page) => (client) => client.GET("/repos/{owner}/{repo}/pulls", { params: { path, query: { state: "open", ...page } } }),
        pullIn(repo),
        numberOf,
      ),
    );
  return {
    openPulls,
    labelled: (repo, label) => issues(repo, { state: "open", labels: label }),
    changed: (repo, since) => issues(repo, { state: "all", since }),
    search: async (what, since) =>
      found(
        await list(
          (page) => searching(what, since, page),
          FOUND,
          (issue) => (issue === null ? "" : `${issue.repo}#${issue.number}`),
        ),
      ),
    issue: (place) =>
      onItem(place, async (path) =>
        plain(await calls.read((client) => client.GET("/repos/{owner}/{repo}/issues/{index}", { params: { path } }), issueIn(place.repo))),
      ),
    pull: (place) =>
      onItem(place, async (path) =>
        plain(await calls.read((client) => client.GET("/repos/{owner}/{repo}/pulls/{index}", { params: { path } }), pullIn(place.repo))),
      ),
    pullsFrom: async (repo, branch) => {
      const pulls = await openPulls(repo);
      if (pulls.kind === "failed") return pulls;
      return { kind: "value", value: pulls.value.entries.filter(({ head }) => head.branch === branch && isSame(head.repo, repo)) };
    },
    comments: (place) => readComments(calls, place),
    reviews: (place) => readReviews(calls, list, lines, place),
    timeline: (place) =>
      onItem(place, async (path) =>
        whole(
          await list(
            (query) => (client) => client.GET("/repos/{owner}/{repo}/issues/{index}/timeline", { params: { path, query } }),
            EVENT,
            idOf,
          ),
        ),
      ),
  };
}

function searching(what: "mentioned" | "assigned" | "review_requested", since: string, page: PageAsked): Asking {
  return (client) => client.GET("/repos/issues/search", { params: { query: { state: "all", since, [what]: true, ...page } } });
}

function serverReads(calls: Calls, memory: ServerMemory): Pick<ForgeReads, "server" | "me" | "surplus"> {
  return {
    server: async () => {
      const version = await calls.read((client) => client.GET("/version"), VERSION);
      if (version.kind === "failed") return version;
      const date = Date.parse(version.headers.get("date") ?? "");
      const clock_difference_ms = Number.isNaN(date) ? null : date - calls.now();
      const limits = await calls.read((client) => client.GET("/settings/api"), LIMITS);
      if (limits.kind === "failed") return limits;
      memory.page_items = Math.min(PAGE_ITEMS, limits.value.max_response_items);
      return { kind: "value", value: { version: version.value.version, ...limits.value, clock_difference_ms } };
    },
    surplus: async () => {
      const admin = await calls.read((client) => client.GET("/admin/cron", { params: { query: { limit: 1 } } }), NOTHING);
      return { kind: "value", value: admin.kind === "value" ? ["administer the server"] : [] };
    },
    me: async () => plain(await calls.read((client) => client.GET("/user"), LOGIN)),
  };
}

/** What the server says, and otherwise what every server takes: it gives fewer, never another list. */
async function pageItems(calls: Calls): Promise<number> {
  const limits = await calls.read((client) => client.GET("/settings/api"), LIMITS);
  return limits.kind === "failed" ? PAGE_ITEMS : Math.min(PAGE_ITEMS, limits.value.max_response_items);
}
