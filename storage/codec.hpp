// Events and states to msgpack and back, by their `fields` description; personal fields sealed.
// Maps with field names as keys; unknown keys are skipped (a newer writer), missing ones keep their
// default (an older writer). Decoding never trusts its input: every size and depth is limited.
#pragma once

#include "core/fields.hpp"
#include "core/personal.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace strowger::storage {

// Thrown by decode: the bytes are not what this version of the program can read.
struct decode_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Any described struct, e.g. an aggregate's state.
//   template <described T> std::string encode(const T&, const tenant_id&, vault&);
//   template <described T> T decode(std::string_view bytes, const tenant_id&, vault&);
// A variant of events; the tag chooses the alternative, `upcast` lifts old versions first.
//   template <class Event> event_data encode_event(const Event&, const tenant_id&, vault&);
//   template <class Event> Event decode_event(std::string_view tag, std::string_view payload,
//                                             const tenant_id&, vault&);
// Plain bytes of a state for "replay equals live": personal fields are written as their plain
// value.
//   template <described T> std::string fingerprint(const T&);

} // namespace strowger::storage

#include "storage/codec.inl"
