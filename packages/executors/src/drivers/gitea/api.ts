/** Generated from `api.json` by `npm run generate`. */
export interface paths {
  "/version": {
    /** The server's version. */
    get: {
      parameters: {
        path?: never;
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/settings/api": {
    /** Limits of lists. */
    get: {
      parameters: {
        path?: never;
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/user": {
    /** The account of the token. */
    get: {
      parameters: {
        path?: never;
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/user/repos": {
    /** Repositories the account may see as its own or a collaborator's. */
    get: {
      parameters: {
        path?: never;
        query?: {
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/admin/cron": {
    /** Tasks of the server, for its administrators. */
    get: {
      parameters: {
        path?: never;
        query?: {
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/orgs/{org}": {
    /** One organisation. */
    get: {
      parameters: {
        path: {
          org: string;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/orgs/{org}/labels": {
    /** Labels of an organisation. */
    get: {
      parameters: {
        path: {
          org: string;
        };
        query?: {
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/notifications/new": {
    /** How many threads are unread. */
    get: {
      parameters: {
        path?: never;
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/notifications": {
    /** Threads of the account. */
    get: {
      parameters: {
        path?: never;
        query?: {
          "status-types"?: ("unread" | "read" | "pinned")[];
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/notifications/threads/{id}": {
    /** One thread. */
    get: {
      parameters: {
        path: {
          id: number;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** Moves a thread; the answer has no body. */
    patch: {
      parameters: {
        path: {
          id: number;
        };
        query?: {
          "to-status"?: "read" | "unread" | "pinned";
        };
      };
      responses: {
        205: {
          content?: never;
        };
      };
    };
  };
  "/repos/issues/search": {
    /** Issues and pulls of all repositories that the account may see; filters narrow each other. */
    get: {
      parameters: {
        path?: never;
        query?: {
          state?: "open" | "closed" | "all";
          since?: string;
          mentioned?: boolean;
          assigned?: boolean;
          review_requested?: boolean;
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}": {
    /** One repository. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/assignees": {
    /** Everybody who may be assigned, which is who may write. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/collaborators/{collaborator}": {
    /** Whether somebody is a collaborator. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          collaborator: string;
        };
        query?: never;
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/repos/{owner}/{repo}/collaborators/{collaborator}/permission": {
    /** What somebody may do; newer servers, and only for who asks about himself or administers. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          collaborator: string;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/labels": {
    /** The repository's own labels. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: {
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** A new label. */
    post: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            name: string;
            color: string;
            exclusive?: boolean;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues": {
    /** Issues and pulls, newest created first; an unknown label filters nothing. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: {
          state?: "open" | "closed" | "all";
          labels?: string;
          since?: string;
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/{index}": {
    /** One issue or pull. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** Changes an issue; assignees are replaced. */
    patch: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            assignees: string[];
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/{index}/comments": {
    /** All comments, oldest first. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: {
          since?: string;
          before?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** A new comment. */
    post: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            body: string;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/comments/{id}": {
    /** Changes a comment. */
    patch: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          id: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            body: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** Removes a comment. */
    delete: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          id: number;
        };
        query?: never;
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/{index}/timeline": {
    /** Comments and everything else that happened. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: {
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/{index}/labels": {
    /** Adds labels by id. */
    post: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            labels: number[];
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/issues/{index}/labels/{id}": {
    /** Takes a label off. */
    delete: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
          id: number;
        };
        query?: never;
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/repos/{owner}/{repo}/pulls": {
    /** Pulls. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: {
          state?: "open" | "closed" | "all";
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** A new pull. */
    post: {
      parameters: {
        path: {
          owner: string;
          repo: string;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            head: string;
            base: string;
            title: string;
            body: string;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/pulls/{index}": {
    /** One pull. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** Changes a pull. */
    patch: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            title: string;
            body: string;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/pulls/{index}/reviews": {
    /** Reviews of a pull. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: {
          page?: number;
          limit?: number;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
    /** A new review; nobody approves his own pull. */
    post: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
        };
        query?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            event: "COMMENT" | "APPROVED" | "REQUEST_CHANGES";
            body: string;
            commit_id: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
  "/repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments": {
    /** What a review says at lines of the difference, all of it. */
    get: {
      parameters: {
        path: {
          owner: string;
          repo: string;
          index: number;
          id: number;
        };
        query?: never;
      };
      responses: {
        200: {
          content: {
            "application/json": unknown;
          };
        };
      };
    };
  };
}
