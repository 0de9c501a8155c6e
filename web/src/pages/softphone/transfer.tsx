// Handing a call over: at once (blind), or after talking to the target first (warm).

import { useState } from "preact/hooks";
import type { Call } from "../../client/calls.ts";
import type { Phone } from "../../client/phone.ts";

interface Props {
  call: Call;
  phone: Phone;
  act(what: Promise<unknown>): void;
}

export function TransferPanel({ call, phone, act }: Props) {
  const [target, setTarget] = useState("");
  const { callId, transfer } = call;
  if (transfer) {
    return (
      <div class="actions transfer">
        {transfer.bridge > 0 && (
          <button
            type="button"
            class="primary"
            data-testid="transfer-complete"
            onClick={() => act(phone.hangup(callId))}
          >
            Complete transfer
          </button>
        )}
        <button
          type="button"
          data-testid="transfer-cancel"
          onClick={() => act(phone.cancelTransfer(callId))}
        >
          Cancel transfer
        </button>
      </div>
    );
  }
  const start = (kind: "blind" | "warm") => act(phone.transfer(callId, target.trim(), kind));
  return (
    <form
      class="row transfer"
      onSubmit={(event) => {
        event.preventDefault();
        start("blind");
      }}
    >
      <label>
        Transfer to
        <input
          inputMode="tel"
          value={target}
          required
          data-testid="transfer-target"
          onInput={(event) => setTarget(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!target.trim()} data-testid="transfer-blind">
        Transfer now
      </button>
      <button
        type="button"
        disabled={!target.trim()}
        data-testid="transfer-warm"
        onClick={() => start("warm")}
      >
        Ask first
      </button>
    </form>
  );
}
