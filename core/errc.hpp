// Every condition a caller can be told about. Texts and codes stand in protocol/errors.cpp.
#pragma once

#include <cstdint>

namespace strowger {

enum class errc : std::uint16_t {
  ok = 0,
  // the request itself
  malformed_json,
  malformed_message,
  missing_field,
  wrong_type,
  unknown_field,
  value_out_of_range,
  body_too_large,
  header_too_large,
  malformed_sdp,
  malformed_candidate,
  unsupported_media_type,
  unknown_message,
  not_found,
  method_not_allowed,
  // who asks
  token_missing,
  token_invalid,
  token_expired,
  wrong_credentials,
  too_many_attempts,
  origin_refused,
  forbidden,
  extension_not_owned,
  // things
  agent_unknown,
  username_taken,
  extension_in_use,
  extension_unknown,
  target_not_found,
  target_offline,
  no_client_for_target,
  no_calling_device,
  session_unknown,
  session_closed,
  device_unknown,
  call_unknown,
  call_over,
  call_not_ringing,
  call_not_answered,
  answered_elsewhere,
  not_in_call,
  target_busy,
  self_call,
  transfer_pending,
  no_transfer_pending,
  stale_bridge,
  no_peer_yet,
  too_many_candidates,
  too_many_devices,
  too_many_calls,
  method_not_supported,
  // license
  feature_not_licensed,
  user_limit_reached,
  license_expired,
  license_unknown,
  license_suspended,
  license_revoked,
  license_not_started,
  signed_in_elsewhere,
  seat_lost,
  master_away,
  stale_lease,
  too_many_slaves,
  statement_invalid,
  wrong_role,
  // the feature and the server
  feature_disabled,
  invitation_failed,
  hub_not_available,
  busy,
  outcome_unknown,
  command_id_reused,
  storage_failed,
  internal,
};

inline constexpr std::uint16_t errc_count = static_cast<std::uint16_t>(errc::internal) + 1;

} // namespace strowger
