// The check page at "/check": what a call needs, step by step, each with a sentence.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Login } from "../../client/api.ts";
import { LoginForm } from "../shared/login.tsx";
import { EchoCheck } from "./echo.ts";
import {
  checkIce,
  checkMicrophone,
  checkSeat,
  checkSecure,
  checkServer,
  type Outcome,
} from "./steps.ts";

const STEPS = [
  ["server", "Server"],
  ["secure", "Secure page"],
  ["login", "Sign-in"],
  ["seat", "License seat"],
  ["websocket", "WebSocket"],
  ["ice", "STUN and TURN"],
  ["microphone", "Microphone"],
  ["echo", "Echo call"],
] as const;

type Step = (typeof STEPS)[number][0];
type State = "waiting" | "running" | "ok" | "failed" | "skipped";
type Rows = Record<Step, { state: State; say: string }>;

const WORDS: Record<State, string> = {
  waiting: "waiting",
  running: "checking…",
  ok: "ok",
  failed: "failed",
  skipped: "skipped",
};

const nothingYet = Object.fromEntries(
  STEPS.map(([step]) => [step, { state: "waiting", say: "" }]),
) as Rows;

type Report = (step: Step, state: State, say?: string) => void;

async function run(
  report: Report,
  step: Step,
  check: () => Promise<Outcome>,
  needed = true,
): Promise<boolean> {
  if (!needed) {
    report(step, "skipped", "Not checked, because an earlier step failed.");
    return false;
  }
  report(step, "running");
  const { ok, say } = await check().catch((error) => ({ ok: false, say: String(error) }));
  report(step, ok ? "ok" : "failed", say);
  return ok;
}

async function runAll(report: Report, login: Login): Promise<void> {
  report("login", "ok", `Signed in as ${login.user.username}, extension ${login.user.extension}.`);
  await run(report, "seat", () => checkSeat(login));
  const echo = new EchoCheck(login);
  const socket = await run(report, "websocket", () => echo.checkSocket());
  await run(report, "ice", () => checkIce(login.ice_servers));
  await run(report, "microphone", checkMicrophone);
  await run(report, "echo", () => echo.checkEcho(), socket);
  await echo.close();
}

function App() {
  const [rows, setRows] = useState(nothingYet);
  const [login, setLogin] = useState<Login>();
  const report: Report = (step, state, say = "") =>
    setRows((before) => ({ ...before, [step]: { state, say } }));

  useEffect(() => {
    void run(report, "server", checkServer);
    void run(report, "secure", checkSecure);
  }, []);

  const signedIn = (next: Login) => {
    setLogin(next);
    void runAll(report, next);
  };

  const states = Object.values(rows).map((row) => row.state);
  const over = states.every((state) => state !== "waiting" && state !== "running");
  const bad = states.includes("failed");
  const summary = !over ? "running" : bad ? "failed" : "ok";
  return (
    <main class="narrow card">
      <h1>Check this computer</h1>
      <ol class="checks">
        {STEPS.map(([step, title]) => (
          <li
            key={step}
            class={rows[step].state}
            data-testid="check-row"
            data-step={step}
            data-state={rows[step].state}
          >
            <b>{title}</b> <span class="verdict">{WORDS[rows[step].state]}</span>
            <p data-testid="check-sentence">{rows[step].say}</p>
            {step === "login" && !login && (
              <LoginForm onLogin={signedIn} action="Sign in and check" />
            )}
          </li>
        ))}
      </ol>
      <p role="status" data-testid="check-summary" data-state={summary}>
        {summary === "ok" && "Everything works: this computer can make calls."}
        {summary === "failed" && "Something does not work yet: see the steps marked failed."}
        {summary === "running" && !login && "Sign in to check the rest."}
      </p>
      <p class="quiet">
        <a href="/">Back to the phone</a>
      </p>
    </main>
  );
}

const root = document.getElementById("app");
if (root) render(<App />, root);
