#include "protocol/sse/sse.hpp"

#include "protocol/describe.hpp"
#include "protocol/json.hpp"

#include <charconv>

namespace strowger::protocol::sse {

std::string render(std::string_view name, const value& data, client_position at) {
  std::string out;
  if (at) out += "id: " + std::to_string(at) + "\n";
  out += "event: ";
  out += name;
  out += "\ndata: "; // JSON escapes line breaks, so one data line always suffices
  out += write_json(data);
  out += "\n\n";
  return out;
}

std::string render_push(const notice::any& what, client_position at) {
  return std::visit([&](const auto& x) { return render(x.name, to_value(x), at); }, what);
}

bool parse_position(std::string_view text, client_position& out) {
  if (text.empty() || text.size() > 16) return false;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && out < (1ULL << 53);
}

} // namespace strowger::protocol::sse
