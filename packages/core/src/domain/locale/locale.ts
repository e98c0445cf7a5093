/**
 * The two languages of generated sentences (design D15). Each room keeps its sentences in a file beside this one;
 * the type asks for both languages of every sentence, so none can be forgotten.
 */
export const LOCALES = ["en", "zh"] as const;
/** A language of generated sentences. */
export type Locale = (typeof LOCALES)[number];

/** One sentence of the catalogue: both languages, same inputs. */
export type Sentence<Inputs extends readonly unknown[] = []> = Readonly<Record<Locale, (...inputs: Inputs) => string>>;

/** The locale a text names (`zh_CN.UTF-8`, `en`, `ZH`), or null. */
export function parseLocale(text: string | null | undefined): Locale | null {
  const language = text
    ?.trim()
    .toLowerCase()
    .split(/[_.@-]/, 1)[0];
  return language === "en" || language === "zh" ? language : null;
}
