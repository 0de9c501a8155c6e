#include "http/subprotocol.hpp"

#include "http/url.hpp"

namespace strowger::http {
namespace {

constexpr std::string_view json_name = "strowger.v1.json", msgpack_name = "strowger.v1.msgpack";

} // namespace

bool choose_subprotocol(std::string_view offered, std::string& chosen, native::encoding& how) {
  const auto names = split_list(offered);
  chosen.clear();
  how = native::encoding::json;
  bool bearer = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == json_name || names[i] == msgpack_name) {
      chosen = names[i];
      how = names[i] == msgpack_name ? native::encoding::msgpack : native::encoding::json;
      return true;
    }
    if (names[i] == "bearer") {
      bearer = true;
      ++i; // the token
    }
  }
  if (bearer) chosen = "bearer";
  return bearer || names.empty();
}

std::uint16_t close_code(errc why) {
  switch (why) {
  case errc::ok:
    return 1000; // signed out
  case errc::hub_not_available:
    return 1001; // draining
  case errc::busy:
    return 1013; // too slow for what there is to say
  case errc::unsupported_media_type:
    return 1003;
  case errc::internal:
  case errc::storage_failed:
    return 1011;
  default:
    return 1008; // token revoked, device taken over, ...
  }
}

} // namespace strowger::http
