#include "protocol/errors.hpp"

#include <array>

namespace strowger::protocol {
namespace {

constexpr std::array<error_row, errc_count> rows{{
    {errc::ok, "ok", 200, "OK", "OK"},
    {errc::malformed_json, "malformed-json", 400, "Malformed JSON", "Malformed JSON"},
    {errc::malformed_message, "malformed-message", 400, "Malformed message", "Malformed message"},
    {errc::missing_field, "missing-field", 400, "Missing field", "Missing field"},
    {errc::wrong_type, "wrong-type", 400, "Wrong type", "Field has the wrong type"},
    {errc::unknown_field, "unknown-field", 400, "Unknown field", "Unknown field"},
    {errc::value_out_of_range, "value-out-of-range", 400, "Value out of range",
     "Value out of range"},
    {errc::body_too_large, "body-too-large", 413, "Content too large", "Request body too large"},
    {errc::header_too_large, "header-too-large", 431, "Request header fields too large",
     "Request header too large"},
    {errc::malformed_sdp, "malformed-sdp", 422, "Malformed SDP", "Malformed SDP"},
    {errc::malformed_candidate, "malformed-candidate", 422, "Malformed ICE candidate",
     "Malformed ICE candidate"},
    {errc::unsupported_media_type, "unsupported-media-type", 415, "Unsupported media type",
     "Content-Type must be application/json"},
    {errc::unknown_message, "unknown-message", 400, "Unknown message", "Unknown message type"},
    {errc::not_found, "not-found", 404, "Not found", "Not found"},
    {errc::method_not_allowed, "method-not-allowed", 405, "Method not allowed",
     "Method not allowed"},
    {errc::token_missing, "token-missing", 401, "Authentication required",
     "Authentication required"},
    {errc::token_invalid, "token-invalid", 401, "Invalid token", "Invalid token"},
    {errc::token_expired, "token-expired", 401, "Token expired", "Token expired"},
    {errc::wrong_credentials, "wrong-credentials", 401, "Wrong credentials",
     "Invalid username or password"},
    {errc::too_many_attempts, "too-many-attempts", 429, "Too many attempts",
     "Too many login attempts"},
    {errc::too_many_sessions, "too-many-sessions", 429, "Too many sessions",
     "Too many sessions from this address"},
    {errc::origin_refused, "origin-refused", 403, "Origin not allowed", "Origin not allowed"},
    {errc::forbidden, "forbidden", 403, "Forbidden", "Forbidden"},
    {errc::extension_not_owned, "extension-not-owned", 403, "Extension not owned",
     "Extension belongs to another agent"},
    {errc::agent_unknown, "agent-unknown", 404, "Unknown agent", "Agent not found"},
    {errc::username_taken, "username-taken", 409, "User name taken", "Username already in use"},
    {errc::extension_in_use, "extension-in-use", 409, "Extension in use",
     "Extension already in use"},
    {errc::extension_unknown, "extension-unknown", 404, "Unknown extension", "Extension not found"},
    {errc::target_not_found, "target-not-found", 404, "Target not found",
     "Target extension not found"},
    {errc::target_offline, "target-offline", 409, "Target offline", "Target user is not online"},
    {errc::no_client_for_target, "no-client-for-target", 409, "No client",
     "No client found for extension"},
    {errc::no_calling_device, "no-calling-device", 409, "No calling device",
     "No connected device to call from"},
    {errc::session_unknown, "session-unknown", 404, "Unknown session", "Session not found"},
    {errc::session_closed, "session-closed", 410, "Session closed", "Session is closed"},
    {errc::device_unknown, "device-unknown", 404, "Unknown device", "Device not found"},
    {errc::call_unknown, "call-unknown", 404, "Unknown call", "Call not found"},
    {errc::call_over, "call-over", 409, "Call is over", "Call is over"},
    {errc::call_not_ringing, "call-not-ringing", 409, "Call is not ringing", "Call is not ringing"},
    {errc::call_not_answered, "call-not-answered", 409, "Call is not answered",
     "Call is not answered"},
    {errc::answered_elsewhere, "answered-elsewhere", 409, "Answered elsewhere",
     "Call was answered elsewhere"},
    {errc::not_in_call, "not-in-call", 403, "Not in this call", "Device is not in this call"},
    {errc::target_busy, "target-busy", 409, "Target busy", "Target is busy"},
    {errc::self_call, "self-call", 409, "Call to oneself", "Cannot call your own extension"},
    {errc::transfer_pending, "transfer-pending", 409, "Transfer pending",
     "A transfer is already pending"},
    {errc::no_transfer_pending, "no-transfer-pending", 409, "No transfer pending",
     "No transfer is pending"},
    {errc::stale_bridge, "stale-bridge", 409, "Stale bridge",
     "This media description belongs to an earlier connection"},
    {errc::no_peer_yet, "no-peer-yet", 409, "No peer yet", "Nobody is there to receive this yet"},
    {errc::too_many_candidates, "too-many-candidates", 429, "Too many candidates",
     "Too many ICE candidates"},
    {errc::too_many_devices, "too-many-devices", 429, "Too many devices",
     "Too many devices for this extension"},
    {errc::too_many_calls, "too-many-calls", 429, "Too many calls",
     "Too many calls on this device"},
    {errc::method_not_supported, "method-not-supported", 501, "Method not supported",
     "Call method not supported"},
    {errc::transport_unknown, "transport-unknown", 404, "Unknown transport", "Transport not found"},
    {errc::transport_connected, "transport-connected", 409, "Transport connected",
     "Transport is already connected"},
    {errc::wrong_direction, "wrong-direction", 409, "Wrong direction",
     "Transport has the other direction"},
    {errc::producer_unknown, "producer-unknown", 404, "Unknown producer", "Producer not found"},
    {errc::consumer_unknown, "consumer-unknown", 404, "Unknown consumer", "Consumer not found"},
    {errc::codec_not_supported, "codec-not-supported", 422, "Codec not supported",
     "Codec is not supported"},
    {errc::cannot_consume, "cannot-consume", 422, "Cannot consume", "Cannot consume this producer"},
    {errc::too_many_transports, "too-many-transports", 429, "Too many transports",
     "Too many transports on this device"},
    {errc::too_many_streams, "too-many-streams", 429, "Too many streams",
     "Too many streams on this transport"},
    {errc::media_unavailable, "media-unavailable", 503, "Media relay not available",
     "Media relay is not available"},
    {errc::media_not_relayed, "media-not-relayed", 409, "Media not relayed",
     "Media of this call does not go through the relay"},
    {errc::consent_missing, "consent-missing", 422, "Consent missing",
     "Recording needs consent: given or not_required"},
    {errc::not_recording, "not-recording", 409, "Not recording", "Call is not being recorded"},
    {errc::too_many_recordings, "too-many-recordings", 429, "Too many recordings",
     "Too many recordings"},
    {errc::recording_unknown, "recording-unknown", 404, "Unknown recording",
     "Recording not found"},
    {errc::precondition_required, "precondition-required", 428, "Precondition required",
     "If-Match is required"},
    {errc::precondition_failed, "precondition-failed", 412, "Precondition failed",
     "Stream session was changed meanwhile"},
    {errc::feature_not_licensed, "feature-not-licensed", 403, "Feature not licensed",
     "WebRTC extension feature not licensed"},
    {errc::user_limit_reached, "user-limit-reached", 429, "User limit reached",
     "Maximum user limit reached"},
    {errc::license_expired, "license-expired", 403, "License expired", "License expired"},
    {errc::license_unknown, "license-unknown", 404, "Unknown license", "License not found"},
    {errc::license_suspended, "license-suspended", 403, "License suspended", "License suspended"},
    {errc::license_revoked, "license-revoked", 403, "License revoked", "License revoked"},
    {errc::license_not_started, "license-not-started", 403, "License not yet valid",
     "License not yet valid"},
    {errc::signed_in_elsewhere, "signed-in-elsewhere", 409, "Signed in elsewhere",
     "User is already signed in on another device"},
    {errc::seat_lost, "seat-lost", 403, "Seat lost", "Session no longer has a seat"},
    {errc::master_away, "master-away", 503, "License server away",
     "License server cannot be reached"},
    {errc::stale_lease, "stale-lease", 409, "Stale lease", "A later lease exists"},
    {errc::too_many_slaves, "too-many-slaves", 429, "Too many slaves",
     "Too many servers for this license"},
    {errc::statement_invalid, "statement-invalid", 422, "Statement not valid",
     "Signed statement is not valid"},
    {errc::license_changed, "license-changed", 412, "License changed",
     "License was changed meanwhile"},
    {errc::wrong_role, "wrong-role", 409, "Wrong role", "This server's role does not do that"},
    {errc::feature_disabled, "feature-disabled", 403, "Feature disabled", "WebRTC is disabled"},
    {errc::invitation_failed, "invitation-failed", 502, "Invitation failed",
     "Failed to send call invitation"},
    {errc::hub_not_available, "hub-not-available", 503, "Not available",
     "WebSocket hub not available"},
    {errc::busy, "busy", 503, "Busy", "Server is busy"},
    {errc::outcome_unknown, "outcome-unknown", 503, "Outcome unknown",
     "The outcome is unknown; repeat with the same command id"},
    {errc::command_id_reused, "command-id-reused", 422, "Command id reused",
     "This command id was used for another command"},
    {errc::storage_failed, "storage-failed", 503, "Storage failed", "Storage failed"},
    {errc::internal, "internal", 500, "Internal error", "Internal error"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].why) != i || rows[i].code.empty()) return false;
  return true;
}
static_assert(in_order(), "one row per errc, in the order of the enumeration");

} // namespace

const error_row& row_of(errc why) {
  const auto index = static_cast<std::size_t>(why);
  return rows[index < rows.size() ? index : static_cast<std::size_t>(errc::internal)];
}

std::string text_of(const failure& what) {
  std::string text{row_of(what.why).text};
  if (what.why == errc::no_client_for_target && !what.detail.empty()) text += ": " + what.detail;
  return text;
}

value refusal(const failure& what) {
  value out{value::object{}};
  out.set("success", false).set("error", text_of(what)).set("code", row_of(what.why).code);
  if (!what.detail.empty() && what.why != errc::no_client_for_target)
    out.set("detail", what.detail);
  if (what.retry_after_ms > 0) out.set("retry_after_ms", what.retry_after_ms);
  if (!what.receipt.empty()) out.set("receipt", what.receipt);
  return out;
}

value problem(const failure& what, std::string_view instance) {
  const auto& row = row_of(what.why);
  value out{value::object{}};
  out.set("type", "urn:strowger:error:" + std::string{row.code})
      .set("title", row.title)
      .set("status", row.status)
      .set("detail", what.detail.empty() || what.why == errc::no_client_for_target
                         ? text_of(what)
                         : text_of(what) + ": " + what.detail)
      .set("instance", instance)
      .set("success", false)
      .set("error", text_of(what))
      .set("code", row.code);
  if (!what.receipt.empty()) out.set("receipt", what.receipt);
  return out;
}

} // namespace strowger::protocol
