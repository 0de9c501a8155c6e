// The HTTP side of the client: sign in, sign out, history, health. Every refusal becomes an
// ApiError with the server's sentence.

import type { IceConfig } from "./wire.ts";

export interface User {
  id: string;
  agent_id: string;
  username: string;
  extension: string;
  typology?: string;
  roles: string[];
}

export interface License {
  webrtc_max_users?: number;
  seats_used?: number;
}

export interface Login {
  token: string;
  expires_at: string;
  user: User;
  ice_servers?: IceConfig;
  license?: License | null; // with the typologies that take a seat
}

export interface HistoryRow {
  call_id: string;
  caller: string;
  callee: string;
  state: string;
  cause: string;
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  duration_ms: number;
  transferred_to?: string;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number, // 0: the server could not be reached
    readonly code: string,
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const DEADLINE_MS = 15_000;

export async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), DEADLINE_MS);
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: stop.signal });
  } catch {
    throw new ApiError("The server cannot be reached", 0, "unreachable", undefined);
  } finally {
    clearTimeout(timer);
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return body as T;
  const said = body.error ?? body.detail ?? body.title ?? `The server answered ${response.status}`;
  const wait = Number(response.headers.get("Retry-After")) || undefined;
  throw new ApiError(String(said), response.status, String(body.code ?? ""), wait);
}

const bearer = (token: string): HeadersInit => ({ Authorization: `Bearer ${token}` });

export function login(username: string, password: string): Promise<Login> {
  return call<Login>("/api/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
}

export function logout(token: string): Promise<unknown> {
  return call("/api/logout", { method: "POST", headers: bearer(token) });
}

export function history(token: string, limit = 25): Promise<{ calls: HistoryRow[] }> {
  return call(`/protected/call/history?limit=${limit}`, { headers: bearer(token) });
}

/** See Outside.tokenRefused in connection.ts. */
export async function tokenRefused(token: string): Promise<boolean | undefined> {
  try {
    await call("/protected/extensions/connected", { headers: bearer(token) });
    return false;
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    return status === 0 ? undefined : status === 401;
  }
}
