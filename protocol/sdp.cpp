#include "protocol/sdp.hpp"

#include "core/limits.hpp"

#include <algorithm>

namespace strowger::protocol {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_token(char c) { // RFC 8866 token-char, the part that is used
  return is_alpha(c) || is_digit(c) ||
         std::string_view{"!#$%&'*+-.^_`{|}~"}.find(c) != std::string_view::npos;
}
bool is_ice(char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/'; }
bool is_address(char c) {
  return is_alpha(c) || is_digit(c) || c == '.' || c == ':' || c == '-' || c == '%';
}
template <class Test>
bool all(std::string_view text, std::size_t min, std::size_t max, const Test& test) {
  return text.size() >= min && text.size() <= max && std::ranges::all_of(text, test);
}

// Takes the next word; words are separated by exactly one space.
std::string_view next(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool is_port(std::string_view word) {
  if (!all(word, 1, 5, is_digit)) return false;
  int port = 0;
  for (const char c : word) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool is_media(std::string_view line) { // m=<media> <port>[/<count>] <proto> <fmt> ...
  line.remove_prefix(2);
  const auto media = next(line);
  auto port = next(line);
  if (const auto slash = port.find('/'); slash != port.npos) {
    if (!all(port.substr(slash + 1), 1, 5, is_digit)) return false;
    port = port.substr(0, slash);
  }
  const auto proto = next(line);
  return all(media, 1, 32, is_token) && is_port(port) &&
         all(proto, 1, 64, [](char c) { return is_token(c) || c == '/'; }) && !next(line).empty();
}

} // namespace

std::string_view sdp_fault(std::string_view sdp) {
  if (sdp.empty()) return "the description is empty";
  if (sdp.size() > limits::sdp_bytes_max) return "the description is too long";
  for (std::size_t number = 0; !sdp.empty(); ++number) {
    const auto end = std::min(sdp.find('\n'), sdp.size());
    auto line = sdp.substr(0, end);
    sdp.remove_prefix(std::min(end + 1, sdp.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 0 && line != "v=0") return "the first line is not v=0";
    if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z')
      return "a line is not <type>=<value>";
    if (number == 1 && line[0] != 'o') return "the second line is not o=";
    if (std::ranges::any_of(line, [](char c) { return c == '\0' || c == '\r'; }))
      return "a line holds a control character";
    if (line[0] == 'm' && !is_media(line)) return "an m= line is malformed";
    if (sdp.empty() && number == 0) return "there is only one line";
  }
  return {};
}

std::string_view candidate_fault(std::string_view candidate) {
  if (candidate.empty()) return {};
  if (candidate.size() > limits::candidate_bytes_max) return "the candidate is too long";
  constexpr std::string_view prefix = "candidate:";
  if (!candidate.starts_with(prefix)) return "it does not start with candidate:";
  candidate.remove_prefix(prefix.size());
  if (!all(next(candidate), 1, 32, is_ice)) return "the foundation is malformed";
  if (!all(next(candidate), 1, 5, is_digit)) return "the component is malformed";
  if (!all(next(candidate), 1, 16, is_token)) return "the transport is malformed";
  if (!all(next(candidate), 1, 10, is_digit)) return "the priority is malformed";
  if (!all(next(candidate), 1, 255, is_address)) return "the address is malformed";
  if (!is_port(next(candidate))) return "the port is malformed";
  if (next(candidate) != "typ") return "typ is missing";
  if (!all(next(candidate), 1, 32, is_token)) return "the type is malformed";
  while (!candidate.empty()) { // raddr, rport and extensions: pairs of a name and a value
    const auto name = next(candidate);
    const auto content = next(candidate);
    const auto printable = [](char c) { return c > ' ' && c < 0x7F; };
    if (!all(name, 1, 64, is_token) || !all(content, 1, 256, printable))
      return "an extension attribute is malformed";
    if (name == "raddr" && !all(content, 1, 255, is_address)) return "raddr is malformed";
    if (name == "rport" && !is_port(content)) return "rport is malformed";
  }
  return {};
}

outcome<std::string> dial_target(std::string_view text) {
  const auto phone = [](char c) {
    return is_digit(c) || std::string_view{"+ ().-"}.find(c) != std::string_view::npos;
  };
  std::string out{text};
  if (text.size() <= 2 * limits::target_digits_max && std::ranges::all_of(text, phone))
    std::erase_if(out, [](char c) { return !is_digit(c) && c != '+'; });
  const auto allowed = [](char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view{"*#+._-"}.find(c) != std::string_view::npos;
  };
  if (!all(out, 1, limits::target_digits_max, allowed))
    return failure{errc::value_out_of_range, "not a number that can be dialled", 0};
  return out;
}

} // namespace strowger::protocol
