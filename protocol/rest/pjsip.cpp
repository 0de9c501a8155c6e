#include "protocol/rest/pjsip.hpp"

#include "core/limits.hpp"

#include <algorithm>

namespace strowger::protocol::rest {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <class Good> bool all(const std::string& text, const Good& good) {
  return !text.empty() && text.size() <= limits::text_bytes_max && std::ranges::all_of(text, good);
}

// In quotes, in a file where ; begins a comment, [ a section, # and $ a command: letters (those
// beyond ASCII too), digits and a few marks stay.
std::string display_name(std::string text) {
  for (char& c : text)
    if (!is_letter(c) && !is_digit(c) && static_cast<unsigned char>(c) < 128 &&
        std::string_view{" -_.@+'"}.find(c) == std::string_view::npos)
      c = '_';
  return text;
}

} // namespace

outcome<std::string> render_pjsip(const answer::sip_account& who) {
  if (!all(who.extension, is_digit)) return failure{errc::value_out_of_range, "extension", 0};
  const auto plain = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  if (!all(who.secret, plain)) return failure{errc::value_out_of_range, "password", 0};
  const auto section = "[" + who.extension + "]\n";
  std::string out = section;
  out += "type=endpoint\n"
         "transport=transport-wss\n"
         "webrtc=yes\n"
         "context=";
  out += pjsip_context;
  out += "\ndisallow=all\n"
         "allow=opus,ulaw,alaw\n"
         "direct_media=no\n";
  out += "auth=" + who.extension + "\n";
  out += "aors=" + who.extension + "\n";
  out += "callerid=\"" + display_name(who.username) + "\" <" + who.extension + ">\n\n";
  out += section;
  out += "type=auth\nauth_type=userpass\n";
  out += "username=" + who.extension + "\n";
  out += "password=" + who.secret + "\n\n";
  out += section;
  out += "type=aor\nmax_contacts=" + std::to_string(limits::devices_per_extension_max) + "\n";
  out += "remove_existing=yes\n";
  return out;
}

} // namespace strowger::protocol::rest
