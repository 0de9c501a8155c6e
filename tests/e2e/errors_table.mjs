// The documented errors, as clients were promised them: code, status and exact text. Rows name the
// code; `refused` checks the rest and remembers that the code was seen.
import assert from "node:assert/strict";

export const documented = {
  "malformed-json": [400, "Malformed JSON"],
  "malformed-message": [400, "Malformed message"],
  "missing-field": [400, "Missing field"],
  "wrong-type": [400, "Field has the wrong type"],
  "unknown-field": [400, "Unknown field"],
  "value-out-of-range": [400, "Value out of range"],
  "body-too-large": [413, "Request body too large"],
  "header-too-large": [431, "Request header too large"],
  "malformed-sdp": [422, "Malformed SDP"],
  "malformed-candidate": [422, "Malformed ICE candidate"],
  "unsupported-media-type": [415, "Content-Type must be application/json"],
  "unknown-message": [400, "Unknown message type"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "token-missing": [401, "Authentication required"],
  "token-invalid": [401, "Invalid token"],
  "token-expired": [401, "Token expired"],
  "wrong-credentials": [401, "Invalid username or password"],
  "too-many-attempts": [429, "Too many login attempts"],
  "too-many-sessions": [429, "Too many sessions from this address"],
  "origin-refused": [403, "Origin not allowed"],
  forbidden: [403, "Forbidden"],
  "extension-not-owned": [403, "Extension belongs to another agent"],
  "agent-unknown": [404, "Agent not found"],
  "username-taken": [409, "Username already in use"],
  "extension-in-use": [409, "Extension already in use"],
  "extension-unknown": [404, "Extension not found"],
  "target-not-found": [404, "Target extension not found"],
  "target-offline": [409, "Target user is not online"],
  "no-client-for-target": [409, "No client found for extension"],
  "no-calling-device": [409, "No connected device to call from"],
  "session-unknown": [404, "Session not found"],
  "session-closed": [410, "Session is closed"],
  "device-unknown": [404, "Device not found"],
  "call-unknown": [404, "Call not found"],
  "call-over": [409, "Call is over"],
  "call-not-ringing": [409, "Call is not ringing"],
  "call-not-answered": [409, "Call is not answered"],
  "answered-elsewhere": [409, "Call was answered elsewhere"],
  "not-in-call": [403, "Device is not in this call"],
  "target-busy": [409, "Target is busy"],
  "self-call": [409, "Cannot call your own extension"],
  "transfer-pending": [409, "A transfer is already pending"],
  "no-transfer-pending": [409, "No transfer is pending"],
  "stale-bridge": [409, "This media description belongs to an earlier connection"],
  "no-peer-yet": [409, "Nobody is there to receive this yet"],
  "too-many-candidates": [429, "Too many ICE candidates"],
  "too-many-devices": [429, "Too many devices for this extension"],
  "too-many-calls": [429, "Too many calls on this device"],
  "method-not-supported": [501, "Call method not supported"],
  "transport-unknown": [404, "Transport not found"],
  "transport-connected": [409, "Transport is already connected"],
  "wrong-direction": [409, "Transport has the other direction"],
  "producer-unknown": [404, "Producer not found"],
  "consumer-unknown": [404, "Consumer not found"],
  "codec-not-supported": [422, "Codec is not supported"],
  "cannot-consume": [422, "Cannot consume this producer"],
  "too-many-transports": [429, "Too many transports on this device"],
  "too-many-streams": [429, "Too many streams on this transport"],
  "media-unavailable": [503, "Media relay is not available"],
  "media-not-relayed": [409, "Media of this call does not go through the relay"],
  "consent-missing": [422, "Recording needs consent: given or not_required"],
  "not-recording": [409, "Call is not being recorded"],
  "too-many-recordings": [429, "Too many recordings"],
  "recording-unknown": [404, "Recording not found"],
  "precondition-required": [428, "If-Match is required"],
  "precondition-failed": [412, "Stream session was changed meanwhile"],
  "feature-not-licensed": [403, "WebRTC extension feature not licensed"],
  "user-limit-reached": [429, "Maximum user limit reached"],
  "license-expired": [403, "License expired"],
  "license-unknown": [404, "License not found"],
  "license-suspended": [403, "License suspended"],
  "license-revoked": [403, "License revoked"],
  "license-not-started": [403, "License not yet valid"],
  "signed-in-elsewhere": [409, "User is already signed in on another device"],
  "seat-lost": [403, "Session no longer has a seat"],
  "master-away": [503, "License server cannot be reached"],
  "stale-lease": [409, "A later lease exists"],
  "too-many-slaves": [429, "Too many servers for this license"],
  "statement-invalid": [422, "Signed statement is not valid"],
  "license-changed": [412, "License was changed meanwhile"],
  "wrong-role": [409, "This server's role does not do that"],
  "feature-disabled": [403, "WebRTC is disabled"],
  "invitation-failed": [502, "Failed to send call invitation"],
  "hub-not-available": [503, "WebSocket hub not available"],
  busy: [503, "Server is busy"],
  "outcome-unknown": [503, "The outcome is unknown; repeat with the same command id"],
  "command-id-reused": [422, "This command id was used for another command"],
  "storage-failed": [503, "Storage failed"],
  internal: [500, "Internal error"],
};

// Not to be had from this server on purpose: the C++ test that makes each of them.
export const elsewhere = {
  "user-limit-reached": ["user_limit_reached", "actors/license/license.test.cpp"],
  "transport-unknown": ["transport_unknown", "media/desk.test.cpp"],
  "transport-connected": ["transport_connected", "media/desk.test.cpp"],
  "wrong-direction": ["wrong_direction", "media/desk.test.cpp"],
  "producer-unknown": ["producer_unknown", "media/desk.test.cpp"],
  "consumer-unknown": ["consumer_unknown", "media/desk.test.cpp"],
  "codec-not-supported": ["codec_not_supported", "protocol/mediasoup/mediasoup.test.cpp"],
  "cannot-consume": ["cannot_consume", "media/desk.test.cpp"],
  "too-many-transports": ["too_many_transports", "media/desk.test.cpp"],
  "too-many-streams": ["too_many_streams", "media/desk.test.cpp"],
  "too-many-sessions": ["too_many_sessions", "http/eio_table.test.cpp"],
  "media-unavailable": ["media_unavailable", "media/desk.test.cpp"],
  "media-not-relayed": ["media_not_relayed", "actors/call/recording.test.cpp"],
  "consent-missing": ["consent_missing", "actors/call/recording.test.cpp"],
  "not-recording": ["not_recording", "actors/call/recording.test.cpp"],
  "too-many-recordings": ["too_many_recordings", "actors/call/recording.test.cpp"],
  "recording-unknown": ["recording_unknown", "actors/call/recording.test.cpp"],
  "precondition-required": ["precondition_required", "protocol/errors.test.cpp"],
  "precondition-failed": ["precondition_failed", "protocol/errors.test.cpp"],
  "license-expired": ["license_expired", "actors/license/license.test.cpp"],
  "license-suspended": ["license_suspended", "actors/license/lease.test.cpp"],
  "license-revoked": ["license_revoked", "actors/license/lease.test.cpp"],
  "license-not-started": ["license_not_started", "actors/license/lease.test.cpp"],
  "signed-in-elsewhere": ["signed_in_elsewhere", "actors/license/lease.test.cpp"],
  "seat-lost": ["seat_lost", "actors/license/lease.test.cpp"],
  "master-away": ["master_away", "actors/license/lease.test.cpp"],
  "stale-lease": ["stale_lease", "actors/license/lease.test.cpp"],
  "too-many-slaves": ["too_many_slaves", "http/licenses.test.cpp"],
  "statement-invalid": ["statement_invalid", "http/licenses.test.cpp"],
  "license-changed": ["license_changed", "actors/license/change.test.cpp"],
  "wrong-role": ["wrong_role", "http/licenses.test.cpp"],
  "invitation-failed": ["invitation_failed", "http/rest.test.cpp"],
  "hub-not-available": ["hub_not_available", "http/rest.test.cpp"],
  "outcome-unknown": ["outcome_unknown", "actors/runtime/shell.test.cpp"],
  "storage-failed": ["storage_failed", "actors/runtime/engine.test.cpp"],
  internal: ["internal", "http/rest.test.cpp"],
};

export const seen = new Set();

function textOf(code, extension) {
  return code === "no-client-for-target"
    ? `${documented[code][1]}: ${extension}`
    : documented[code][1];
}

/** An HTTP refusal: problem+json with the documented status, code and text. `about` is what the
 *  detail names (a field, most often). */
export function refused(name, got, code, about) {
  const [status] = documented[code];
  const say = `${name}: ${got.status} ${JSON.stringify(got.body ?? got.text)}`;
  const error = textOf(code, about);
  assert.deepEqual(
    [got.status, got.body?.code, got.body?.error, got.body?.success, got.body?.status],
    [status, code, error, false, status],
    say,
  );
  assert.equal(got.headers["content-type"], "application/problem+json", say);
  assert.equal(got.body.type, `urn:strowger:error:${code}`, say);
  if (about && error === documented[code][1])
    assert.equal(got.body.detail, `${error}: ${about}`, say);
  if (status === 503 || status === 429)
    assert.ok(Number(got.headers["retry-after"]) > 0, `${say}: Retry-After`);
  if (status === 401) assert.match(got.headers["www-authenticate"] ?? "", /^Bearer/, say);
  seen.add(code);
}

/** A refusal in the `data` of a reply on /ws. */
export function declined(name, data, code, about) {
  const say = `${name}: ${JSON.stringify(data)}`;
  const error = textOf(code, about);
  assert.deepEqual([data.success, data.code, data.error], [false, code, error], say);
  if (about && error === documented[code][1]) assert.equal(data.detail, about, say);
  seen.add(code);
}

/** Runs every row, and fails with all that failed. */
export async function each(rows, run) {
  const failures = [];
  for (const row of rows) {
    try {
      await run(...row);
    } catch (error) {
      failures.push(`${row[0]}: ${error.message}`);
    }
  }
  assert.equal(
    failures.length,
    0,
    `${failures.length} of ${rows.length} rows:\n${failures.join("\n")}`,
  );
}
