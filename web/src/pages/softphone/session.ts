// Who is signed in on this page, kept for a reload of this tab.

import type { Login } from "../../client/api.ts";

const KEY = "strowger.login";

export function savedLogin(): Login | undefined {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Login | null;
    return saved?.token ? saved : undefined;
  } catch {
    return undefined;
  }
}

export function saveLogin(login: Login | undefined): void {
  if (login) sessionStorage.setItem(KEY, JSON.stringify(login));
  else sessionStorage.removeItem(KEY);
}
