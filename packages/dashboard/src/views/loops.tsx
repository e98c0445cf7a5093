/** Loops as their own records show them, live ones first. */
import type { LoopView } from "@loopx/core/domain";
import type { Known } from "../live.ts";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { When } from "../parts/words-of.tsx";
import { useWords } from "../settings.ts";

export function Loops({ known }: { readonly known: Known }) {
  const words = useWords();
  const { loops } = known;
  if (loops.length === 0) return <Empty title={words.loops_empty} about={words.loops_empty_about} />;
  const live = loops.filter((loop) => loop.live);
  const ended = loops.filter((loop) => !loop.live);
  return (
    <>
      {live.length === 0 ? null : (
        <section aria-label={words.running}>
          <h3>{words.running}</h3>
          <ul className="tiles">
            {live.map((loop) => (
              <li key={`${loop.executor} ${loop.id}`}>
                <Tile loop={loop} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {ended.length === 0 ? null : (
        <section aria-label={words.ended}>
          <h3>{words.ended}</h3>
          <ul className="tiles">
            {ended.map((loop) => (
              <li key={`${loop.executor} ${loop.id}`}>
                <Tile loop={loop} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const GOOD = new Set(["ok", "done", "promoted", "success", "validated"]);

function Tile({ loop }: { readonly loop: LoopView }) {
  const words = useWords();
  const tone = loop.live ? "live" : loop.result !== null && GOOD.has(loop.result) ? "good" : "bad";
  return (
    <article className={`card tile tone-${tone}`} aria-label={`${words.loop_kinds[loop.kind] ?? loop.kind} ${loop.title}`}>
      <header>
        <small className="quiet">{words.loop_kinds[loop.kind] ?? loop.kind}</small>
        <span className="spread" />
        {loop.attempt === null || loop.attempt === 0 ? null : <small className="quiet">{words.attempt(loop.attempt, loop.of)}</small>}
      </header>
      <strong className="name">{loop.title}</strong>
      <p className="phase">
        <i className="pulse" aria-hidden="true" />
        {loop.result ?? loop.phase}
      </p>
      {loop.detail === null ? null : (
        <p className="quiet cut" title={loop.detail}>
          {loop.detail}
        </p>
      )}
      <footer className="quiet">
        {loop.goal_id === null ? (
          <span className="mono cut" title={loop.id}>
            {loop.id}
          </span>
        ) : (
          <Link to={{ view: "goals", goal: loop.goal_id, tab: "verdict" }}>{loop.goal_id}</Link>
        )}
        <span className="spread" />
        <When at={loop.ended_at ?? loop.since} />
      </footer>
    </article>
  );
}
