// The signed-in page: builds the phone for this user and draws its state.

import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Login } from "../../client/api.ts";
import { createPhone } from "../../client/browser.ts";
import { lastEnded, liveCalls } from "../../client/calls.ts";
import { RemoteAudio } from "../../client/remote_audio.ts";
import { PageResumeStore } from "../../client/resume_store.ts";
import { endedSentence, errorSentence } from "../shared/sentences.ts";
import { Banner } from "./banner.tsx";
import { CallCard } from "./call_card.tsx";
import { Dialer } from "./dialer.tsx";
import { HistoryList, PresenceList } from "./lists.tsx";
import { Ringtone } from "./ringtone.ts";

const store = new PageResumeStore(window, sessionStorage);
const ringtone = new Ringtone();

interface Props {
  login: Login;
  onLogin(login: Login): void;
  onSignOut(): void;
}

export function PhoneView({ login, onLogin, onSignOut }: Props) {
  const [error, setError] = useState("");
  const [blocked, setBlocked] = useState(false);
  const [number, setNumber] = useState("");
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const user = useRef(login).current; // a renewed login must not build a second phone

  const audio = useMemo(
    () => new RemoteAudio(document.body.appendChild(document.createElement("div")), setBlocked),
    [],
  );
  const phone = useMemo(
    () =>
      createPhone({
        extension: user.user.extension,
        token: user.token,
        ...(user.ice_servers ? { iceServers: user.ice_servers } : {}),
        store,
        playRemote: (id, track) => audio.play(id, track),
        onError: (failure) => setError(errorSentence(failure)),
      }),
    [audio, user],
  );

  useEffect(() => {
    const stop = phone.subscribe(() => redraw(undefined));
    phone.connect();
    phone.watchPresence().catch(() => {}); // asked again on every connection
    return stop;
  }, [phone]);

  const { connection, calls, presence, media } = phone.state;
  const live = liveCalls(calls);
  const ended = lastEnded(calls);
  const caller = live.find((call) => call.phase === "ringing" && call.direction === "in");
  const ringsBack = live.some((call) => call.phase === "ringing" && call.direction === "out");
  useEffect(() => ringtone.set(caller ? "ring" : ringsBack ? "ringback" : undefined));

  useEffect(() => {
    document.title = caller ? `${caller.number} calls - Strowger` : "Strowger";
  });

  const act = (what: Promise<unknown>) => {
    setError("");
    what.catch((failure) => setError(errorSentence(failure)));
  };
  const dial = (wanted: string) => act(phone.dial(wanted).then(() => setNumber("")));
  const renew = (renewed: Login) => {
    phone.renewToken(renewed.token);
    onLogin(renewed);
  };
  const signOut = () => void phone.signOut().finally(onSignOut);

  return (
    <>
      <header>
        <h1>Strowger</h1>
        <p
          data-testid="self"
          data-extension={user.user.extension}
          data-device={phone.state.deviceId}
        >
          {user.user.username} · extension {user.user.extension}
        </p>
        <button type="button" class="small" data-testid="logout" onClick={signOut}>
          Sign out
        </button>
      </header>
      <Banner state={connection} username={user.user.username} onLogin={renew} />
      {error && (
        <p class="error notice" role="alert" data-testid="error-message">
          {error}
          <button type="button" class="small" onClick={() => setError("")}>
            Dismiss
          </button>
        </p>
      )}
      {blocked && (
        <p class="notice" role="alert">
          The browser is holding back the sound.
          <button type="button" data-testid="unblock-audio" onClick={() => audio.unblock()}>
            Play it
          </button>
        </p>
      )}
      <main class="columns">
        <div>
          <Dialer
            number={number}
            setNumber={setNumber}
            disabled={connection !== "online"}
            dial={dial}
          />
          {live.map((call) => (
            <CallCard
              key={call.callId}
              call={call}
              media={media[call.callId]}
              phone={phone}
              act={act}
            />
          ))}
          {live.length === 0 && ended && (
            <p
              class="quiet last-call"
              role="status"
              data-testid="last-call"
              data-call-id={ended.callId}
              data-reason={ended.reason}
            >
              {ended.number}: {endedSentence(ended.reason ?? "").toLowerCase()}
            </p>
          )}
        </div>
        <PresenceList rows={presence} self={user.user.extension} onPick={dial} />
        <HistoryList
          token={login.token}
          self={user.user.extension}
          changed={`${connection === "online"} ${ended?.callId ?? ""}`}
        />
      </main>
    </>
  );
}
