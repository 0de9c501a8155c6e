// One live call: who, how long, and what can be done about it.

import { useEffect, useState } from "preact/hooks";
import type { Call } from "../../client/calls.ts";
import type { Phone } from "../../client/phone.ts";
import { clock, endedSentence } from "../shared/sentences.ts";
import { TransferPanel } from "./transfer.tsx";

interface Props {
  call: Call;
  media: RTCPeerConnectionState | undefined;
  phone: Phone;
  act(what: Promise<unknown>): void;
}

export function CallCard(props: Props) {
  const { call, media } = props;
  return (
    <section
      class={`card call ${call.phase}`}
      aria-label={`Call with ${call.number}`}
      data-testid="call-card"
      data-call-id={call.callId}
      data-phase={call.phase}
      data-held={String(call.isOnHold)}
      data-muted={String(call.isMuted)}
      data-media={media ?? "none"}
    >
      <h2>
        <span data-testid="call-number">{call.number || "Unknown"}</span>
        {call.name && call.name !== call.number && <small>{call.name}</small>}
      </h2>
      <p class="status" role="status" data-testid="call-status">
        {statusOf(call)}
        {call.phase === "answered" && <Elapsed since={call.answeredAt ?? Date.now()} />}
      </p>
      {call.digits && (
        <p class="digits">
          Digits received: <b data-testid="received-digits">{call.digits}</b>
        </p>
      )}
      {call.transferError && (
        <p class="error" role="alert" data-testid="transfer-error">
          The transfer failed: {endedSentence(call.transferError).toLowerCase()}.
        </p>
      )}
      {call.phase === "answered" ? <InCall {...props} /> : <BeforeAnswer {...props} />}
    </section>
  );
}

function statusOf(call: Call): string {
  if (call.phase === "dialing") return "Calling…";
  if (call.phase === "ringing") return call.direction === "in" ? "Incoming call" : "Ringing…";
  if (call.transfer) {
    const { target, bridge } = call.transfer;
    return bridge > 0 ? `Talking to ${target} about the transfer ` : `Transferring to ${target}… `;
  }
  if (call.isOnHold) return call.heldByMe ? "On hold " : "The other side is holding ";
  return call.peerMuted ? "Connected, the other side is muted " : "Connected ";
}

function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time data-testid="call-elapsed">{clock(now - since)}</time>;
}

function BeforeAnswer({ call, phone, act }: Props) {
  const { callId } = call;
  if (call.direction === "out") {
    return (
      <div class="actions">
        <button
          type="button"
          class="danger"
          data-testid="hangup"
          onClick={() => act(phone.hangup(callId))}
        >
          Cancel
        </button>
      </div>
    );
  }
  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        data-testid="answer"
        onClick={() => act(phone.answer(callId))}
      >
        Answer
      </button>
      <button
        type="button"
        class="danger"
        data-testid="reject"
        onClick={() => act(phone.reject(callId))}
      >
        Reject
      </button>
    </div>
  );
}

function InCall({ call, phone, act }: Props) {
  const { callId } = call;
  const [panel, setPanel] = useState<"" | "keys" | "transfer">("");
  const toggle = (which: "keys" | "transfer") => setPanel(panel === which ? "" : which);
  return (
    <>
      <div class="actions">
        <button
          type="button"
          aria-pressed={call.isMuted}
          data-testid="mute"
          onClick={() => act(phone.mute(callId, !call.isMuted))}
        >
          {call.isMuted ? "Unmute" : "Mute"}
        </button>
        {call.heldByMe ? (
          <button type="button" data-testid="unhold" onClick={() => act(phone.unhold(callId))}>
            Resume
          </button>
        ) : (
          <button type="button" data-testid="hold" onClick={() => act(phone.hold(callId))}>
            Hold
          </button>
        )}
        <button
          type="button"
          aria-expanded={panel === "keys"}
          data-testid="keys"
          onClick={() => toggle("keys")}
        >
          Keypad
        </button>
        <button
          type="button"
          aria-expanded={panel === "transfer" || call.transfer !== undefined}
          data-testid="transfer"
          onClick={() => toggle("transfer")}
        >
          Transfer
        </button>
        <button
          type="button"
          class="danger"
          data-testid="hangup"
          onClick={() => act(phone.hangup(callId))}
        >
          Hang up
        </button>
      </div>
      {panel === "keys" && <Keypad press={(tone) => act(phone.dtmf(callId, tone))} />}
      {(panel === "transfer" || call.transfer) && (
        <TransferPanel call={call} phone={phone} act={act} />
      )}
    </>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const spoken: Record<string, string> = { "*": "star", "#": "hash" };

function Keypad({ press }: { press(tone: string): void }) {
  return (
    <fieldset class="keypad" aria-label="Keypad">
      {KEYS.map((tone) => (
        <button
          type="button"
          key={tone}
          aria-label={spoken[tone] ?? tone}
          data-testid={`dtmf-${spoken[tone] ?? tone}`}
          onClick={() => press(tone)}
        >
          {tone}
        </button>
      ))}
    </fieldset>
  );
}
