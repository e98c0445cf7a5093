/**
 * A small bot for trying the runner (WTL-105). It is nobody's real bot: it keeps to its set-up, answers with what the mocked
 * model says and gives the task to an executor that does nothing. Its phrases hold the words that existing scenarios expect.
 */
import type { Gateway, Message, MessengerCall, Reaction } from "./gateway.ts";
import type { ScenarioSetup } from "./scenario.ts";

const SILENT: Reaction = { calls: [], executor: { called: false } };
/** Words that begin a new conversation. */
const RESETS: ReadonlySet<string> = new Set(["/reset", "/new"]);
const DEFAULT_ANSWER = "好的，已完成。";

/** What the report and stderr say when this bot was used. */
export const REFERENCE_NOTE = "The reference gateway answered: the runner was tried, your own bot was not tested.";

/** A bot that obeys the set-up and forgets on `/reset` and `/new`. */
export function referenceGateway({ config }: ScenarioSetup): Gateway {
  const seen = new Set<string>();
  const memory = new Map<string, string[]>();

  const work = (message: Message): Reaction => {
    const { answer, error, stop_reason, system_messages = [] } = message.mock_response ?? {};
    const earlier = memory.get(message.chat_id) ?? [];
    const task = config.memory_enabled && earlier.length > 0 ? [...earlier, message.content].join("\n") : message.content;
    memory.set(message.chat_id, [...earlier, message.content]);
    const asks = stop_reason === "await_user_input";
    const calls = [
      { method: "AddReaction", content: "", emoji_type: "Typing", target: message.message_id },
      ...system_messages.map((text) => reply(message, text)),
      reply(message, answerText(answer, error, asks)),
    ];
    return { calls, executor: { called: true, task }, awaits_reply: asks };
  };

  return {
    inject: async (message) => {
      const allowed = message.chat_type === "group" ? config.allow_groups : config.allow_direct;
      const content = message.content.trim();
      if (!allowed || content === "" || seen.has(message.message_id)) return SILENT;
      seen.add(message.message_id);
      if (!RESETS.has(content)) return work({ ...message, content });
      memory.delete(message.chat_id);
      return { calls: [reply(message, "会话已清空，可以用 /new 再开始一次。")], executor: { called: false } };
    },
    close: async () => {},
  };
}

function answerText(answer: string | undefined, error: string | undefined, asks: boolean): string {
  if (error !== undefined) return `执行失败：${error}`;
  if (asks) return `${answer === undefined || answer.trim() === "" ? "还需要一点内容" : answer}\n请补充信息后回复。`;
  if (answer === undefined) return DEFAULT_ANSWER;
  return answer.trim() === "" ? "执行完成，没有生成可展示的文本结果。" : answer;
}

function reply({ message_id }: Message, text: string): MessengerCall {
  return { method: "ReplyMessage", content: JSON.stringify({ text }), target: message_id };
}
