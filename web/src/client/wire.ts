// The messages of /ws as the browser sees them: names, payloads, errors. Types only, plus the one
// error class. docs/asyncapi.yaml is the reference.

export type HangupReason = string;

export interface CallSnapshot {
  callId: string;
  state: "ringing" | "answered";
  direction: "in" | "out";
  phoneNumber: string;
  callerId?: string;
  isOnHold: boolean;
  isMuted: boolean;
  bridge: number;
  role: BridgeRole;
  answeredAt?: string;
}

export interface IceConfig {
  iceServers: RTCIceServer[];
  iceTransportPolicy?: RTCIceTransportPolicy;
}

export interface Connected {
  extension: string;
  device_id: string;
  session_id?: string;
  resume_token: string;
  position: number;
  ping_interval_ms: number;
  resumed?: boolean;
  ice_servers?: IceConfig;
  calls?: CallSnapshot[];
}

/** The side with role "offer" makes the webrtc:offer of its bridge. */
export type BridgeRole = "offer" | "answer";

export interface PresenceRow {
  extension: string;
  username?: string;
  status: string;
  client_count: number;
}

export interface Push {
  type: string;
  position?: number;
  data: Record<string, unknown>;
}

export interface Reply {
  type: "reply";
  id: number;
  data: { success: boolean; error?: string; code?: string } & Record<string, unknown>;
}

/** A command that the server refused, or that got no answer in time (code "no-answer"). */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

// Payload fields are read through these: a push with a missing field must not throw in a handler.
export const text = (data: Record<string, unknown>, key: string): string =>
  typeof data[key] === "string" ? (data[key] as string) : "";
export const number = (data: Record<string, unknown>, key: string): number =>
  typeof data[key] === "number" ? (data[key] as number) : 0;
export const flag = (data: Record<string, unknown>, key: string): boolean => data[key] === true;
