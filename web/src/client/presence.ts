// Who is there: the rows of the first answer, changed by every presence push. Pure.

import { number, type PresenceRow, type Push, text } from "./wire.ts";

export function presenceAfter(
  rows: readonly PresenceRow[],
  data: Push["data"],
): readonly PresenceRow[] {
  const extension = text(data, "extension");
  const change = { status: text(data, "status"), client_count: number(data, "client_count") };
  if (!rows.some((row) => row.extension === extension)) return [...rows, { extension, ...change }];
  return rows.map((row) => (row.extension === extension ? { ...row, ...change } : row));
}
