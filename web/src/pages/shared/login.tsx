// The sign-in form of both pages.

import { useState } from "preact/hooks";
import { type Login, login } from "../../client/api.ts";
import { errorSentence } from "./sentences.ts";

interface Props {
  onLogin(login: Login): void;
  username?: string;
  action?: string;
}

export function LoginForm({ onLogin, username = "", action = "Sign in" }: Props) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError("");
    try {
      onLogin(await login(String(form.get("username")), String(form.get("password"))));
    } catch (failure) {
      setError(errorSentence(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="login" onSubmit={submit} data-testid="login-form">
      <label>
        User name
        <input
          name="username"
          autocomplete="username"
          defaultValue={username}
          required
          data-testid="login-username"
        />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          data-testid="login-password"
        />
      </label>
      <button type="submit" class="primary" disabled={busy} data-testid="login-submit">
        {busy ? "Signing in…" : action}
      </button>
      {error && (
        <p class="error" role="alert" data-testid="login-error">
          {error}
        </p>
      )}
    </form>
  );
}
