/** The sizes of cards and messages. Platform limits are the vendor's; ours leave room for what it adds. */

/** Bytes of a message through an app: the platform takes 30 KB for a card (LRK-56). */
export const APP_BUDGET = 28_672;
/** Bytes of a message through a custom bot: the platform takes 20 KB. */
export const WEBHOOK_BUDGET = 18_432;
/** Bytes of a text message. */
export const TEXT_BUDGET = 20_000;

/** Code points. */
export const TITLE_LIMIT = 72;
export const FOOTER_LIMIT = 96;
export const MARKDOWN_LIMIT = 3_600;
/** One free text of a status, heartbeat or resolved card. */
export const FREE_TEXT_LIMIT = 500;
export const LABEL_LIMIT = 120;
export const QUESTION_LIMIT = 1_000;
export const SUMMARY_LIMIT = 2_000;
export const COMMAND_LIMIT = 2_000;
export const BUTTON_LIMIT = 100;
export const URL_LIMIT = 2_000;
/** A text longer than this is cut before it is read at all: no input costs more than its card is worth. */
export const INPUT_LIMIT = 1_000_000;

/** What dialect 2.0 refuses beyond (LRK-13). */
export const ELEMENTS_LIMIT = 200;
export const TABLES_PER_CARD = 5;
export const TABLES_PER_BLOCK = 4;
