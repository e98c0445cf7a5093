/** What the reader chose for this browser: language and appearance. */
import { createContext, useContext, useEffect, useState } from "react";
import { en, type Words } from "./words/en.ts";
import { zh } from "./words/zh.ts";

export const LANGUAGES = { en, zh } as const;
export type Language = keyof typeof LANGUAGES;
export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const WordsContext = createContext<Words>(en);
export const WordsProvider = WordsContext.Provider;
export const useWords = (): Words => useContext(WordsContext);

function stored(key: string): string | null {
  return localStorage.getItem(`loopx-${key}`);
}

/** The chosen language, else the browser's. */
export function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, set] = useState<Language>(() => {
    const said = stored("language") ?? navigator.language;
    return said.startsWith("zh") ? "zh" : "en";
  });
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  return [language, (next) => (localStorage.setItem("loopx-language", next), set(next))];
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, set] = useState<Theme>(() => THEMES.find((each) => each === stored("theme")) ?? "auto");
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return [theme, (next) => (localStorage.setItem("loopx-theme", next), set(next))];
}
