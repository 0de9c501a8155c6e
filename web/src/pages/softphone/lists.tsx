// The two lists beside the phone: who is there, and what calls there were.

import { useCallback, useEffect, useState } from "preact/hooks";
import { type HistoryRow, history } from "../../client/api.ts";
import type { PresenceRow } from "../../client/wire.ts";
import { clock, errorSentence } from "../shared/sentences.ts";

interface PresenceProps {
  rows: readonly PresenceRow[];
  self: string;
  onPick(extension: string): void;
}

export function PresenceList({ rows, self, onPick }: PresenceProps) {
  const sorted = [...rows].sort(
    (a, b) =>
      Number(b.status === "online") - Number(a.status === "online") ||
      a.extension.localeCompare(b.extension, undefined, { numeric: true }),
  );
  return (
    <section class="card" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul class="people" data-testid="presence">
        {sorted.map((row) => (
          <li
            key={row.extension}
            data-testid="presence-row"
            data-extension={row.extension}
            data-status={row.status}
          >
            <span class={`dot ${row.status}`} aria-hidden="true" />
            <span>
              {row.extension}
              {row.username && row.username !== row.extension ? ` ${row.username}` : ""}
              {row.extension === self ? " (you)" : ""}
            </span>
            <span class="quiet">{row.status}</span>
            {row.extension !== self && (
              <button
                type="button"
                aria-label={`Call ${row.extension}`}
                onClick={() => onPick(row.extension)}
              >
                Call
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface HistoryProps {
  token: string;
  self: string;
  changed: string; // a new value when a call ended: time to load again
}

export function HistoryList({ token, self, changed }: HistoryProps) {
  const [rows, setRows] = useState<HistoryRow[]>([]);
  const [error, setError] = useState("");
  const load = useCallback(async () => {
    try {
      setRows((await history(token)).calls);
      setError("");
    } catch (failure) {
      setError(errorSentence(failure));
    }
  }, [token]);
  useEffect(() => void load(), [load, changed]); // `changed`: the signal to load again
  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">
        Calls{" "}
        <button type="button" class="small" data-testid="history-refresh" onClick={load}>
          Refresh
        </button>
      </h2>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <ul class="history" data-testid="history">
        {rows.map((row) => (
          <HistoryItem key={row.call_id} row={row} self={self} />
        ))}
      </ul>
      {rows.length === 0 && !error && <p class="quiet">No calls yet.</p>}
    </section>
  );
}

function HistoryItem({ row, self }: { row: HistoryRow; self: string }) {
  const outgoing = row.caller === self;
  const other = outgoing ? row.callee : row.caller;
  const when = new Date(row.started_at);
  return (
    <li
      data-testid="history-row"
      data-call-id={row.call_id}
      data-cause={row.cause}
      data-duration-ms={row.duration_ms}
    >
      <span aria-hidden="true">{outgoing ? "↗" : "↙"}</span>
      <span>
        {outgoing ? "To" : "From"} {other}
      </span>
      <time class="quiet" dateTime={row.started_at}>
        {when.toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}
      </time>
      <span class="quiet">
        {row.answered_at ? clock(row.duration_ms) : (row.cause ?? row.state).replaceAll("_", " ")}
      </span>
    </li>
  );
}
