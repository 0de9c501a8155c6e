// What went wrong, in a sentence that says what to do.

import { ApiError } from "../../client/api.ts";
import { CommandError } from "../../client/wire.ts";

const microphone: Record<string, string> = {
  InsecureContext:
    "Browsers only allow the microphone on HTTPS or on this very machine. Open this page with https://.",
  NotAllowedError:
    "The browser was not allowed to use the microphone. Allow it in the address bar, then try again.",
  NotFoundError: "No microphone was found. Plug one in, then try again.",
  NotReadableError: "Another program is using the microphone. Close it, then try again.",
};

const refused: Record<string, string> = {
  offline: "There is no connection to the server right now. Try again when it is back.",
  "no-answer": "The server did not answer in time. Try again.",
  "target-not-found": "There is no such extension. Check the number.",
  "target-offline": "Nobody is signed in at that extension.",
  "no-client-for-target": "That extension has no connected device.",
  "target-busy": "That extension is busy.",
  "self-call": "You cannot call your own extension.",
  "answered-elsewhere": "The call was answered on another device.",
  "call-over": "That call is over.",
  "transfer-pending": "A transfer is already under way.",
  "too-many-calls": "Too many calls at once. End one first.",
  "user-limit-reached": "All seats of the license are in use. Ask your administrator.",
};

const ended: Record<string, string> = {
  hangup: "Call ended",
  transferred: "Call transferred",
  answered_elsewhere: "Answered on another device",
  caller_cancelled: "The caller hung up",
  cancelled: "Call cancelled",
  no_answer: "No answer",
  rejected: "Call rejected",
  busy: "Busy",
  unreachable: "Could not be reached",
  device_lost: "The connection to a device was lost",
  lost: "The call ended while this page was not connected",
};

export function errorSentence(error: unknown): string {
  if (error instanceof DOMException) {
    return microphone[error.name] ?? `The microphone could not be used: ${error.message}`;
  }
  if (error instanceof CommandError) return refused[error.code] ?? `${error.message}.`;
  if (error instanceof ApiError) return apiSentence(error);
  return error instanceof Error ? error.message : String(error);
}

function apiSentence(error: ApiError): string {
  if (error.status === 0) {
    return "The server cannot be reached. Check the network, then try again.";
  }
  if (error.status === 401) return "The user name or the password is wrong.";
  if (error.status === 429 && error.retryAfterSeconds !== undefined) {
    return `${error.message}. Try again in ${error.retryAfterSeconds} seconds.`;
  }
  return `${error.message}.`;
}

export function endedSentence(reason: string): string {
  return ended[reason] ?? `Call ended: ${reason.replaceAll(/[-_]/g, " ")}`;
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
