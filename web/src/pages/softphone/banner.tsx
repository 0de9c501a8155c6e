// One line about the connection, only there when there is something to say.

import type { Login } from "../../client/api.ts";
import type { ConnectionState } from "../../client/connection.ts";
import { LoginForm } from "../shared/login.tsx";

const words: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  online: "",
  reconnecting: "Connection lost, reconnecting… Calls go on.",
  unauthorized: "Your sign-in has expired. Sign in again; calls go on meanwhile.",
  closed: "",
};

interface Props {
  state: ConnectionState;
  username: string;
  onLogin(login: Login): void;
}

export function Banner({ state, username, onLogin }: Props) {
  return (
    <div
      class={`banner ${state}`}
      role="status"
      aria-live="polite"
      data-testid="banner"
      data-state={state}
    >
      {words[state]}
      {state === "unauthorized" && <LoginForm username={username} onLogin={onLogin} />}
    </div>
  );
}
