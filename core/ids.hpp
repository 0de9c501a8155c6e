// Ids as types: past the parser nothing is a bare string. All are opaque and compared by bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace strowger {

template <class Tag> struct id {
  std::string value;

  id() = default;
  explicit id(std::string text) : value(std::move(text)) {}
  explicit id(std::string_view text) : value(text) {}
  explicit id(const char* text) : value(text) {}

  bool empty() const { return value.empty(); }
  auto operator<=>(const id&) const = default;
};

using tenant_id = id<struct tenant_tag>;       // clear text, chosen by the operator
using agent_id = id<struct agent_tag>;         // keyed digest of (tenant, user name)
using extension_id = id<struct extension_tag>; // keyed digest of (tenant, number)
using session_id = id<struct session_tag>;     // unguessable: it authorises its own requests
using device_id = id<struct device_tag>;       // one browser, phone or REST client of an extension
using call_id = id<struct call_tag>;
using license_id = id<struct license_tag>;
using slave_id = id<struct slave_tag>;     // a node that leases seats from a master
using command_id = id<struct command_tag>; // the same id means the same command
using subject_id = id<struct subject_tag>; // whose personal fields these are

using position = std::uint64_t;        // place of a record in the shard's log, from 1
using client_position = std::uint64_t; // position * 16 + message index; below 2^53
using version = std::uint64_t;         // place of a record in its stream, from 1
using incarnation = std::uint64_t;     // start number of the node that owns the shard

inline constexpr client_position messages_per_event_max = 16;

} // namespace strowger
