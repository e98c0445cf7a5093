/** The filters of a list. They stand in the address, so that a link shows the same. */
import { go, type Address } from "../address.ts";
import { useWords } from "../settings.ts";
import { Icon } from "./icon.tsx";

type FilterName = "severity" | "who" | "state" | "project";

export interface Choice {
  readonly name: FilterName;
  readonly all: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}

export function Filters(props: {
  readonly address: Address;
  readonly choices: readonly Choice[];
  readonly shown: number;
  readonly all: number;
}) {
  const { address, choices, shown, all } = props;
  const words = useWords();
  const isFiltered = address.q !== "" || choices.some(({ name }) => address[name] !== "");
  return (
    <search className="filters" aria-label={words.filters}>
      <label className="search">
        <Icon name="search" />
        <input
          type="search"
          value={address.q}
          placeholder={words.search}
          aria-label={words.search}
          onChange={(event) => go({ q: event.target.value }, "replace")}
        />
      </label>
      {choices.map(({ name, all: label, options }) => (
        <select key={name} aria-label={label} value={address[name]} onChange={(event) => go({ [name]: event.target.value })}>
          <option value="">{label}</option>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ))}
      {isFiltered ? (
        <button type="button" className="ghost" onClick={() => go({ q: "", severity: "", who: "", state: "", project: "" })}>
          {words.clear}
        </button>
      ) : null}
      <output className="count">{words.shown(shown, all)}</output>
    </search>
  );
}
